using System.Buffers;
using System.Text.Json;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>The buffer and the envelope that the messages of tables share. Belongs to one encoder.</summary>
internal sealed class TableWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(16 * 1024);
    private readonly Utf8JsonWriter _json;

    public TableWriter() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Begins a message; what belongs to its table is the caller's to write.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type, long sequence, long unixMs, bool full)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteNumber("seq"u8, sequence);
        _json.WriteNumber("t"u8, unixMs);
        _json.WriteBoolean("full"u8, full);
        return _json;
    }

    /// <summary>Ends the message; what it returns is never written again.</summary>
    public Message End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return new Message(_buffer.WrittenSpan);
    }

    /// <summary>Writes a raw value of a table.</summary>
    public static void Write(Utf8JsonWriter json, long value)
    {
        if (value == Frame.Absent)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteNumberValue(value);
        }
    }
}
