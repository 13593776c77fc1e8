using Hostscope.Model;

namespace Hostscope.Recorder.Past;

/// <summary>
/// A series of the recorder's own: CPU time of the modes that are busy, added up before it is stored. The coarse tiers
/// then know the busiest second of an hour, which the maxima of single modes do not tell.
/// </summary>
internal sealed class OverviewSeries
{
    private const string Prefix = "hostscope.recorder.";

    private static readonly string[] BusyModes = ["user", "nice", "system", "irq", "softirq"];

    /// <summary>
    /// CPUs busy: the strip's silhouette. iowait and steal are not busy; guest time is in user already.
    /// </summary>
    public static readonly Series Busy = new(int.MaxValue, new Metric(
        Prefix + "cpu.busy", "s", MetricKind.Counter, [],
        "CPU time of the modes user, nice, system, irq and softirq together.")
    { Scale = Metrics.CpuTime.Scale }, []);

    private Schema? _schema;
    private int[] _slots = [];

    /// <summary>
    /// The series of a frame and the recorder's own behind them; the same array as long as the schema is.
    /// </summary>
    public Series[] Series { get; private set; } = [];

    /// <summary>True for a series that only the recorder has.</summary>
    public static bool IsInternal(Series series) => series.Metric.Name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Copies the values of a frame and adds the recorder's own.</summary>
    public ReadOnlySpan<long> Extend(Frame frame, ref long[] values)
    {
        if (!ReferenceEquals(frame.Schema, _schema))
        {
            _schema = frame.Schema;
            var series = frame.Schema.Series;
            Series = [.. series, Busy];
            _slots = [.. Enumerable.Range(0, series.Length).Where(i => IsBusyMode(frame.Schema.Series[i]))];
        }

        var count = frame.Schema.Count;
        if (values.Length <= count)
        {
            values = new long[count + (count / 4) + 1];
        }

        frame.Values.CopyTo(values);
        var busy = _slots.Length == 0 ? Frame.Absent : 0;
        foreach (var slot in _slots)
        {
            busy = values[slot] == Frame.Absent || busy == Frame.Absent ? Frame.Absent : busy + values[slot];
        }

        values[count] = busy;
        return values.AsSpan(0, count + 1);
    }

    private static bool IsBusyMode(Series series) => series.Metric.Name == Metrics.CpuTime.Name
        && series.LabelValues is [var mode] && BusyModes.Contains(mode);
}
