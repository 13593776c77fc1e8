using System.Globalization;
using System.Text;

namespace Hostscope.Logging;

/// <summary>
/// Makes text fit for one line of a log: a name that somebody chose (a mount point, a header, a host name) must not
/// start a line of its own, move a terminal's cursor, or fill the disk.
/// </summary>
internal static class SafeText
{
    private const string Ellipsis = " [...]";

    /// <summary>Replaces, from <paramref name="start"/> on, what is no plain text, and cuts what is too long.</summary>
    /// <param name="builder">Changed in place; untouched when nothing is wrong, which is nearly always.</param>
    /// <param name="start">Where the text begins.</param>
    /// <param name="maxCost">
    /// Most bytes, counted as JSON would need at most: then a line is short enough in either form.
    /// </param>
    public static void Clean(StringBuilder builder, int start, int maxCost)
    {
        var text = builder.ToString(start, builder.Length - start);
        var cost = 0;
        foreach (var c in text)
        {
            cost += IsPlain(c) ? Cost(c) : maxCost + 1;
            if (cost > maxCost)
            {
                builder.Length = start;
                AppendCleaned(builder, text, maxCost);
                return;
            }
        }
    }

    private static void AppendCleaned(StringBuilder builder, string text, int maxCost)
    {
        var cost = 0;
        foreach (var c in text)
        {
            var escaped = IsPlain(c) ? null : Escape(c);
            cost += escaped is null ? Cost(c) : escaped.Length + 1;
            if (cost > maxCost - Ellipsis.Length)
            {
                builder.Append(Ellipsis);
                return;
            }

            _ = escaped is null ? builder.Append(c) : builder.Append(escaped);
        }
    }

    /// <summary>
    /// Not control characters (C0, DEL, C1), not the line and paragraph separators, and not the formatting characters
    /// with which text can be shown in another order than it is written.
    /// </summary>
    private static bool IsPlain(char c) => c is >= ' ' and < '\x7f' || (c > '\x9f' && char.GetUnicodeCategory(c)
        is not (UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format));

    private static int Cost(char c) => c switch
    {
        '"' or '\\' => 2,
        < '\x7f' => 1,
        _ => 6,
    };

    private static string Escape(char c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        <= '\xff' => $"\\x{(int)c:X2}",
        _ => $"\\u{(int)c:X4}",
    };
}
