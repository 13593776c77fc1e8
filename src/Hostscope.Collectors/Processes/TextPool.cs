using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// One string for equal bytes: four hundred processes live in a few dozen cgroups, and asking again for the cgroup of a
/// process makes no new string. Emptied when full, which costs making the texts in use once more.
/// </summary>
/// <param name="maxTexts">Most texts kept.</param>
internal sealed class TextPool(int maxTexts)
{
    private readonly Dictionary<byte[], string> _texts = new(NameComparer.Instance);

    /// <summary>Number of texts kept.</summary>
    public int Count => _texts.Count;

    /// <summary>The printable text of some bytes; allocates only when it is new.</summary>
    public string Of(ReadOnlySpan<byte> bytes)
    {
        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(bytes, out var text))
        {
            if (_texts.Count >= maxTexts)
            {
                _texts.Clear();
            }

            text = PrintableText.FromUtf8(bytes);
            _texts.Add(bytes.ToArray(), text);
        }

        return text;
    }
}
