using System.Collections.Concurrent;
using System.Collections.Immutable;
using Hostscope.Bus;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Events;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;
using Microsoft.Extensions.Logging;

namespace Hostscope.Recorder;

/// <summary>What the recorder's thread does: opens the store, writes ticks, tries again when the disk failed.</summary>
internal sealed class RecorderThread : IPast
{
    /// <summary>Marks that wait for the next tick: more in a second are not a person's.</summary>
    private const int MaxMarks = 100;

    /// <summary>A heap above this, with its thousands of viewers, has better uses for the time.</summary>
    private const long MostHeapToCollect = 32 << 20;

    private readonly RecorderOptions _options;
    private readonly IStoreDisk _disk;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TickQueue _queue;
    private readonly EventDetector _detector;
    private readonly OverviewSeries _extra = new();
    private readonly ConcurrentQueue<(long UnixMs, string Text, string? Author)> _marks = new();
    private ImmutableArray<Action<HistoryEvent>> _listeners = [];
    private volatile Condition _condition;
    private volatile TickStore? _store;
    private IDisposable? _lock;
    private long[] _values = [];
    private long _openFailedNs;
    private long _recorded;
    private long _unopened;
    private long _lastLost;
    private bool _toldTickFailed;
    private bool _toldListenerFailed;

    public RecorderThread(
        RecorderOptions options, IStoreDisk disk, TimeProvider clock, ILogger logger, TickQueue queue)
    {
        _options = options;
        _disk = disk;
        _clock = clock;
        _logger = logger;
        _queue = queue;
        _detector = new EventDetector((long)options.Interval.TotalMilliseconds);
        _condition = new Condition(RecordingState.Starting, null, Now());
    }

    public RecordingState State => _condition.State;

    public StoreView View => _store?.View ?? StoreView.Empty;

    public ReaderPool? Readers => _store?.Readers;

    public HistoryStatus Status()
    {
        var store = _store;
        var condition = _condition;
        var status = new HistoryStatus
        {
            State = condition.State,
            Reason = condition.Reason,
            SinceUnixMs = condition.SinceUnixMs,
            TicksRecorded = Interlocked.Read(ref _recorded) - (store?.TicksLost ?? 0),
            TicksLost = _queue.Lost + Interlocked.Read(ref _unopened) + (store?.TicksLost ?? 0),
            SyncIntervalMs = (int)Math.Max(
                _options.Interval.TotalMilliseconds, _options.SyncInterval.TotalMilliseconds),
        };
        if (store is null)
        {
            return status;
        }

        status = PastStatus.Fill(status, store.View, store.Limits);
        try
        {
            var (total, quarantined) = store.Retention.Measure();
            return status with { Bytes = total, QuarantinedBytes = quarantined };
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            return status;
        }
    }

