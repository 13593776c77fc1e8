using Hostscope.Model;

namespace Hostscope.Recorder;

/// <summary>A tick as the recorder copied it.</summary>
internal sealed class TickCopy
{
    public Frame Frame { get; } = new();

    public ProcessTable Processes { get; } = new();

    public CgroupTable Cgroups { get; } = new();

    public bool HasProcesses { get; set; }

    public bool HasCgroups { get; set; }

    /// <summary>Ticks that found no place just before this one.</summary>
    public long LostBefore { get; set; }
}

/// <summary>
/// Between the sampler, which never waits, and the recorder, which may wait for a disk. A tick that finds no place is
/// dropped and counted. One thread puts, one takes.
/// </summary>
internal sealed class TickQueue : IDisposable
{
    /// <summary>
    /// Half a minute at 1 Hz: longer than a disk's worst hiccup. Memory is only taken for places that were needed at
    /// once: in a calm time two, with 1,000 series and 400 processes 50 KB each.
    /// </summary>
    public const int Capacity = 30;

    private readonly Lock _lock = new();
    private readonly Stack<TickCopy> _free = new();
    private readonly Queue<TickCopy> _filled = new();
    private readonly AutoResetEvent _signal = new(false);
    private int _made;
    private long _lost;
    private bool _closed;

    /// <summary>Ticks that were dropped since the start.</summary>
    public long Lost { get; private set; }

    /// <summary>A place to copy a tick into; <c>null</c> when all are taken.</summary>
    public TickCopy? Rent()
    {
        lock (_lock)
        {
            // The one given back last is used first: its memory is warm, and the others stay small.
            if (_free.TryPop(out var copy) || (_made++ < Capacity && (copy = new TickCopy()) is not null))
            {
                copy.HasProcesses = copy.HasCgroups = false;
                return copy;
            }

            _made = Capacity;
            return null;
        }
    }

    /// <summary>Counts a tick that found no place.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            _lost++;
            Lost++;
        }
    }

    /// <summary>Hands a filled place to the recorder.</summary>
    public void Put(TickCopy copy)
    {
        lock (_lock)
        {
            copy.LostBefore = _lost;
            _lost = 0;
            _filled.Enqueue(copy);
        }

        _signal.Set();
    }

    /// <summary>The next tick; waits for it. <c>null</c> once the queue is closed and empty.</summary>
    public TickCopy? Take()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_filled.TryDequeue(out var copy))
                {
                    return copy;
                }

                if (_closed)
                {
                    return null;
                }
            }

            _signal.WaitOne();
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Return(TickCopy copy)
    {
        lock (_lock)
        {
            _free.Push(copy);
        }
    }

    /// <summary>Ends the queue; what is in it is still taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        _signal.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}
