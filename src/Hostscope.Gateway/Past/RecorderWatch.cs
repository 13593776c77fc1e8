using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Live.Sending;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Past;

/// <summary>
/// Looks at the recorder of this machine once a second, so that neither a tick, a viewer nor a scrape has to: it
/// measures files. The events come by themselves.
/// </summary>
internal sealed class RecorderWatch(
    IHistories histories,
    IEventFeed events,
    LiveHosts hosts,
    RecorderBoard board,
    TimeProvider time,
    ILogger<RecorderWatch> log)
    : IHostedService, IDisposable
{
    /// <summary>Events that are kept for viewers; older ones are in the history.</summary>
    public const int MaxEvents = 20;

    /// <summary>Kinds of failures that are told apart in the log; what is beyond shares one line a minute.</summary>
    private const int MaxCauses = 8;

    /// <summary>Without news, sizes and forecast are told so often.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<PastEvent> _events = new(MaxEvents);
    private volatile RecorderState? _state;
    private IDisposable? _subscription;
    private ITimer? _timer;
    private int _looking;

    // The look's own, of which there is one at a time: when a failure of a type was last logged.
    private readonly Dictionary<Type, RefusalLog> _failures = [];
    private (string State, string? Reason, long? Oldest, long Event) _told;
    private long _toldAt;

    /// <summary>The state a second ago at the most; <c>null</c> when nothing is recorded on this machine.</summary>
    public RecorderState? State => _state;

    /// <summary>
    /// True while the store is being opened: an answer would say that there is nothing. Before the first look the
    /// recorder itself is asked.
    /// </summary>
    public async ValueTask<bool> IsOpeningAsync(IHistory history) => _state is { } state
        ? state.State == RecorderState.Starting
        : (await history.StatusAsync(CancellationToken.None).ConfigureAwait(false)).State == RecordingState.Starting;

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

    /// <summary>Writes a note when there is news: to compare, what grows with each tick is left out.</summary>
    private void Tell(RecorderState state)
    {
        var news = (state.State, state.Reason, state.Oldest, Event: state.Events is [.., var last] ? last.Id : 0);
        if (board.Note is not null && news == _told && time.GetElapsedTime(_toldAt) < Renewal)
        {
            return;
        }

        _told = news;
        _toldAt = time.GetTimestamp();
        var json = JsonSerializer.SerializeToUtf8Bytes(state, GatewayJson.Default.RecorderState);
        board.Note = new RecorderNote(
            (board.Note?.Number ?? 0) + 1, json, new Message([.. "{\"type\":\"recorder\","u8, .. json.AsSpan(1)]));
    }

    private async Task LookAsync()
    {
        // A disk that hangs holds one look, not one a second.
        if (Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return;
        }

        try
        {
            if (hosts.LocalId is not { } id || histories.Find(id) is not { } history)
            {
                return;
            }

            var status = await history.StatusAsync(CancellationToken.None).ConfigureAwait(false);
            lock (_lock)
            {
                _state = RecorderState.Of(status, [.. _events]);
            }

            Tell(_state);
        }
        catch (Exception e) // Nobody waits for a look, so nobody else would say it. The next one comes in a second.
        {
            Report(e);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Report(Exception failure)
    {
        var cause = failure.GetType();
        cause = _failures.Count < MaxCauses || _failures.ContainsKey(cause) ? cause : typeof(Exception);
        if (!_failures.TryGetValue(cause, out var lines))
        {
            _failures.Add(cause, lines = new RefusalLog(time));
        }

        if (lines.Note(out var count))
        {
            Log.RecorderLookFailed(log, failure, count);
        }
    }
}
