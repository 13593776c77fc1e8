using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>What is found in a directory before the first tick is written.</summary>
internal sealed record StoreContent
{
    public required Tail Tail { get; init; }

    public required TailContent TailContent { get; init; }

    public required IReadOnlyList<SegmentFile> Files { get; init; }

    /// <summary>Blocks of the tail that no segment has, in their order.</summary>
    public required IReadOnlyList<OpenBlock> Unfolded { get; init; }

    /// <summary>Files that were set aside just now, by their new names.</summary>
    public required IReadOnlyList<string> SetAside { get; init; }

    /// <summary>Number of the newest block anywhere.</summary>
    public required long LastBlock { get; init; }

    /// <summary>Number of the newest run anywhere.</summary>
    public required long LastRun { get; init; }

    /// <summary>Largest number of a series anywhere.</summary>
    public required int LastSeries { get; init; }

    /// <summary>Largest number of an event anywhere.</summary>
    public required long LastEvent { get; init; }
}

/// <summary>
/// Opens the files of a directory. What is damaged is set aside; what is newer stops it, and nothing is touched.
/// </summary>
internal sealed class StoreOpening(IStoreDisk disk, long intervalMs)
{
    private readonly List<string> _setAside = [];
    private int _lastSeries;
    private long _lastEvent;

    /// <summary>Opens everything.</summary>
    /// <exception cref="StoreVersionException">A file is of a newer version.</exception>
    public StoreContent Open()
    {
        var listed = disk.List();
        foreach (var file in listed.Where(file => IsDatabase(file.Name)))
        {
            FileHeader.Peek(disk, file.Name);
        }

        TailSwap.Finish(disk);

        // What a stopped export left: a copy of what is here anyway.
        foreach (var file in listed.Where(file => SegmentName.Base(file.Name)
            .EndsWith(SegmentName.TemporaryEnding, StringComparison.Ordinal)))
        {
            disk.Delete(file.Name);
        }

        var files = listed.Select(file => (Segment: SegmentName.Parse(file.Name), file.Bytes))
            .Where(file => file.Segment is not null).OrderBy(file => file.Segment!.FirstNumber)
            .Select(file => LoadOrSetAside(file.Segment!, file.Bytes)).OfType<SegmentFile>().ToList();
        var (tail, content) = OpenTail();
        var folded = files.Where(file => file.Segment.Tier == Tier.Second)
            .SelectMany(file => file.Blocks).Select(block => block.Number).ToHashSet();
        return new StoreContent
        {
            Tail = tail,
            TailContent = content,
            Files = files,
            Unfolded = Unfolded(content, folded),
            SetAside = _setAside,
            LastBlock = Math.Max(LastOf(files, block => block.LastSource), LastOf(content.Ticks, place => place.Block)),
            LastRun = Math.Max(LastOf(files, block => block.Run), LastOf(content.Ticks, place => place.Run)),
            LastSeries = Math.Max(_lastSeries, content.Series.Select(series => series.Id).DefaultIfEmpty().Max()),
            LastEvent = Math.Max(_lastEvent, content.Events.Select(item => item.Id).DefaultIfEmpty().Max()),
        };
    }

    private static bool IsDatabase(string name) => name is SegmentName.Tail or SegmentName.NextTail
        || SegmentName.Parse(name) is not null;

    private SegmentFile? LoadOrSetAside(SegmentName segment, long bytes)
    {
        try
        {
            var file = SegmentFile.Load(disk, segment, bytes, out var lastSeries, out var lastEvent);
            _lastSeries = Math.Max(_lastSeries, lastSeries);
            _lastEvent = Math.Max(_lastEvent, lastEvent);
            return file;
        }
        catch (Exception exception) when (StoreFault.Is(exception) && exception is not StoreVersionException)
        {
            var fault = StoreFault.From(exception, segment.ToString());
            if (fault.Kind is not (FaultKind.Damaged or FaultKind.InputOutput))
            {
                throw;
            }

            _setAside.Add(Quarantine.SetAside(disk, segment.ToString()));
            return null;
        }
    }

    private (Tail Tail, TailContent Content) OpenTail()
    {
        Tail? tail = null;
        try
        {
            tail = Tail.Open(disk);
            if (tail.IsSound())
            {
                return (tail, tail.Read());
            }
        }
        catch (Exception exception) when (StoreFault.Is(exception) && exception is not StoreVersionException
            && StoreFault.From(exception, SegmentName.Tail).Kind is FaultKind.Damaged or FaultKind.InputOutput)
        {
            // Set aside below, and begun anew.
        }

        tail?.Dispose();
        _setAside.Add(Quarantine.SetAside(disk, SegmentName.Tail));
        tail = Tail.Open(disk);
        return (tail, tail.Read());
    }

    /// <summary>
    /// The ticks of a block from its first to the first that is missing: each needs the one before. Ticks of blocks
    /// that a segment has are what the ring has not yet written over.
    /// </summary>
    private List<OpenBlock> Unfolded(TailContent content, HashSet<long> folded)
    {
        var series = content.Series.ToDictionary(definition => definition.Id);
        var blocks = new List<OpenBlock>();
        var decoder = new TickDecoder();
        foreach (var tick in content.Ticks)
        {
            if (!TickDecoder.TryReadPlace(tick.Payload, out var place) || folded.Contains(place.Block))
            {
                continue;
            }

            if (place.Index == 0)
            {
                blocks.Add(new OpenBlock(place.Block, place.Run, intervalMs));
            }

            if (blocks is not [.., var block] || block.Number != place.Block || block.Count != place.Index
                || place.Index >= OpenBlock.MaxTicks || !decoder.TryRead(tick.Payload))
            {
                continue;
            }

            block.Add(tick.Number, tick.Payload, decoder.Time.UnixMs, series);
            block.Written = block.Count;
        }

        blocks.RemoveAll(block => block.Count == 0);
        return blocks;
    }

    private static long LastOf(IEnumerable<SegmentFile> files, Func<BlockHeader, long> number) =>
        files.SelectMany(file => file.Blocks).Select(number).DefaultIfEmpty().Max();

    private static long LastOf(IEnumerable<TailTick> ticks, Func<TickPlace, long> number) => ticks
        .Select(tick => TickDecoder.TryReadPlace(tick.Payload, out var place) ? number(place) : 0)
        .DefaultIfEmpty().Max();
}
