using System.Globalization;
using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Keeps ticks. Each goes into the block in memory and into the tail; a block that is full is folded into its segment.
/// When the disk fails, the blocks in memory go on, and with them everything that was not written is written once it
/// works again. Belongs to the recorder's thread, but for <see cref="View"/>.
/// </summary>
internal sealed class TickStore : IDisposable
{
    /// <summary>How long after a failure the disk is tried again.</summary>
    public const long RetryNs = 10_000_000_000;

    /// <summary>
    /// Blocks that wait for their fold, besides the one that is being filled: with it up to ten minutes in memory, some
    /// 1.5 MB on a typical host, that survive a full disk.
    /// </summary>
    private const int MaxPending = 1;

    /// <summary>
    /// Events that no segment has yet. Past it the oldest are given up: a host where 10,000 things happen in 10 min.
    /// </summary>
    private const int MaxEvents = 10_000;

    /// <summary>How long the wall clock must have run without a step before anything is called too old.</summary>
    private const long TrustNs = 3_600_000_000_000;

    private readonly IStoreDisk _disk;
    private readonly RecorderOptions _options;
    private readonly SegmentSet _segments;
    private readonly Folder _folder;
    private readonly SeriesCatalog _catalog;
    private readonly TickEncoder _encoder = new();
    private readonly ByteWriter _writer = new(16 * 1024);
    private readonly TailChange _change = new();
    private readonly List<OpenBlock> _pending = [];
    private readonly List<HistoryEvent> _events = [];
    private readonly List<SeriesDefinition> _newSeries = [];
    private readonly List<int> _goneSeries = [];
    private readonly long _run;
    private readonly long _intervalMs;
    private Tail? _tail;
    private OpenBlock _open;
    private Series[]? _series;
    private int[] _ids = [];
    private int _eventsWritten;
    private long _eventsFolded;
    private long _lastNumber;
    private long _lastEvent;
    private long _failedAtNs;
    private long? _syncedAtNs;
    private long? _trustedSinceNs;
    private long _nowNs;
    private long _nowMs;
    private bool _tailWasWritten = true;
    private string? _newBoot;
    private StoreView _view = StoreView.Empty;

    /// <summary>
    /// Opens the store of a directory; what the tail has and no segment is folded with the first tick.
    /// </summary>
    /// <exception cref="StoreVersionException">A newer version has written there; nothing was touched.</exception>
    public TickStore(IStoreDisk disk, RecorderOptions options)
    {
        _disk = disk;
        _options = options;
        _intervalMs = (long)options.Interval.TotalMilliseconds;
        Limits = MakeLimits(disk, options);
        Content = new StoreOpening(disk, _intervalMs).Open();
        Cache = new BlobCache();
        Readers = new ReaderPool(disk, DatabaseUse.Read, Cache);
        _segments = new SegmentSet(disk, Readers, Content.Files, Limits.BudgetBytes / 8);
        Retention = new Retention(disk, _segments, Limits);
        _folder = new Folder(_segments, Readers, Retention);
        _catalog = new SeriesCatalog(Content.TailContent.Series, Content.LastSeries);
        _tail = Content.Tail;
        _newBoot = options.BootId == Content.TailContent.BootId ? null : options.BootId;
        _pending.AddRange(Content.Unfolded);
        _events.AddRange(Content.TailContent.Events);
        _eventsWritten = _events.Count;
        _lastNumber = Content.TailContent.LastNumber;
        _lastEvent = Content.LastEvent;
        _run = Content.LastRun + 1;
        _open = new OpenBlock(Content.LastBlock + 1, _run, _intervalMs);
        Publish();
    }

    /// <summary>What was found when it was opened.</summary>
    public StoreContent Content { get; }

    public RetentionLimits Limits { get; }

    public Retention Retention { get; }

    public ReaderPool Readers { get; }

    public BlobCache Cache { get; }

    /// <summary>Number of this run.</summary>
    public long Run => _run;

    /// <summary>What questions see. Any thread may read it.</summary>
    public StoreView View => Volatile.Read(ref _view);

    /// <summary>What is wrong with the disk; <c>null</c> while everything is written.</summary>
    public StoreFault? Fault { get; private set; }

    /// <summary>Ticks that were given up because the disk did not work for too long.</summary>
    public long TicksLost { get; private set; }

    /// <summary>Blocks that were folded since it was opened.</summary>
    public long Folds { get; private set; }

    /// <summary>Is told of each event.</summary>
    public Action<HistoryEvent>? EventAdded { get; set; }

