using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Hostscope.Model;

namespace Hostscope.Gateway.Past;

/// <summary>Writes answers of many numbers, as docs/WIRE.md has them.</summary>
internal static class PastWriter
{
    /// <summary>Writes series over time.</summary>
    public static void Write(Utf8JsonWriter json, SeriesHistory history)
    {
        json.WriteStartObject();
        json.WriteNumber("from"u8, history.FromMs);
        json.WriteNumber("to"u8, history.FromMs + (history.BucketMs * history.Buckets));
        json.WriteNumber("bucket"u8, history.BucketMs);
        json.WriteNumber("buckets"u8, history.Buckets);
        json.WriteNumber("resolution"u8, history.ResolutionMs);
        json.WriteBoolean("coarser"u8, history.IsCoarserThanAsked);
        Write(json, "ticks"u8, history.Ticks);
        json.WriteStartArray("series"u8);
        foreach (var column in history.Columns)
        {
            Write(json, column);
        }

        json.WriteEndArray();
        Write(json, history.NoData);
        json.WriteEndObject();
    }

    /// <summary>Writes what a strip shows.</summary>
    public static void Write(Utf8JsonWriter json, Overview overview, NoData? noData)
    {
        var buckets = overview.Ticks.Length;
        json.WriteStartObject();
        json.WriteNumber("from"u8, overview.FromMs);
        json.WriteNumber("to"u8, overview.FromMs + (overview.BucketMs * buckets));
        json.WriteNumber("bucket"u8, overview.BucketMs);
        json.WriteNumber("buckets"u8, buckets);
        json.WriteNumber("resolution"u8, overview.ResolutionMs);
        json.WritePropertyName("cpus"u8);
        WireNumber.Write(json, overview.Cpus);
        Write(json, "ticks"u8, overview.Ticks);
        Write(json, "cpuAvg"u8, overview.CpuAvg);
        Write(json, "cpuMax"u8, overview.CpuMax);
        Write(json, "cpuStallMax"u8, overview.CpuStallMax);
        Write(json, "memoryStallMax"u8, overview.MemoryStallMax);
        Write(json, "ioStallMax"u8, overview.IoStallMax);
        json.WriteStartArray("gaps"u8);
        foreach (var gap in overview.Gaps)
        {
            json.WriteStartArray();
            json.WriteNumberValue(gap.FromMs);
            json.WriteNumberValue(gap.ToMs);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("events"u8);
        foreach (var item in overview.Events)
        {
            JsonSerializer.Serialize(json, PastEvent.Of(item), GatewayJson.Default.PastEvent);
        }

        json.WriteEndArray();
        json.WriteBoolean("moreEvents"u8, overview.HasMoreEvents);
        Write(json, noData);
        json.WriteEndObject();
    }

    /// <summary>Writes the member <c>noData</c>.</summary>
    public static void Write(Utf8JsonWriter json, NoData? noData)
    {
        if (noData is null)
        {
            json.WriteNull("noData"u8);
            return;
        }

        json.WriteStartObject("noData"u8);
        Write(json, "before"u8, noData.BeforeMs);
        Write(json, "after"u8, noData.AfterMs);
        json.WriteString("reason"u8, noData.Reason);
        json.WriteEndObject();
    }

    /// <summary>Writes a number that may be missing.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>What a series is.</summary>
    public static SeriesFacts Facts(Series series)
    {
        var metric = series.Metric;
        var labels = new Dictionary<string, string>(series.LabelValues.Count);
        for (var i = 0; i < series.LabelValues.Count; i++)
        {
            labels[metric.Labels[i]] = series.LabelValues[i];
        }

        return new SeriesFacts(
            series.Key, metric.Name, labels, metric.Unit, metric.Kind == MetricKind.Counter ? "counter" : "gauge");
    }

    private static void Write(Utf8JsonWriter json, SeriesColumn column)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, column.Key);
        var facts = column.Series is { } series ? Facts(series) : null;
        json.WriteString("name"u8, facts?.Name);
        json.WritePropertyName("labels"u8);
        if (facts is null)
        {
            json.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(json, facts.Labels, GatewayJson.Default.IReadOnlyDictionaryStringString);
        }

        json.WriteString("unit"u8, facts?.Unit);
        json.WriteString("kind"u8, facts?.Kind);
        if (column.Count.AsSpan().ContainsAnyExceptInRange(0, 1))
        {
            Write(json, "min"u8, column.Min);
            Write(json, "avg"u8, column.Avg);
            Write(json, "max"u8, column.Max);
        }
        else
        {
            Write(json, "avg"u8, column.Avg); // The smallest and the largest of one value are that value.
        }

        Write(json, "count"u8, column.Count);
        json.WriteEndObject();
    }

    /// <summary>A column, or the one value that all of it is. NaN, which is absent, is equal to NaN here.</summary>
    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<double> values)
    {
        json.WritePropertyName(name);
        if (values.Length > 0 && !values.ContainsAnyExcept(values[0]))
        {
            WireNumber.Write(json, values[0]);
            return;
        }

        json.WriteStartArray();
        foreach (var value in values)
        {
            WireNumber.Write(json, value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<int> values)
    {
        json.WritePropertyName(name);
        if (values.Length > 0 && !values.ContainsAnyExcept(values[0]))
        {
            json.WriteNumberValue(values[0]);
            return;
        }

        json.WriteStartArray();
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
