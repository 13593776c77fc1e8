namespace Hostscope.Collectors.Processes;

/// <summary>Recognises secrets by what they look like, whatever stands before them.</summary>
internal static class SecretShapes
{
    /// <summary>From this length on a word without meaning is taken for a secret.</summary>
    public const int LongWord = 32;

    /// <summary>
    /// Digits that a long word must have: names seldom have four, 32 random characters have five or more.
    /// </summary>
    private const int MinDigits = 4;

    /// <summary>
    /// Length of the secret at the beginning of a text, or 0. The text begins where a word does.
    /// </summary>
    /// <param name="text">The rest of an argument.</param>
    /// <param name="isPath">
    /// True within an absolute path, whose long parts are names: ids of containers, hashes.
    /// </param>
    /// <param name="isPart">
    /// True behind a slash or plus sign: what reaches past the next one has been looked at already.
    /// </param>
    public static int Match(ReadOnlySpan<byte> text, bool isPath, bool isPart)
    {
        if (text.StartsWith("-----BEGIN "u8))
        {
            return text.Length;
        }

        var known = MatchKnown(text);
        return known > 0 || isPath ? known : MatchLongWord(text, isPart);
    }

    /// <summary>True for the characters that tokens are made of.</summary>
    private static bool IsTokenCharacter(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'-' or (byte)'+' or (byte)'/';

    private static int MatchKnown(ReadOnlySpan<byte> text)
    {
        // Looked at by its first letter: most words end here.
        var minimum = text.IsEmpty ? 0 : text[0] switch
        {
            (byte)'A' => Longest(Issued(text, "AKIA"u8, 20), Issued(text, "ASIA"u8, 20), Issued(text, "AIza"u8, 35),
                Issued(text, "AGE-SECRET-KEY-"u8, 30)),
            (byte)'S' => Issued(text, "SG."u8, 30),
            (byte)'P' => Issued(text, "PMAK-"u8, 20),
            (byte)'N' => Issued(text, "NRAK-"u8, 20),
            (byte)'d' => Longest(Issued(text, "dop_v1_"u8, 30), Issued(text, "dckr_pat_"u8, 20)),
            (byte)'e' => WebToken(text),
            (byte)'g' => Longest(GitHub(text), Issued(text, "glpat-"u8, 16), Issued(text, "glrt-"u8, 16),
                Issued(text, "gsk_"u8, 24)),
            (byte)'h' => Longest(Issued(text, "hs_"u8, 20), Issued(text, "hvs."u8, 20), Issued(text, "hf_"u8, 24),
                Issued(text, "hooks.slack.com/services/"u8, 40)),
            (byte)'n' => Longest(Issued(text, "npm_"u8, 24), Issued(text, "nvapi-"u8, 24)),
            (byte)'p' => Issued(text, "pypi-"u8, 24),
            (byte)'r' => Issued(text, "rk_live_"u8, 16),
            (byte)'s' => Longest(Issued(text, "sk_live_"u8, 16), Issued(text, "sk_test_"u8, 16),
                Issued(text, "sk-"u8, 24), Issued(text, "shpat_"u8, 20)),
            (byte)'t' => Issued(text, "tskey-"u8, 16),
            (byte)'w' => Issued(text, "whsec_"u8, 16),
            (byte)'x' => Longest(Slack(text), Issued(text, "xapp-"u8, 16)),
            (byte)'y' => Issued(text, "ya29."u8, 24),
            _ => 0,
        };
        return minimum;
    }

    private static int Longest(int a, int b, int c = 0, int d = 0) => Math.Max(Math.Max(a, b), Math.Max(c, d));

    /// <summary>ghp_, gho_, ghu_, ghs_, ghr_ and github_pat_.</summary>
    private static int GitHub(ReadOnlySpan<byte> text) =>
        text.Length > 4 && text[1] == 'h' && text[2] is (byte)'p' or (byte)'o' or (byte)'u' or (byte)'s' or (byte)'r'
        && text[3] == '_'
            ? Issued(text, text[..4], 20)
            : Issued(text, "github_pat_"u8, 24);

    /// <summary>xoxb-, xoxp-, xoxa-, xoxr-, xoxs- and xoxe.</summary>
    private static int Slack(ReadOnlySpan<byte> text) =>
        text.Length > 5 && text[4] is (byte)'-' or (byte)'.' ? Issued(text, "xox"u8, 12) : 0;

    /// <summary>A JSON web token: base64url of a text that begins with {" and at least one more part.</summary>
    private static int WebToken(ReadOnlySpan<byte> text)
    {
        var length = Issued(text, "eyJ"u8, 20);
        return length > 0 && text[..length].Contains((byte)'.') ? length : 0;
    }

    private static int Issued(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix, int minLength)
    {
        if (!text.StartsWith(prefix))
        {
            return 0;
        }

        var length = prefix.Length;
        while (length < text.Length && (IsTokenCharacter(text[length]) || text[length] == '.'))
        {
            length++;
        }

        return length >= minLength ? length : 0;
    }

    private static int MatchLongWord(ReadOnlySpan<byte> text, bool isPart)
    {
        var length = 0;
        var firstSlash = -1;
        while (length < text.Length && IsTokenCharacter(text[length])
            && !(isPart && text[length] is (byte)'/' or (byte)'+'))
        {
            if (text[length] == '/' && firstSlash < 0)
            {
                firstSlash = length;
            }

            length++;
        }

        if (length >= LongWord && IsRandom(text[..length]))
        {
            // Base64 is filled up with equals signs, which elsewhere end a name.
            while (length < text.Length && text[length] == '=')
            {
                length++;
            }

            return length;
        }

        // With slashes it may be a path of which a part is a secret; the parts are looked at on their own.
        return firstSlash >= LongWord && IsRandom(text[..firstSlash]) ? firstSlash : 0;
    }

    private static bool IsRandom(ReadOnlySpan<byte> word)
    {
        int digits = 0, upper = 0, lower = 0, others = 0, changes = 0, hex = 0, slashes = 0;
        var before = 0;
        foreach (var character in word)
        {
            var kind = Kind(character);
            digits += kind == 1 ? 1 : 0;
            upper += kind == 2 ? 1 : 0;
            lower += kind == 3 ? 1 : 0;
            others += kind == 4 ? 1 : 0;
            slashes += character == '/' ? 1 : 0;
            hex += char.IsAsciiHexDigit((char)character) ? 1 : 0;
            changes += before is not 0 and not 4 && kind is not 4 && kind != before ? 1 : 0;
            before = kind;
        }

        var length = digits + upper + lower + others;
        if (digits < MinDigits || upper + lower == 0 || IsUuid(word))
        {
            return false;
        }

        if (hex == length)
        {
            return upper == 0 || lower == 0 || changes * 5 >= length;
        }

        // Random characters change their kind every second time (base64) or third (base32); words do at their ends.
        // Separators are what names have many of and base64 few.
        return upper > 0 && lower > 0
            ? changes * 10 >= length * 3 && others * 6 <= length && slashes * 10 <= length
            : changes * 6 >= length && others * 12 <= length && slashes == 0;
    }

    private static int Kind(byte value) => (char)value switch
    {
        >= '0' and <= '9' => 1,
        >= 'A' and <= 'Z' => 2,
        >= 'a' and <= 'z' => 3,
        _ => 4,
    };

    /// <summary>
    /// An id such as 5f6d8a1e-3c1b-4f57-9d2e-0b7a1c9e8f42: given to things so that they can be named.
    /// </summary>
    private static bool IsUuid(ReadOnlySpan<byte> word) =>
        word.Length == 36 && word[8] == '-' && word[13] == '-' && word[18] == '-' && word[23] == '-';
}
