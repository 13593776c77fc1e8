using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>One whole second, or minute where the seconds are gone.</summary>
internal sealed class MomentReader(BlockIndex index)
{
    /// <summary>Reads the moment at a time.</summary>
    public Moment Read(long atMs)
    {
        var second = TickFinder.AtOrBefore(index, Tier.Second, atMs);
        if (second is null || atMs - second.UnixMs >= RollUpBuilder.MinuteMs)
        {
            // A minute begins before its seconds; only where those are gone does it stand for them.
            var numbers = index.Headers(Tier.Second).Select(block => block.Number).ToHashSet();
            var minute = TickFinder.AtOrBefore(
                index, Tier.Minute, atMs, block => !numbers.Contains(block.LastSource));
            if (minute is not null && (second is null || minute.UnixMs > second.UnixMs))
            {
                return ReadMinute(minute, atMs);
            }
        }

        return second is null ? Nothing(atMs) : ReadSecond(second, atMs);
    }

    /// <summary>Where data is when a range has none.</summary>
    public static NoData NearestTo(BlockIndex index, long fromMs, long toMs)
    {
        long? before = null, after = null;
        foreach (var tier in Enum.GetValues<Tier>())
        {
            var older = TickFinder.AtOrBefore(index, tier, fromMs - 1)?.UnixMs;
            before = older is { } o && (before is not { } b || o > b) ? o : before;
            var newer = TickFinder.After(index, tier, toMs - 1);
            after = newer is { } n && (after is not { } a || n < a) ? n : after;
        }

        var reason = (before, after) switch
        {
            (null, null) => "Nothing has been recorded yet.",
            (null, _) => "This is before the oldest history that is kept.",
            (_, null) => "This is after the newest second that was recorded.",
            _ => "Nothing was recorded then; the events say why.",
        };
        return new NoData(before, after, reason);
    }

    private Moment Nothing(long atMs) => new() { NoData = NearestTo(index, atMs, atMs + 1) };

    private Moment ReadSecond(FoundTick found, long atMs)
    {
        var header = found.Block.Header;
        if (FrameReader.Of(found.Block) is not { } frames)
        {
            return Nothing(atMs);
        }

        var schema = frames.SchemaAt(found.Index);
        var frame = frames.FrameAt(found.Index, schema);
        var before = found.Index == 0 ? index.Before(header) : null;
        var previous = found.Index > 0 ? frames.FrameAt(found.Index - 1, schema) : LastFrame(before, schema);
        var values = new double[schema.Count];
        Derive.Values(previous, frame, values);
        var processes = WithEarlier(
            TableFinder.Processes(found.Block, found.Index, frames.Times.All), header,
            (block, times) => TableFinder.Processes(block, int.MaxValue, times.All));
        var cgroups = WithEarlier(
            TableFinder.Cgroups(found.Block, found.Index, frames.Times.All), header,
            (block, times) => TableFinder.Cgroups(block, int.MaxValue, times.All));
        return new Moment
        {
            UnixMs = found.UnixMs,
            ResolutionMs = header.IntervalMs,
            BeforeMs = TickFinder.AtOrBefore(index, Tier.Second, found.UnixMs - 1)?.UnixMs,
            AfterMs = TickFinder.After(index, Tier.Second, found.UnixMs),
            IsInGap = atMs - found.UnixMs > header.IntervalMs * 5 / 2,
            Schema = schema,
            Values = values,
            Frame = frame,
            PreviousFrame = previous,
            Processes = processes.ElementAtOrDefault(0),
            PreviousProcesses = processes.ElementAtOrDefault(1),
            Cgroups = cgroups.ElementAtOrDefault(0),
            PreviousCgroups = cgroups.ElementAtOrDefault(1),
        };
    }

    private static Frame? LastFrame(IBlock? block, Schema schema) =>
        block is null || FrameReader.Of(block) is not { } frames || frames.Times.Count == 0
            ? null : frames.FrameAt(frames.Times.Count - 1, schema);

    /// <summary>The tables of a block, and of the one before when there are not two.</summary>
    private List<T> WithEarlier<T>(List<T> found, BlockHeader header, Func<IBlock, TickTimes, List<T>> read)
    {
        if (found.Count < 2 && index.Before(header) is { } before && TickTimes.Of(before) is { } times)
        {
            found.AddRange(read(before, times));
        }

        return found;
    }

    private Moment ReadMinute(FoundTick found, long atMs)
    {
        var block = found.Block;
        var times = RollUpTimes.Of(block)!;
        var series = new List<Series>();
        var values = new List<double>();
        var order = Comparer<Series>.Create(FrameReader.Order);
        foreach (var definition in block.Definitions.Values.OrderBy(definition => definition.Series, order))
        {
            var metric = definition.Series.Metric;
            if (!OverviewSeries.IsInternal(definition.Series)
                && times.Cells(block, definition.Group, definition.Id, metric) is { } cells
                && cells[found.Index].Count > 0)
            {
                series.Add(definition.Series);
                values.Add(Bucket.Of(cells[found.Index], metric).Average(metric.RollUp));
            }
        }

        var rows = new TickTime[times.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new TickTime(0, times.StartMs(i), 0);
        }

        var processes = TableFinder.Processes(block, found.Index, rows);
        var hasPrevious = processes.Count > 1 && found.Index > 0
            && times.Run(found.Index) == times.Run(found.Index - 1);
        return new Moment
        {
            UnixMs = found.UnixMs,
            ResolutionMs = RollUpBuilder.MinuteMs,
            BeforeMs = TickFinder.AtOrBefore(index, Tier.Minute, found.UnixMs - 1)?.UnixMs,
            AfterMs = TickFinder.After(index, Tier.Minute, found.UnixMs)
                ?? TickFinder.After(index, Tier.Second, found.UnixMs + RollUpBuilder.MinuteMs - 1),
            IsInGap = atMs - found.UnixMs >= RollUpBuilder.MinuteMs,
            Schema = new Schema(1, [.. series]),
            Values = [.. values],
            Processes = processes.ElementAtOrDefault(0),
            PreviousProcesses = hasPrevious ? processes[1] : null,
        };
    }
}
