using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>
/// Writes the messages of docs/WIRE.md. Not thread-safe: belongs to one encoder, whose buffer it re-uses; what it
/// returns is a copy that is never written again.
/// </summary>
internal sealed class Wire : IDisposable
{
    /// <summary>Version of the protocol in <c>hello</c>.</summary>
    public const int Protocol = 1;

    /// <summary>
    /// Most bytes of a <c>hello</c>: a page on a slow line opens within a minute, and a hundred that open at once share
    /// the same bytes. Beyond it the backlog is shortened; a schema that exceeds it alone is sent without one.
    /// </summary>
    public const int MaxHelloBytes = 1 << 20;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _json;

    public Wire() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>The message <c>frame</c>.</summary>
    public Message Frame(Row row, SchemaView view) =>
        Frame(row.Sequence, row.UnixMs, row.ElapsedMs, row.Values, view);

    /// <summary>The message <c>frame</c> of values that are derived already.</summary>
    public Message Frame(long sequence, long unixMs, double elapsedMs, ReadOnlySpan<double> values, SchemaView view)
    {
        Begin("frame");
        _json.WriteNumber("seq"u8, sequence);
        _json.WriteNumber("t"u8, unixMs);
        _json.WritePropertyName("dt"u8);
        WireNumber.Write(_json, elapsedMs);
        _json.WriteStartArray("v"u8);
        foreach (var slot in view.Slots)
        {
            WireNumber.Write(_json, values[slot]);
        }

        _json.WriteEndArray();
        return End();
    }

    /// <summary>The message <c>schema</c>.</summary>
    public Message Schema(Schema schema, Topics topics, int[] slots)
    {
        Begin("schema");
        _json.WriteNumber("version"u8, schema.Version);
        _json.WriteStartArray("topics"u8);
        foreach (var (name, topic) in TopicNames.All)
        {
            if ((topics & topic) != 0)
            {
                _json.WriteStringValue(name);
            }
        }

        _json.WriteEndArray();
        _json.WriteStartArray("series"u8);
        foreach (var slot in slots)
        {
            WriteSeries(schema.Series[slot]);
        }

        _json.WriteEndArray();
        return End();
    }

    /// <summary>
    /// The start of a <c>hello</c>, up to its member <c>interval</c>: what differs from viewer to viewer.
    /// </summary>
    public static byte[] HelloStart(string version, long nowUnixMs, AuthInfo auth)
    {
        // The version is ours: digits and points, nothing to escape.
        Span<byte> now = stackalloc byte[20];
        Utf8Formatter.TryFormat(nowUnixMs, now, out var length);
        return
        [
            .. "{\"type\":\"hello\",\"protocol\":1,\"version\":\""u8, .. System.Text.Encoding.UTF8.GetBytes(version),
            .. "\",\"now\":"u8, .. now[..length],
            .. ",\"auth\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(auth, GatewayJson.Default.AuthInfo),
        ];
    }

    /// <summary>The rest of a <c>hello</c>, the same for every viewer of a topic set.</summary>
    public Message HelloRest(HostState host, SchemaView view, History history, RecorderNote? recorder = null)
    {
        var rows = history.Count;
        while (true)
        {
            var length = WriteHelloRest(host, view, history, recorder, rows);
            if (length <= MaxHelloBytes || rows == 0)
            {
                // It continues the object that HelloStart opened.
                return new Message([(byte)',', .. _buffer.WrittenSpan[1..]]);
            }

            // In proportion, and a tenth less, so that it rarely takes a third try.
            rows = Math.Min(rows - 1, (int)((long)rows * MaxHelloBytes * 9 / 10 / length));
        }
    }