    /// <summary>Keeps a tick. Trouble with the disk shows in <see cref="Fault"/>.</summary>
    /// <param name="tick">The tick.</param>
    /// <param name="series">Its series; the same array as long as they are the same.</param>
    /// <param name="observers">Are told of processes and cgroups that came and went.</param>
    public void Append(in TickView tick, Series[] series, in TickObservers observers)
    {
        (_nowNs, _nowMs) = (tick.MonotonicNs, tick.UnixMs);
        _trustedSinceNs ??= _nowNs;
        if (_open.Count > 0 && _open.EndsBefore(tick.UnixMs))
        {
            CloseBlock();
        }

        if (!ReferenceEquals(series, _series))
        {
            _ids = _catalog.Number(series, _newSeries);
            _series = series;
            Publish();
        }

        _writer.Clear();
        _encoder.Write(_writer, new TickPlace(_open.Number, _open.Count, _run), tick, _ids, observers);
        _open.Add(++_lastNumber, _writer.Written.ToArray(), tick.UnixMs, _catalog.ById);
    }

    /// <summary>Writes what is not on disk yet, unless the disk failed less than <see cref="RetryNs"/> ago.</summary>
    public void Flush()
    {
        var isDue = Fault is null || _nowNs - _failedAtNs is < 0 or >= RetryNs;

        // The ring of a new tail does not hold more than this: what is folded first need not be in it.
        var foldFirst = _tail is null && _pending.Append(_open).Sum(block => block.Count) > Tail.Slots;
        if (isDue && (foldFirst ? TryFold() && TryWriteTail() : TryWriteTail() && TryFold()))
        {
            Fault = null;
        }

        if (_events.Count != View.Events.Length || (_events.Count > 0 && _events[^1] != View.Events[^1]))
        {
            Publish();
        }
    }

    /// <summary>Adds an event; it is on disk with the next <see cref="Flush"/>.</summary>
    public HistoryEvent AddEvent(
        long unixMs, HistoryEventKind kind, string subject, string text, params IReadOnlyList<HistoryFact> facts)
    {
        var item = new HistoryEvent(++_lastEvent, unixMs, kind, subject, text, facts);
        if (_events.Count == MaxEvents)
        {
            _events.RemoveAt(0);
            _eventsWritten = Math.Max(0, _eventsWritten - 1);
        }

        _events.Add(item);
        EventAdded?.Invoke(item);
        return item;
    }

    /// <summary>The wall clock was set: for an hour nothing is dropped for its age.</summary>
    public void DistrustClock() => _trustedSinceNs = _nowNs;

