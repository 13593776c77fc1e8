using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>How a range is cut into buckets, and from which tier they are filled.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="FromMs">Start of the first bucket.</param>
/// <param name="BucketMs">Width of a bucket.</param>
/// <param name="Buckets">Number of buckets.</param>
/// <param name="IsCoarserThanAsked">True when a finer tier would be used if it reached back that far.</param>
internal sealed record BucketPlan(Tier Tier, long FromMs, long BucketMs, int Buckets, bool IsCoarserThanAsked)
{
    /// <summary>
    /// Widths that people can read off an axis. Seconds serve up to 20 s a bucket: 20 series over the six hours that
    /// 1,000 buckets of 20 s span take 72 blocks; above, the minutes do.
    /// </summary>
    private static readonly long[] Widths =
    [
        100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000,
        60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
        3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
        86_400_000, 172_800_000, 432_000_000, 864_000_000, 1_728_000_000, 4_320_000_000,
    ];

    public long ToMs => FromMs + (BucketMs * Buckets);

    /// <summary>Plans a range.</summary>
    public static BucketPlan Make(BlockIndex index, long fromMs, long toMs, int points, long intervalMs)
    {
        var asked = TierOf(WidthFor(fromMs, toMs, points, Math.Min(intervalMs, 60_000)));
        var tier = FinestTier(index, fromMs, toMs, asked);
        var width = WidthFor(fromMs, toMs, points, Math.Max(StepOf(tier), Math.Min(intervalMs, 60_000)));
        var start = TimeMath.Floor(fromMs, width);
        var buckets = (int)((toMs - start + width - 1) / width);
        return new BucketPlan(tier, start, width, buckets, tier > asked);
    }

    /// <summary>
    /// The finest tier, from one on, that reaches back as far as any coarser one does within a range.
    /// </summary>
    public static Tier FinestTier(BlockIndex index, long fromMs, long toMs, Tier tier = Tier.Second)
    {
        while (tier < Tier.Hour && ReachesFurther(index, tier, fromMs, toMs))
        {
            tier++;
        }

        return tier;
    }

    /// <summary>Resolution of a tier, milliseconds; for seconds the smallest width there is.</summary>
    public static long StepOf(Tier tier) => tier switch
    {
        Tier.Second => Widths[0],
        Tier.Minute => RollUpBuilder.MinuteMs,
        _ => RollUpBuilder.HourMs,
    };

    /// <summary>The bucket of a time, or -1.</summary>
    public int BucketOf(long unixMs)
    {
        var offset = unixMs - FromMs;
        return offset < 0 || offset >= BucketMs * Buckets ? -1 : (int)(offset / BucketMs);
    }

    private static Tier TierOf(long width) => width < RollUpBuilder.MinuteMs ? Tier.Second
        : width < RollUpBuilder.HourMs ? Tier.Minute : Tier.Hour;

    /// <summary>The smallest width with which the aligned range has no more buckets than wanted.</summary>
    private static long WidthFor(long fromMs, long toMs, int points, long atLeast)
    {
        foreach (var width in Widths)
        {
            if (width >= atLeast && (toMs - TimeMath.Floor(fromMs, width) + width - 1) / width <= points)
            {
                return width;
            }
        }

        // Wider than all of them: days, as many as it takes.
        var days = ((toMs - fromMs) / Math.Max(1, points - 1) / 86_400_000) + 1;
        return days * 86_400_000;
    }

    /// <summary>True when a coarser tier has something of the range from before this tier begins.</summary>
    private static bool ReachesFurther(BlockIndex index, Tier tier, long fromMs, long toMs)
    {
        var (oldest, _) = index.Extent(tier);
        var end = Math.Min(toMs, oldest ?? toMs);
        for (var coarser = tier + 1; coarser <= Tier.Hour; coarser++)
        {
            // A minute that began before the first second and goes on after it is not "further back".
            if (index.Headers(coarser).Any(block =>
                block.MinUnixMs + StepOf(coarser) <= end && block.MaxUnixMs >= fromMs))
            {
                return true;
            }
        }

        return false;
    }
}
