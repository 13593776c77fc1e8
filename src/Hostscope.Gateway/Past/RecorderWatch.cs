using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Microsoft.Extensions.Hosting;

namespace Hostscope.Gateway.Past;

/// <summary>
/// Looks at the recorder of this machine once a second, so that neither a tick, a viewer nor a scrape has to: it
/// measures files. The events come by themselves.
/// </summary>
internal sealed class RecorderWatch(IHistories histories, IEventFeed events, LiveHosts hosts, TimeProvider time)
    : IHostedService, IDisposable
{
    /// <summary>Events that are kept for viewers; older ones are in the history.</summary>
    public const int MaxEvents = 20;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<PastEvent> _events = new(MaxEvents);
    private volatile RecorderState? _state;
    private IDisposable? _subscription;
    private ITimer? _timer;
    private int _looking;

    /// <summary>The state a second ago at the most; <c>null</c> when nothing is recorded on this machine.</summary>
    public RecorderState? State => _state;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = events.Subscribe(Take);
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, TimeSpan.Zero, Period);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _subscription?.Dispose();
    }

    /// <summary>On the recorder's thread.</summary>
    private void Take(HistoryEvent item)
    {
        if (item.Kind is HistoryEventKind.ProcessStarted or HistoryEventKind.ProcessExited)
        {
            return;
        }

        lock (_lock)
        {
            if (_events.Count == MaxEvents)
            {
                _events.Dequeue();
            }

            _events.Enqueue(PastEvent.Of(item));
        }
    }

    private async Task LookAsync()
    {
        // A disk that hangs holds one look, not one a second.
        if (hosts.LocalId is not { } id || histories.Find(id) is not { } history
            || Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return;
        }

        try
        {
            var status = await history.StatusAsync(CancellationToken.None).ConfigureAwait(false);
            lock (_lock)
            {
                _state = RecorderState.Of(status, [.. _events]);
            }
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }
}
