using System.Collections.Concurrent;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>
/// A handful of viewers for whom there is something to send, as one item of work of the thread pool: small enough that
/// requests in between wait for less than a millisecond, large enough that the pool costs nothing beside the sends.
/// </summary>
internal sealed class Batch : IThreadPoolWorkItem
{
    private const int Size = 64;

    private readonly Viewer?[] _viewers = new Viewer?[Size];
    private readonly Batches _home;
    private int _count;

    private Batch(Batches home) => _home = home;

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        for (var i = 0; i < _count; i++)
        {
            _viewers[i]!.Run();
            _viewers[i] = null;
        }

        _count = 0;
        _home.Spare.Enqueue(this);
    }

    /// <summary>The batches of one encoder, which alone may add.</summary>
    internal sealed class Batches
    {
        private Batch? _filling;

        /// <summary>
        /// Batches to be filled again. Never more than viewers were started at once, for a viewer is started once.
        /// </summary>
        public ConcurrentQueue<Batch> Spare { get; } = new();

        /// <summary>Adds a viewer whose mailbox said that it is to be started.</summary>
        public void Add(Viewer viewer)
        {
            _filling ??= Spare.TryDequeue(out var spare) ? spare : new Batch(this);
            _filling._viewers[_filling._count++] = viewer;
            if (_filling._count == Size)
            {
                Flush();
            }
        }

        /// <summary>Hands what was added to the pool.</summary>
        public void Flush()
        {
            if (_filling is not null)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_filling, preferLocal: false);
                _filling = null;
            }
        }
    }
}
