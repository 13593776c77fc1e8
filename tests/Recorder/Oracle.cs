using Hostscope.Model;

namespace Hostscope.Recorder.Tests;

/// <summary>What the history must answer, computed the slow and obvious way from a list of ticks.</summary>
internal static class Oracle
{
    /// <summary>The value of a series at a tick as the live view showed it.</summary>
    public static double Derived(IReadOnlyList<OracleTick> ticks, int at, string key)
    {
        var frame = ticks[at].Frame;
        var slot = SlotOf(frame, key);
        if (slot < 0)
        {
            return double.NaN;
        }

        var previous = at > 0 && ticks[at - 1].Run == ticks[at].Run ? ticks[at - 1].Frame : null;
        var values = new double[frame.Schema.Count];
        Derive.Values(previous, frame, values);
        return values[slot];
    }

    /// <summary>Where a series is in a frame, or -1.</summary>
    public static int SlotOf(Frame frame, string key)
    {
        for (var i = 0; i < frame.Schema.Count; i++)
        {
            if (frame.Schema.Series[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A bucket of a series: minimum, time-weighted average, maximum, count.</summary>
    public static (double Min, double Avg, double Max, int Count) Bucket(
        IReadOnlyList<OracleTick> ticks, string key, long fromMs, long toMs)
    {
        double min = double.NaN, max = double.NaN, sum = 0, weight = 0, last = double.NaN;
        var count = 0;
        var metric = MetricOf(ticks, key);
        for (var i = 0; i < ticks.Count; i++)
        {
            var unixMs = ticks[i].Frame.UnixMs;
            var value = unixMs >= fromMs && unixMs < toMs ? Derived(ticks, i, key) : double.NaN;
            if (double.IsNaN(value))
            {
                continue;
            }

            min = double.IsNaN(min) ? value : Math.Min(min, value);
            max = double.IsNaN(max) ? value : Math.Max(max, value);
            var w = metric!.Kind == MetricKind.Gauge ? 1
                : (ticks[i].Frame.MonotonicNs - ticks[i - 1].Frame.MonotonicNs) / 1e9;
            sum += value * w;
            weight += w;
            last = value;
            count++;
        }

        var average = count == 0 ? double.NaN : metric!.RollUp == RollUp.Last ? last : sum / weight;
        return (min, average, max, count);
    }

    private static Metric? MetricOf(IReadOnlyList<OracleTick> ticks, string key)
    {
        foreach (var tick in ticks)
        {
            if (SlotOf(tick.Frame, key) is >= 0 and var slot)
            {
                return tick.Frame.Schema.Series[slot].Metric;
            }
        }

        return null;
    }
}
