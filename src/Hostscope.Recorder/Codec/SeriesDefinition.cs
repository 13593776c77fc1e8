using Hostscope.Model;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// What a number of a series stands for, so that a file can be read without anything beside it. In the payload: varint
/// group, text name, text unit, bytes kind and roll-up, varints topic and scale, varint count of labels, then for each
/// the texts name and value.
/// </summary>
internal sealed record SeriesDefinition(int Id, int Group, Series Series)
{
    private const int MaxLabels = 16;

    public void Write(ByteWriter writer)
    {
        var metric = Series.Metric;
        writer.Count(Group);
        writer.Text(metric.Name);
        writer.Text(metric.Unit);
        writer.Byte((byte)metric.Kind);
        writer.Byte((byte)metric.RollUp);
        writer.Count((int)metric.Topic);
        writer.Varint((ulong)metric.Scale);
        writer.Count(metric.Labels.Length);
        for (var i = 0; i < metric.Labels.Length; i++)
        {
            writer.Text(metric.Labels[i]);
            writer.Text(Series.LabelValues[i]);
        }
    }

    public static SeriesDefinition? Read(int id, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var group = reader.Count(BlockHeader.MaxGroups);
        var name = reader.Text();
        var unit = reader.Text();
        var kind = (MetricKind)reader.Byte();
        var rollUp = (RollUp)reader.Byte();
        var topic = (Topics)reader.Count(int.MaxValue);
        var scale = (long)reader.Varint();
        var labels = new string[reader.Count(MaxLabels)];
        var values = new string[labels.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = reader.Text();
            values[i] = reader.Text();
        }

        if (!reader.AtEnd || scale < 1 || kind > MetricKind.Counter || rollUp > RollUp.Last)
        {
            return null;
        }

        var metric = Known(name, unit, kind, rollUp, scale, labels)
            ?? new Metric(name, unit, kind, labels, "") { Scale = scale, RollUp = rollUp, Topic = topic };
        return new SeriesDefinition(id, group, new Series(id, metric, values));
    }

    /// <summary>True when a series of this program means the same numbers.</summary>
    public bool Means(Series series)
    {
        var (a, b) = (Series.Metric, series.Metric);
        return a.Scale == b.Scale && a.Kind == b.Kind && a.RollUp == b.RollUp && a.Unit == b.Unit
            && Series.Key == series.Key;
    }

    private static Metric? Known(
        string name, string unit, MetricKind kind, RollUp rollUp, long scale, string[] labels)
    {
        foreach (var metric in Metrics.All)
        {
            if (metric.Name == name && metric.Scale == scale && metric.Kind == kind && metric.RollUp == rollUp
                && metric.Unit == unit && metric.Labels.AsSpan().SequenceEqual(labels))
            {
                return metric;
            }
        }

        return null;
    }
}
