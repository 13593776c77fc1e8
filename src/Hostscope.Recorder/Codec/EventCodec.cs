using Hostscope.Bus;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// An event. In the payload: zigzag Unix ms, byte kind, texts subject and sentence, varint count of facts, then for
/// each the text name and the zigzag value.
/// </summary>
internal static class EventCodec
{
    private const int MaxFacts = 32;

    public static void Write(ByteWriter writer, HistoryEvent item)
    {
        writer.ZigZag(item.UnixMs);
        writer.Byte((byte)item.Kind);
        writer.Text(item.Subject);
        writer.Text(item.Text);
        writer.Count(item.Facts.Count);
        foreach (var fact in item.Facts)
        {
            writer.Text(fact.Name);
            writer.ZigZag(fact.Value);
        }
    }

    public static HistoryEvent? Read(long id, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var unixMs = reader.ZigZag();
        var kind = (HistoryEventKind)reader.Byte();
        var subject = reader.Text();
        var text = reader.Text();
        var facts = new HistoryFact[reader.Count(MaxFacts)];
        for (var i = 0; i < facts.Length; i++)
        {
            facts[i] = new HistoryFact(reader.Text(), reader.ZigZag());
        }

        return reader.AtEnd ? new HistoryEvent(id, unixMs, kind, subject, text, facts) : null;
    }
}
