using System.Text;

namespace Hostscope.Model;

/// <summary>One metric of one thing: a row of <see cref="Metrics"/> with its label values.</summary>
public sealed class Series
{
    /// <summary>Makes a series.</summary>
    /// <param name="id">
    /// Number of the series on this host, given at first sight and not re-used while the process runs.
    /// </param>
    /// <param name="metric">The row of the schema table.</param>
    /// <param name="labelValues">One value for each of the metric's labels, in their order.</param>
    /// <exception cref="ArgumentException">The number of values differs from the number of labels.</exception>
    public Series(int id, Metric metric, string[] labelValues)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(labelValues);
        if (labelValues.Length != metric.Labels.Length)
        {
            throw new ArgumentException(
                $"{metric.Name} has {metric.Labels.Length} labels, {labelValues.Length} values were given.",
                nameof(labelValues));
        }

        Id = id;
        Metric = metric;
        LabelValues = labelValues;
        Key = MakeKey(metric, labelValues);
    }

    /// <summary>Number of the series on this host.</summary>
    public int Id { get; }

    /// <summary>The row of the schema table.</summary>
    public Metric Metric { get; }

    /// <summary>Label values in the order of <see cref="Metric.Labels"/>.</summary>
    public IReadOnlyList<string> LabelValues { get; }

    /// <summary>
    /// The name that queries and pages use: <c>system.disk.io{system.device="sda",disk.io.direction="read"}</c>.
    /// Backslash, quote and newline in a value are escaped with a backslash, as in the OpenMetrics text format.
    /// </summary>
    public string Key { get; }

    /// <summary>The <see cref="Key"/> of a metric with label values.</summary>
    public static string MakeKey(Metric metric, ReadOnlySpan<string> labelValues)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (labelValues.Length == 0)
        {
            return metric.Name;
        }

        var key = new StringBuilder(metric.Name).Append('{');
        for (var i = 0; i < labelValues.Length; i++)
        {
            key.Append(i == 0 ? "" : ",").Append(metric.Labels[i]).Append("=\"");
            key.Append(labelValues[i].Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            key.Append('"');
        }

        return key.Append('}').ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Key;
}

/// <summary>
/// The ordered list of the series of a frame. Immutable; a device that comes or goes makes a new one with the next
/// version.
/// </summary>
/// <param name="version">Grows by one with each change, from 1; 0 is the empty schema of a fresh frame.</param>
/// <param name="series">The series, ordered by metric row, then by id.</param>
public sealed class Schema(int version, Series[] series)
{
    /// <summary>The schema of a frame that holds nothing yet.</summary>
    public static readonly Schema Empty = new(0, []);

    private readonly Lazy<Dictionary<int, int>> _slots = new(() => MapSlots(series));

    /// <summary>Grows by one with each change.</summary>
    public int Version { get; } = version;

    /// <summary>The series, ordered by metric row, then by id; the order of <see cref="Frame.Values"/>.</summary>
    public ReadOnlySpan<Series> Series => series;

    /// <summary>Number of series.</summary>
    public int Count => series.Length;

    /// <summary>The position of a series in this schema, or -1.</summary>
    public int SlotOf(int seriesId) => _slots.Value.GetValueOrDefault(seriesId, -1);

    private static Dictionary<int, int> MapSlots(Series[] series)
    {
        var map = new Dictionary<int, int>(series.Length);
        for (var i = 0; i < series.Length; i++)
        {
            map[series[i].Id] = i;
        }

        return map;
    }
}
