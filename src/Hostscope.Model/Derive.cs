namespace Hostscope.Model;

/// <summary>
/// Turns two frames of raw values into what people read: counters into rates per second, gauges into values in their
/// unit. Pure, and the only implementation: the live view and the past go through the same lines.
/// </summary>
public static class Derive
{
    /// <summary>The derived value of a series that has none. Written as <c>null</c>, never as 0.</summary>
    public const double Absent = double.NaN;

    /// <summary>
    /// Fills <paramref name="values"/> with the derived value of each series of <paramref name="current"/>.
    /// </summary>
    /// <param name="previous">
    /// An earlier frame of the same host, not necessarily the one before: a rate over a longer interval is as right.
    /// <c>null</c> when there is none: counters are then absent.
    /// </param>
    /// <param name="current">The frame to derive.</param>
    /// <param name="values">At least as many as <paramref name="current"/> has series.</param>
    public static void Values(Frame? previous, Frame current, Span<double> values)
    {
        ArgumentNullException.ThrowIfNull(current);
        var elapsedNs = previous is null ? 0 : current.MonotonicNs - previous.MonotonicNs;
        var sameSchema = previous is not null && ReferenceEquals(previous.Schema, current.Schema);
        var raw = current.Values;
        for (var i = 0; i < raw.Length; i++)
        {
            var series = current.Schema.Series[i];
            if (raw[i] == Frame.Absent)
            {
                values[i] = Absent;
            }
            else if (series.Metric.Kind == MetricKind.Gauge)
            {
                values[i] = (double)raw[i] / series.Metric.Scale;
            }
            else if (previous is null)
            {
                values[i] = Absent;
            }
            else
            {
                var before = sameSchema ? previous.Values[i] : previous.ValueOf(series.Id);
                values[i] = Rate(before, raw[i], elapsedNs, series.Metric.Scale);
            }
        }
    }

    /// <summary>The rate of a counter between two readings, per second, in the metric's unit.</summary>
    /// <param name="before">Raw reading, or <see cref="Frame.Absent"/>.</param>
    /// <param name="after">Raw reading, or <see cref="Frame.Absent"/>.</param>
    /// <param name="elapsedNs">Monotonic time between the two, nanoseconds.</param>
    /// <param name="scale">See <see cref="Metric.Scale"/>.</param>
    /// <returns>
    /// At least 0, or <see cref="Absent"/>: when a reading is missing, when no time has passed, and when the counter
    /// went back (a reset, a wrap, a re-created device; which of them cannot be known, so nothing is guessed).
    /// </returns>
    public static double Rate(long before, long after, long elapsedNs, long scale)
    {
        if (before == Frame.Absent || after == Frame.Absent || elapsedNs <= 0 || after < before)
        {
            return Absent;
        }

        // The difference as unsigned: it may exceed what a signed one holds when before is negative.
        return unchecked((ulong)after - (ulong)before) * 1e9 / ((double)scale * elapsedNs);
    }
}
