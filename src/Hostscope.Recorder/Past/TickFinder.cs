using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>A tick, or a row of a coarser tier, within its block.</summary>
internal sealed record FoundTick(IBlock Block, int Index, long UnixMs);

/// <summary>
/// Finds ticks by their wall-clock label. Labels are not in order where the clock was set back, so blocks are looked at
/// by what their headers say they may have, the most promising first.
/// </summary>
internal static class TickFinder
{
    /// <summary>
    /// The newest label at or before a time; of equal ones the one recorded last. <c>null</c> when none.
    /// </summary>
    /// <param name="index">The blocks.</param>
    /// <param name="tier">The tier.</param>
    /// <param name="atMs">The time.</param>
    /// <param name="among">Only blocks for which this holds; all when not given.</param>
    public static FoundTick? AtOrBefore(
        BlockIndex index, Tier tier, long atMs, Func<BlockHeader, bool>? among = null)
    {
        FoundTick? best = null;
        var candidates = index.Headers(tier)
            .Where(block => block.MinUnixMs <= atMs && (among?.Invoke(block) ?? true)).ToList();
        while (candidates.MaxBy(block => (Math.Min(block.MaxUnixMs, atMs), block.Number)) is { } header)
        {
            var block = index.Open(header);
            var labels = Labels(block);
            for (var i = labels.Length - 1; i >= 0; i--)
            {
                if (labels[i] <= atMs && (best is null || labels[i] > best.UnixMs))
                {
                    best = new FoundTick(block, i, labels[i]);
                }
            }

            // Nearly always none is left: blocks overlap only where the clock was set back.
            candidates.RemoveAll(other => other.Number == header.Number
                || (best is not null && Math.Min(other.MaxUnixMs, atMs) <= best.UnixMs));
        }

        return best;
    }

    /// <summary>The oldest label after a time; <c>null</c> when there is none.</summary>
    public static long? After(BlockIndex index, Tier tier, long atMs)
    {
        long? best = null;
        var candidates = index.Headers(tier).Where(block => block.MaxUnixMs > atMs).ToList();
        while (candidates.MinBy(block => Math.Max(block.MinUnixMs, atMs + 1)) is { } header)
        {
            foreach (var label in Labels(index.Open(header)))
            {
                best = label > atMs && (best is not { } b || label < b) ? label : best;
            }

            candidates.RemoveAll(other => other.Number == header.Number
                || (best is { } found && Math.Max(other.MinUnixMs, atMs + 1) >= found));
        }

        return best;
    }

    private static long[] Labels(IBlock block)
    {
        if (block.Header.Tier == Tier.Second)
        {
            var times = TickTimes.Of(block) ?? TickTimes.None;
            var labels = new long[times.Count];
            for (var i = 0; i < labels.Length; i++)
            {
                labels[i] = times[i].UnixMs;
            }

            return labels;
        }

        var rows = RollUpTimes.Of(block);
        var starts = new List<long>();
        for (var i = 0; i < (rows?.Count ?? 0); i++)
        {
            if (rows!.Ticks(i) > 0)
            {
                starts.Add(rows.StartMs(i));
            }
        }

        // A row without a tick only says that its sources could not be read; blocks have no other.
        return [.. starts];
    }
}