    public QueryProblem? Mark(string text, string? author)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > HistoryLimits.MaxMarkLength || text.Any(char.IsControl))
        {
            return new QueryProblem(
                "text", $"Give 1 to {HistoryLimits.MaxMarkLength} characters on one line.");
        }

        if (_condition.State is RecordingState.Refused or RecordingState.Ended)
        {
            return new QueryProblem("text", $"Nothing is recorded now: {_condition.Reason ?? "recording has ended."}");
        }

        if (_marks.Count >= MaxMarks)
        {
            return new QueryProblem("text", $"More than {MaxMarks} marks wait to be written; try again in a second.");
        }

        _marks.Enqueue((Now(), text.Trim(), author));
        return null;
    }

    public IDisposable Subscribe(Action<HistoryEvent> listener)
    {
        ImmutableInterlocked.Update(ref _listeners, list => list.Add(listener));
        return new Subscription(this, listener);
    }

    /// <summary>Works until the queue is closed and empty.</summary>
    public void Run()
    {
        TryOpen(null);
        while (_queue.Take() is { } tick)
        {
            try
            {
                Process(tick);
                _toldTickFailed = false;
            }
            catch (Exception exception) // A bug: the next tick may still go well.
            {
                if (!_toldTickFailed)
                {
                    _toldTickFailed = true;
                    _logger.TickFailed(exception);
                }
            }

            _queue.Return(tick);
        }

        TryClose();
    }

    private void Process(TickCopy tick)
    {
        if (_store is null && !TryOpen(tick))
        {
            Interlocked.Increment(ref _unopened);
            return;
        }

        if (tick.LostBefore > 0)
        {
            _logger.Overflowed(tick.LostBefore);
        }

        var store = _store!;
        EventSink sink = (unixMs, kind, subject, text, facts) => store.AddEvent(unixMs, kind, subject, text, facts);
        if (_detector.Begin(tick, sink))
        {
            store.DistrustClock();
        }

        var values = _extra.Extend(tick.Frame, ref _values);
        store.Append(
            new TickView
            {
                Sequence = tick.Frame.Sequence,
                UnixMs = tick.Frame.UnixMs,
                MonotonicNs = tick.Frame.MonotonicNs,
                Values = values,
                Processes = tick.HasProcesses ? tick.Processes : null,
                Cgroups = tick.HasCgroups ? tick.Cgroups : null,
            },
            _extra.Series, _detector.Observers);
        _detector.End(tick, sink);
        while (_marks.TryDequeue(out var mark))
        {
            sink(mark.UnixMs, HistoryEventKind.Mark, mark.Author ?? "", mark.Text);
        }

        var folds = store.Folds;
        store.Flush();
        if (store.Folds != folds)
        {
            GiveBack();
        }

        Interlocked.Increment(ref _recorded);
        Tell(store.Fault, store.TicksLost);
    }

    /// <summary>
    /// A fold makes megabytes of columns and blobs at once, and the heap would stay as large until the next one. It
    /// comes just after a tick, so that the pause has nearly a second before the next.
    /// </summary>
    private static void GiveBack()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) <= MostHeapToCollect)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private bool TryOpen(TickCopy? tick)
    {
        if (_condition.State == RecordingState.Refused
            || (tick is not null && _openFailedNs != 0
                && tick.Frame.MonotonicNs - _openFailedNs is >= 0 and < TickStore.RetryNs))
        {
            return false;
        }

        try
        {
            Open();
            return true;
        }
        catch (StoreVersionException exception)
        {
            Refuse(exception.Message);
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            _openFailedNs = tick?.Frame.MonotonicNs ?? 0;
            Tell(StoreFault.From(exception, _disk.Directory), 0);
        }

        return false;
    }

    private void Open()
    {
        _disk.CreateDirectory();
        _lock ??= _disk.TryLock(SegmentName.Lock, $"{Environment.ProcessId}\n");
        if (_lock is null)
        {
            Refuse($"Another Hostscope records into {_disk.Directory}. Stop it, or give this one another directory.");
            throw new IOException("The directory is locked.");
        }

        var store = new TickStore(_disk, _options) { EventAdded = Tell };
        var content = store.Content;
        _store = store;
        _logger.Opened(_disk.Directory, store.Limits.BudgetBytes >> 20, content.Files.Count, content.Unfolded.Count);
        var now = Now();
        var status = new HistoryStatus { State = RecordingState.Starting };
        var newest = PastStatus.Fill(status, store.View, null).NewestUnixMs;
        store.AddEvent(
            now, HistoryEventKind.RecorderStarted, "", newest is null ? "Recording began for the first time."
                : $"Recording began; the second before was recorded {Words.Time(now - newest.Value)} ago.",
            newest is { } last ? [new HistoryFact("run", store.Run), new HistoryFact("newestUnixMs", last)]
                : [new HistoryFact("run", store.Run)]);
        if (content.TailContent.BootId is { } boot && _options.BootId is { } current && boot != current)
        {
            store.AddEvent(_options.BootUnixMs ?? now, HistoryEventKind.Boot, "", "The machine was booted.");
        }

        foreach (var name in content.SetAside)
        {
            _logger.SetAside(name);
            store.AddEvent(
                now, HistoryEventKind.Quarantine, name,
                $"A damaged file was set aside as {name}; what it held is missing.");
        }

        if (content.TailContent.Damaged > 0)
        {
            store.AddEvent(
                now, HistoryEventKind.Gap, "",
                $"{content.TailContent.Damaged} rows of the last minutes were damaged; what follows them in their "
                + "block is missing.",
                new HistoryFact("rows", content.TailContent.Damaged));
        }

        _condition = new Condition(RecordingState.Recording, null, now);
    }

    private void Refuse(string reason)
    {
        _condition = new Condition(RecordingState.Refused, reason, Now());
        _logger.Refused(reason);
    }

    /// <summary>Follows the disk's condition: each change is told once.</summary>
    private void Tell(StoreFault? fault, long lost)
    {
        if (_condition.State == RecordingState.Refused)
        {
            return;
        }

        if (fault is not null && _condition.State != RecordingState.Paused)
        {
            _lastLost = lost;
            _logger.Paused(fault.Message, TickStore.RetryNs / 1_000_000_000);
            _condition = new Condition(RecordingState.Paused, fault.Message, Now());
        }
        else if (fault is not null && _condition.Reason != fault.Message)
        {
            _condition = _condition with { Reason = fault.Message };
        }
        else if (fault is null && _condition.State == RecordingState.Paused)
        {
            _logger.Resumed(lost - _lastLost);
            _condition = new Condition(RecordingState.Recording, null, Now());
        }
    }

    private void Tell(HistoryEvent item)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener(item);
            }
            catch (Exception exception) // A listener's bug must not cost the tick.
            {
                if (!_toldListenerFailed)
                {
                    _toldListenerFailed = true;
                    _logger.ListenerFailed(exception);
                }
            }
        }
    }

    private void TryClose()
    {
        try
        {
            Close();
        }
        catch (Exception exception) // What is in the tail is folded at the next start.
        {
            _logger.TickFailed(exception);
        }
        finally
        {
            _lock?.Dispose();
            _lock = null;
        }
    }

    private void Close()
    {
        var store = _store;
        if (store is not null)
        {
            store.AddEvent(Now(), HistoryEventKind.RecorderStopped, "", "Recording ended.");
            store.Close();
            _store = null;
            store.Dispose();
        }

        _logger.Closed(Interlocked.Read(ref _recorded));
        if (_condition.State != RecordingState.Refused)
        {
            _condition = new Condition(RecordingState.Ended, "Recording has ended.", Now());
        }
    }

    private long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Condition(RecordingState State, string? Reason, long SinceUnixMs);

    private sealed class Subscription(RecorderThread thread, Action<HistoryEvent> listener) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref thread._listeners, list => list.Remove(listener));
    }
}
