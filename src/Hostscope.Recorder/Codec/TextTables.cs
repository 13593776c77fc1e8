namespace Hostscope.Recorder.Codec;

/// <summary>
/// Texts of a block, each written once: <c>varint 0</c> is no text, <c>varint n</c> the n-th text of the block, and the
/// first number not yet given is followed by the text itself.
/// </summary>
internal sealed class TextWriterTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public void Clear() => _numbers.Clear();

    public void Write(ByteWriter writer, string? text)
    {
        if (text is null)
        {
            writer.Count(0);
        }
        else if (_numbers.TryGetValue(text, out var number))
        {
            writer.Count(number);
        }
        else
        {
            _numbers.Add(text, _numbers.Count + 1);
            writer.Count(_numbers.Count);
            writer.Text(text);
        }
    }
}

/// <summary>The other side of <see cref="TextWriterTable"/>.</summary>
internal sealed class TextReaderTable
{
    private readonly List<string> _texts = [];

    public void Clear() => _texts.Clear();

    public string? Read(ref ByteReader reader)
    {
        var number = reader.Count(_texts.Count + 1);
        if (number == 0)
        {
            return null;
        }

        if (number <= _texts.Count)
        {
            return _texts[number - 1];
        }

        _texts.Add(reader.Text());
        return _texts[^1];
    }
}
