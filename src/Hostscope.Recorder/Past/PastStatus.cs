using Hostscope.Bus;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>What is kept, how far back, and for how much longer the budget lasts.</summary>
internal static class PastStatus
{
    private const long OneDayMs = 86_400_000;

    /// <summary>Rates over less than this say nothing: the first block of a run is mostly key frame.</summary>
    private const long ShortestForRateMs = 600_000;

    /// <summary>Fills in what the files tell.</summary>
    public static HistoryStatus Fill(HistoryStatus status, StoreView view, RetentionLimits? limits)
    {
        var tiers = new List<HistoryTier>();
        long? oldest = null, newest = null;
        foreach (var tier in Enum.GetValues<Tier>())
        {
            var (first, last) = Extent(view, tier);
            oldest = oldest is { } o && (first is not { } f || o < f) ? o : first;
            newest = newest is { } n && (last is not { } l || n > l) ? n : last;
            tiers.Add(new HistoryTier(
                tier == Tier.Second ? IntervalOf(view) : BucketPlan.StepOf(tier), first, last,
                view.Files[(int)tier].Sum(file => file.Bytes), limits?.MaxAgeMs[(int)tier] ?? 0));
        }

        var seconds = PerDay(view, Tier.Second);
        var minutes = PerDay(view, Tier.Minute) ?? 0;
        return status with
        {
            Tiers = tiers,
            OldestUnixMs = oldest,
            NewestUnixMs = newest,
            BudgetBytes = limits?.BudgetBytes ?? 0,
            BytesPerDay = seconds is { } rate ? (long)(rate + minutes) : null,
            DaysAtThisRate = seconds is { } perDay && limits is not null ? Days(perDay, minutes, limits) : null,
        };
    }

    /// <summary>Time between ticks of the newest block; a second when there is none.</summary>
    public static long IntervalOf(StoreView view) =>
        view.Memory is [.., var open] ? open.IntervalMs
        : view.Files[0] is [.., { Blocks: [.., var last] }] ? last.IntervalMs : 1000;

    private static (long? First, long? Last) Extent(StoreView view, Tier tier)
    {
        long? first = null, last = null;
        foreach (var header in view.Files[(int)tier].SelectMany(file => file.Blocks))
        {
            first = first is { } f && f < header.MinUnixMs ? f : header.MinUnixMs;
            last = last is { } l && l > header.MaxUnixMs ? l : header.MaxUnixMs;
        }

        foreach (var block in tier == Tier.Second ? view.Memory.Where(block => block.Count > 0) : [])
        {
            first = first is { } f && f < block.FirstUnixMs ? f : block.FirstUnixMs;
            last = last is { } l && l > block.LastUnixMs ? l : block.LastUnixMs;
        }

        return (first, last);
    }

    private static double Days(double seconds, double minutes, RetentionLimits limits)
    {
        var forMinutes = Math.Min(minutes * limits.MaxAgeMs[(int)Tier.Minute] / OneDayMs, limits.BudgetBytes / 2.0);
        var days = (limits.BudgetBytes - forMinutes) / Math.Max(1, seconds);
        return Math.Min(days, (double)limits.MaxAgeMs[(int)Tier.Second] / OneDayMs);
    }

    /// <summary>Bytes of a day at the rate of the last day that was recorded, what SQLite adds included.</summary>
    private static double? PerDay(StoreView view, Tier tier)
    {
        double blobs = 0, files = 0, bytes = 0, spanMs = 0;
        var newest = Extent(view, tier).Last;
        foreach (var file in view.Files[(int)tier].Where(file => file.NewestUnixMs > newest - OneDayMs))
        {
            files += file.Bytes;
            foreach (var header in file.Blocks)
            {
                blobs += header.Bytes;
                if (header.MaxUnixMs > newest - OneDayMs)
                {
                    bytes += header.Bytes;
                    spanMs += (double)header.Ticks * header.IntervalMs;
                }
            }
        }

        return spanMs < ShortestForRateMs || blobs == 0 ? null
            : bytes * Math.Max(1, files / blobs) / spanMs * OneDayMs;
    }
}
