using System.Buffers;
using System.Text;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// Text of somebody else's choice, made safe to print: bytes that are no UTF-8, control characters (C0, DEL, C1), line
/// and paragraph separators, and the characters that reverse the direction of what follows each become U+FFFD, so that
/// a name can neither forge a log line nor repaint a terminal nor read backwards. Everything else stays, in any script.
/// </summary>
internal static class PrintableText
{
    private const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Unprintable = SearchValues.Create(MakeUnprintable());

    /// <summary>Makes the text.</summary>
    public static string FromUtf8(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return text.AsSpan().IndexOfAny(Unprintable) < 0 ? text : string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = Unprintable.Contains(from[i]) ? Replacement : from[i];
            }
        });
    }

    private static string MakeUnprintable()
    {
        var characters = new StringBuilder();
        AddRange(characters, '\0', '\x1f');
        AddRange(characters, '\x7f', '\x9f');
        characters.Append('\u061C');            // Arabic letter mark
        AddRange(characters, '\u200E', '\u200F'); // left-to-right and right-to-left marks
        AddRange(characters, '\u2028', '\u202E'); // separators, embeddings and overrides
        AddRange(characters, '\u2066', '\u2069'); // isolates
        return characters.ToString();
    }

    private static void AddRange(StringBuilder characters, char first, char last)
    {
        for (var character = first; character <= last; character++)
        {
            characters.Append(character);
        }
    }
}
