using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Which series have data in a range.</summary>
internal static class SeriesCatalogReader
{
    public static List<Series> Read(BlockIndex index, long fromMs, long toMs, CancellationToken cancellation)
    {
        var found = new SortedDictionary<string, Series>(StringComparer.Ordinal);
        foreach (var tier in Enum.GetValues<Tier>())
        {
            foreach (var block in index.Overlapping(tier, fromMs, toMs))
            {
                cancellation.ThrowIfCancellationRequested();
                if (tier > Tier.Second || !index.IsRolledUp(block.Header))
                {
                    Add(block, found);
                }
            }
        }

        return [.. found.Values];
    }

    private static void Add(IBlock block, SortedDictionary<string, Series> found)
    {
        var definitions = block.Definitions;
        foreach (var number in block.Header.Groups)
        {
            foreach (var id in block.Group(number) is { } group ? group.Ids : [])
            {
                if (definitions.GetValueOrDefault(id)?.Series is { } series && !OverviewSeries.IsInternal(series))
                {
                    found.TryAdd(series.Key, series);
                }
            }
        }
    }
}
