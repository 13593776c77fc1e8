using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Turns closed blocks into rows of segments, and those into minutes and hours. Every step may be done twice: what is
/// missing after a crash or a full disk is found by the numbers of the blocks and done then.
/// </summary>
internal sealed class Folder(SegmentSet segments, ReaderPool readers, Retention retention)
{
    /// <summary>
    /// Blocks of seconds in one block of minutes: an hour has 12; at ten ticks a second 110; more only when the clock
    /// jumps all the time.
    /// </summary>
    private const int MaxSources = 130;

    /// <summary>
    /// Blocks of minutes or hours made after one fold: more than one only after a time in which they could not be made.
    /// </summary>
    private const int MaxRollUps = 4;

    /// <summary>SQLite's pages are never quite full; measured 9 % over the blobs.</summary>
    private const double PageOverhead = 1.15;

    private const long FixedOverhead = 64 << 10;

    /// <summary>Writes a block of seconds. It is on disk when this returns.</summary>
    /// <param name="block">The block.</param>
    /// <param name="nowMs">Wall clock, for ages; <c>null</c> while it is not to be trusted.</param>
    /// <param name="dropped">Takes what was dropped to make room.</param>
    public StoreFault? Fold(EncodedBlock block, long? nowMs, List<Dropped> dropped)
    {
        var parts = block.Seal();
        var (gone, fault) = retention.MakeRoom((long)(block.Header.Bytes * PageOverhead) + FixedOverhead, nowMs);
        dropped.AddRange(gone);
        if (fault is null)
        {
            WithRoom(dropped, () => segments.Append(block, parts));
        }

        return fault;
    }

    /// <summary>Writes events to where they stay.</summary>
    public void Fold(IReadOnlyList<HistoryEvent> events, long unixMs, long number, List<Dropped> dropped) =>
        WithRoom(dropped, () => segments.Append(events, unixMs, number));

    /// <summary>Makes the blocks of minutes and hours whose time is over.</summary>
    public void RollUp(List<Dropped> dropped)
    {
        for (var i = 0; i < MaxRollUps; i++)
        {
            var made = TryMinutes(dropped);
            if (!TryHours(dropped) && !made)
            {
                return;
            }
        }
    }

    private bool TryMinutes(List<Dropped> dropped)
    {
        var done = segments.LastNumber(Tier.Minute);
        var open = Pending(Tier.Second, block => block.Number > done, RollUpBuilder.HourMs);
        if (open is null)
        {
            return false;
        }

        var lead = Find(Tier.Second, open[0].Header.Number - 1);
        Write(RollUpBuilder.Minutes(open, lead) ?? Unreadable(Tier.Minute, open), dropped);
        return true;
    }

    private bool TryHours(List<Dropped> dropped)
    {
        var done = segments.LastNumber(Tier.Hour);
        var open = Pending(Tier.Minute, block => block.Number > done, OneDayMs);
        if (open is null)
        {
            return false;
        }

        Write(HourBuilder.Hours(open) ?? Unreadable(Tier.Hour, open), dropped);
        return true;
    }

    private const long OneDayMs = 24 * RollUpBuilder.HourMs;

    /// <summary>
    /// The blocks that follow what is done and begin in one hour or day; <c>null</c> while that is not over.
    /// </summary>
    private List<IBlock>? Pending(Tier tier, Func<BlockHeader, bool> isOpen, long spanMs)
    {
        var blocks = new List<IBlock>();
        long? period = null;
        foreach (var file in segments.Files[(int)tier])
        {
            foreach (var header in file.Blocks.Where(isOpen))
            {
                var start = TimeMath.Floor(header.FirstUnixMs, spanMs);
                if ((period ??= start) != start || blocks.Count == MaxSources)
                {
                    return blocks;
                }

                blocks.Add(readers.Block(file, header));
            }
        }

        return null;
    }

    private IBlock? Find(Tier tier, long number)
    {
        foreach (var file in segments.Files[(int)tier])
        {
            foreach (var header in file.Blocks)
            {
                if (header.Number == number)
                {
                    return readers.Block(file, header);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// A block that says only that its sources could not be read: without it they would be tried again for ever. It has
    /// one row without a tick.
    /// </summary>
    private static EncodedBlock Unreadable(Tier tier, List<IBlock> sources)
    {
        var first = sources[0].Header;
        var stepMs = tier == Tier.Minute ? RollUpBuilder.MinuteMs : RollUpBuilder.HourMs;
        List<RollUpBuilder.Row> rows = [new(TimeMath.Floor(first.FirstUnixMs, stepMs)) { Run = first.Run }];
        var header = RollUpRows.MakeHeader(tier, rows, stepMs, sources[^1].Header, []) with
        {
            FirstSource = first.FirstSource,
        };
        return new EncodedBlock(header, [RollUpRows.WriteClock(rows)], new Dictionary<int, SeriesDefinition>());
    }

    private void Write(EncodedBlock block, List<Dropped> dropped)
    {
        var parts = block.Seal();
        WithRoom(dropped, () => segments.Append(block, parts));
    }

    private void WithRoom(List<Dropped> dropped, Action write)
    {
        while (true)
        {
            try
            {
                write();
                return;
            }
            catch (Exception exception) when (StoreFault.Is(exception)
                && StoreFault.From(exception, "").Kind == FaultKind.Full && retention.DropForSpace(dropped))
            {
                // Tried again with the room that was made; it ends when there is nothing left to drop.
                continue;
            }
        }
    }
}
