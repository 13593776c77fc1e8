using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>A sign of life of a host: its last tick, as health and status tell it.</summary>
/// <param name="Sequence">Number of the tick.</param>
/// <param name="UnixMs">Wall-clock time of the sample, Unix milliseconds.</param>
/// <param name="ReceivedAt">Timestamp of the gateway's clock when it came in.</param>
/// <param name="Series">Number of series.</param>
/// <param name="CollectSeconds">Wall time of all collectors in this tick; absent when the host does not tell.</param>
/// <param name="LatenessSeconds">How late the tick began; absent when the host does not tell.</param>
internal sealed record Pulse(
    long Sequence, long UnixMs, long ReceivedAt, int Series, double CollectSeconds, double LatenessSeconds)
{
    /// <summary>Reads the sign of life out of a tick.</summary>
    public static Pulse Of(Row row, long receivedAt)
    {
        var collect = Derive.Absent;
        var lateness = Derive.Absent;
        for (var slot = row.Schema.Count - 1; slot >= 0; slot--)
        {
            var metric = row.Schema.Series[slot].Metric;
            var value = row.Values[slot];
            if (ReferenceEquals(metric, Metrics.CollectorDuration) && double.IsFinite(value))
            {
                collect = double.IsFinite(collect) ? collect + value : value;
            }
            else if (ReferenceEquals(metric, Metrics.TickLateness))
            {
                lateness = value;
            }
        }

        return new Pulse(row.Sequence, row.UnixMs, receivedAt, row.Schema.Count, collect, lateness);
    }
}