    /// <summary>Writes it into the buffer; its length.</summary>
    private int WriteHelloRest(
        HostState host, SchemaView view, History history, RecorderNote? recorder, int rows)
    {
        Reset();
        _json.WriteStartObject();
        _json.WriteNumber("interval"u8, host.IntervalMs);
        _json.WritePropertyName("host"u8);
        JsonSerializer.Serialize(_json, host.Info, GatewayJson.Default.HostInfo);
        _json.WritePropertyName("capabilities"u8);
        JsonSerializer.Serialize(_json, host.Capabilities, GatewayJson.Default.IReadOnlyListCapability);
        _json.WritePropertyName("recorder"u8);
        _json.WriteRawValue(recorder is null ? "null"u8 : recorder.State, skipInputValidation: true);
        _json.WritePropertyName("schema"u8);
        _json.WriteRawValue(view.Message.Payload.Span, skipInputValidation: true);
        _json.WriteStartObject("backlog"u8);
        var first = history.Count - rows;
        WriteColumn("seq"u8, history, first, static row => row.Sequence);
        WriteColumn("t"u8, history, first, static row => row.UnixMs);
        WriteColumn("dt"u8, history, first, static row => row.ElapsedMs);
        _json.WriteStartArray("columns"u8);
        WriteColumns(view, history, first);
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenCount;
    }

    private void WriteSeries(Series series)
    {
        _json.WriteStartObject();
        _json.WriteString("name"u8, series.Metric.Name);
        _json.WriteStartObject("labels"u8);
        for (var i = 0; i < series.LabelValues.Count; i++)
        {
            _json.WriteString(series.Metric.Labels[i], series.LabelValues[i]);
        }

        _json.WriteEndObject();
        _json.WriteString("unit"u8, series.Metric.Unit);
        _json.WriteString("kind"u8, series.Metric.Kind == MetricKind.Counter ? "counter"u8 : "gauge"u8);
        _json.WriteEndObject();
    }

    private void WriteColumn(ReadOnlySpan<byte> name, History history, int first, Func<Row, double> value)
    {
        _json.WriteStartArray(name);
        for (var i = first; i < history.Count; i++)
        {
            WireNumber.Write(_json, value(history[i]));
        }

        _json.WriteEndArray();
    }

    private void WriteColumns(SchemaView view, History history, int first)
    {
        var slotsByRow = MapSlots(view, history, first);
        for (var column = 0; column < view.Slots.Length; column++)
        {
            if (IsConstant(history, first, slotsByRow, column, out var constant))
            {
                WireNumber.Write(_json, constant);
                continue;
            }

            _json.WriteStartArray();
            for (var i = first; i < history.Count; i++)
            {
                WireNumber.Write(_json, ValueAt(history[i], slotsByRow[i - first][column]));
            }

            _json.WriteEndArray();
        }
    }

    /// <summary>
    /// For each row the positions of the view's series in that row's own schema; shared by rows of one schema.
    /// </summary>
    private static int[][] MapSlots(SchemaView view, History history, int first)
    {
        var slotsByRow = new int[history.Count - first][];
        var schema = view.Schema;
        var slots = view.Slots;
        for (var i = history.Count - 1; i >= first; i--)
        {
            var row = history[i];
            if (!ReferenceEquals(row.Schema, schema))
            {
                schema = row.Schema;
                slots = [.. view.Slots.Select(slot => row.Schema.SlotOf(view.Schema.Series[slot].Id))];
            }

            slotsByRow[i - first] = slots;
        }

        return slotsByRow;
    }

    private static bool IsConstant(History history, int first, int[][] slotsByRow, int column, out double value)
    {
        value = Derive.Absent;
        for (var i = first; i < history.Count; i++)
        {
            var here = ValueAt(history[i], slotsByRow[i - first][column]);
            if (i == first)
            {
                value = here;
            }
            else if (!value.Equals(here)) // Equals, as NaN is equal to NaN here: absent all along.
            {
                return false;
            }
        }

        return history.Count > first;
    }

    private static double ValueAt(Row row, int slot) => slot < 0 ? Derive.Absent : row.Values[slot];

    private void Begin(string type)
    {
        Reset();
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
    }

    private void Reset()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
    }

    private Message End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return new Message(_buffer.WrittenSpan);
    }
}