    /// <summary>Ends in an orderly way: everything is folded.</summary>
    public void Close()
    {
        if (_open.Count > 0)
        {
            CloseBlock();
        }

        Fault = null;
        if (TryWriteTail())
        {
            TryFold();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tail?.Dispose();
        _segments.Dispose();
        Readers.Dispose();
    }

    private static RetentionLimits MakeLimits(IStoreDisk disk, RecorderOptions options)
    {
        var total = disk.Space().Total;
        return new RetentionLimits(
            options.BudgetBytes
                ?? Math.Clamp(total / 20, RecorderOptions.MinBudgetBytes, RecorderOptions.DefaultMaxBudgetBytes),
            RetentionLimits.FloorOf(options, total),
            [
                (long)options.SecondsMaxAge.TotalMilliseconds,
                (long)options.MinutesMaxAge.TotalMilliseconds,
                (long)options.HoursMaxAge.TotalMilliseconds,
            ]);
    }

    private void CloseBlock()
    {
        _pending.Add(_open);
        while (_pending.Count > MaxPending && Fault is not null)
        {
            GiveUp(_pending[0]);
        }

        _open = new OpenBlock(_open.Number + 1, _run, _intervalMs);
        Publish();
    }

    private void GiveUp(OpenBlock block)
    {
        _pending.Remove(block);
        TicksLost += block.Count;
        AddEvent(
            block.FirstUnixMs, HistoryEventKind.Gap, "",
            $"{block.Count} ticks were not kept: {Fault?.Message ?? "they could not be read back."}",
            new HistoryFact("ticks", block.Count),
            new HistoryFact("fromUnixMs", block.FirstUnixMs),
            new HistoryFact("toUnixMs", block.LastUnixMs));
    }

    private bool TryWriteTail()
    {
        var dropped = new List<Dropped>();
        try
        {
            WriteTail();
        }
        catch (Exception exception) when (StoreFault.Is(exception)
            && StoreFault.From(exception, "").Kind == FaultKind.Full && Retention.DropForSpace(dropped))
        {
            // The tail hardly grows: what was dropped for it is enough, or the next try drops more.
            Tell(dropped);
            return TryWriteTail();
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            Fail(StoreFault.From(exception, SegmentName.Tail), ofTail: true);
            return false;
        }

        NoteWritten();
        _tailWasWritten = true;
        return true;
    }

    private void NoteWritten()
    {
        foreach (var block in _pending.Append(_open))
        {
            block.Written = block.Count;
        }

        _newSeries.Clear();
        _goneSeries.Clear();
        _eventsWritten = _events.Count;
        _eventsFolded = 0;
        _newBoot = null;
    }

    private void WriteTail()
    {
        _tail ??= ReopenTail();
        FillChange();
        var sync = _options.SyncInterval == TimeSpan.Zero || _syncedAtNs is not { } at || at > _nowNs
            || _nowNs - at >= _options.SyncInterval.Ticks * TimeSpan.NanosecondsPerTick;
        _tail.Write(_change);
        if (sync || _tail.IsLogLong)
        {
            _tail.Sync();
            _syncedAtNs = _nowNs;
        }
    }

    private void FillChange()
    {
        _change.Clear();
        foreach (var block in _pending.Append(_open))
        {
            for (var i = block.Written; i < block.Count; i++)
            {
                _change.Ticks.Add(block.Tick(i));
            }
        }

        _change.NewSeries.AddRange(_newSeries);
        _change.GoneSeries.AddRange(_goneSeries);
        _change.Events.AddRange(_events.Skip(_eventsWritten));
        _change.EventsFoldedUpTo = _eventsFolded;
        _change.BootId = _newBoot;
    }

    /// <summary>
    /// A new tail after the old one failed: the old file is set aside, and what is in memory is written again.
    /// </summary>
    private Tail ReopenTail()
    {
        foreach (var block in _pending.Append(_open))
        {
            block.Written = 0;
        }

        _newSeries.Clear();
        _newSeries.AddRange(_catalog.ById.Values);
        _goneSeries.Clear();
        _eventsWritten = 0;
        _syncedAtNs = null;
        _newBoot = _options.BootId;
        FillChange();

        // One that was made after the last failure has nothing but what is in memory: it need not be kept.
        TailSwap.Replace(_disk, _change, ref _tailWasWritten);
        NoteWritten();
        return Tail.Open(_disk);
    }

    private void Fail(StoreFault fault, bool ofTail)
    {
        // After an error of reading, writing or syncing a file is not trusted again: a second sync would report as
        // written what the kernel has dropped.
        if (ofTail && fault.Kind is not (FaultKind.Full or FaultKind.Busy or FaultKind.NotWritable
            or FaultKind.NoDescriptor))
        {
            _tail?.Abandon();
            _tail = null;
        }

        Fault = fault;
        _failedAtNs = _nowNs;
    }

    private bool TryFold()
    {
        var dropped = new List<Dropped>();
        try
        {
            while (_pending.Count > 0)
            {
                if (FoldOldest(dropped) is { } fault)
                {
                    Fail(fault, ofTail: false);
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            Fail(StoreFault.From(exception, _disk.Directory), ofTail: false);
            return false;
        }
        finally
        {
            Tell(dropped);
            Publish();
        }
    }

    private StoreFault? FoldOldest(List<Dropped> dropped)
    {
        var block = _pending[0];
        if (block.Encode() is not { } encoded)
        {
            GiveUp(block);
            return null;
        }

        var trusted = _trustedSinceNs is { } since && _nowNs - since >= TrustNs;
        if (_folder.Fold(encoded, trusted ? _nowMs : null, dropped) is { } fault)
        {
            return fault;
        }

        _pending.RemoveAt(0);
        Folds++;
        ForgetSeries();
        _folder.RollUp(dropped);
        if (_events.Count > 0)
        {
            _folder.Fold(_events, block.FirstUnixMs, block.Number, dropped);
            _eventsFolded = _events[^1].Id;
            _events.Clear();
            _eventsWritten = 0;
        }

        return null;
    }

    private void ForgetSeries()
    {
        if (_pending.Count == 0)
        {
            // Ticks of the open block may speak of series that the newest tick has not; they are few and stay until the
            // next fold.
            var inUse = _open.Count == 0 ? [.. _ids] : UsedBy(_open);
            _goneSeries.AddRange(_catalog.Forget(inUse));
        }
    }

    private HashSet<int> UsedBy(OpenBlock block)
    {
        var used = _ids.ToHashSet();
        var decoder = new TickDecoder();
        var version = -1;
        for (var i = 0; i < block.Count && decoder.TryRead(block.Tick(i).Payload); i++)
        {
            if (decoder.SeriesVersion != version)
            {
                version = decoder.SeriesVersion;
                used.UnionWith(decoder.Ids.ToArray());
            }
        }

        return used;
    }

    private void Tell(List<Dropped> dropped)
    {
        foreach (var group in dropped.GroupBy(item => item.Reason))
        {
            var bytes = group.Sum(item => item.Bytes);
            var why = group.Key switch
            {
                DropReason.Age => "it was older than it is to be kept",
                DropReason.Budget => $"the budget of {Mebibytes(Limits.BudgetBytes)} was used up",
                _ => $"the disk has less than {Mebibytes(Limits.FloorBytes)} free",
            };
            AddEvent(
                _nowMs, HistoryEventKind.Retention, "",
                $"Old history of {Mebibytes(bytes)} was dropped, because {why}: "
                + $"{string.Join(", ", group.Select(item => item.Name))}.",
                new HistoryFact("bytes", bytes), new HistoryFact("files", group.Count()));
        }
    }

    private static string Mebibytes(long bytes) =>
        (bytes / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture) + " MiB";

    private void Publish() => Volatile.Write(ref _view, new StoreView
    {
        Files = _segments.Files,
        Memory = [.. _pending, _open],
        Events = [.. _events],
    });
}
