using System.Buffers;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// The text that <see cref="ArgumentMask"/> writes, and the part of its work that knows nothing of options: secrets
/// within one argument, be it an address, a connection string, JSON or a list of pairs.
/// </summary>
internal sealed class MaskedText
{
    /// <summary>Most blanks between a name and the equals sign behind it.</summary>
    private const int MaxBlanks = 2;

    /// <summary>How far a password without a scheme before it is looked for: <c>user:password@host</c>.</summary>
    private const int MaxLogin = 128;

    private static readonly SearchValues<byte> EndsParameter = SearchValues.Create("&# \t\n'\""u8);
    private static readonly SearchValues<byte> EndsField = SearchValues.Create(";'\""u8);
    private static readonly SearchValues<byte> EndsWord = SearchValues.Create(" \t\n'\""u8);
    private static readonly SearchValues<byte> EndsLine = SearchValues.Create("\n'\""u8);
    private static readonly SearchValues<byte> EndsItem = SearchValues.Create(",}]) \t\n'\""u8);
    private static readonly SearchValues<byte> EndsAuthority = SearchValues.Create("/?# \t\n'\"<>\\,"u8);
    private static readonly SearchValues<byte> EndsLogin = SearchValues.Create(" \t\n'\"/"u8);
    private static readonly SearchValues<byte> BeforeName = SearchValues.Create(" \t\n\"'?&#;,{([|=:<>"u8);
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    private byte[] _bytes = new byte[2 * ArgumentMask.MaxBytes];
    private int _length;

    private static ReadOnlySpan<byte> Mask => "***"u8;

    private static ReadOnlySpan<byte> Ellipsis => "…"u8;

    /// <summary>Empties the text.</summary>
    public void Clear() => _length = 0;

    /// <summary>Appends a byte as it is.</summary>
    public void Append(byte value) => Append([value]);

    /// <summary>Appends bytes as they are.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Appends what stands for a secret.</summary>
    public void AppendMask() => Append(Mask);

    /// <summary>Gives the text: printable, at most so many bytes long, with an ellipsis where it was cut.</summary>
    public string Finish(bool isCut, int maxBytes)
    {
        var text = _bytes.AsSpan(0, _length);
        text.Replace((byte)'\n', (byte)' ');
        text.Replace((byte)'\t', (byte)' ');
        text.Replace((byte)'\r', (byte)' ');
        if (_length > maxBytes - Ellipsis.Length - 1)
        {
            isCut = true;
            _length = maxBytes - Ellipsis.Length - 1;
            while (_length > 0 && (_bytes[_length] & 0xC0) == 0x80)
            {
                _length--;
            }
        }

        if (isCut)
        {
            _length = _bytes.AsSpan(0, _length).TrimEnd((byte)' ').Length;
            Append(_length > 0 ? " "u8 : default);
            Append(Ellipsis);
        }

        return PrintableText.FromUtf8(_bytes.AsSpan(0, _length));
    }

    /// <summary>Appends an argument without its secrets.</summary>
    public void AppendMasked(ReadOnlySpan<byte> text)
    {
        var isPath = text[0] == '/';
        var at = 0;
        while (at < text.Length)
        {
            var end = at;
            while (end < text.Length && IsNameCharacter(text[end]))
            {
                end++;
            }

            if (end > at && TryMaskPair(text, at, end, out var next))
            {
                at = next;
                continue;
            }

            var isPart = at > 0 && text[at - 1] is (byte)'/' or (byte)'+';
            var secret = end > at ? SecretShapes.Match(text[at..], isPath, isPart) : 0;
            if (secret > 0 && !IsDigest(text, at))
            {
                AppendMask();
                at += secret;
                continue;
            }

            if (text[end..].StartsWith("://"u8))
            {
                Append(text[at..(end + 3)]);
                at = MaskUserInfo(text, at, end + 3);
                continue;
            }

            if (end > at && TryMaskLogin(text, at, end, out next))
            {
                at = next;
                continue;
            }

            end = Math.Max(end, at + 1);
            Append(text[at..end]);
            at = end;
        }
    }

    /// <summary>Masks the value of <c>name=value</c>, <c>name: value</c>, <c>"name": "value"</c>.</summary>
    private bool TryMaskPair(ReadOnlySpan<byte> text, int at, int end, out int next)
    {
        next = at;
        var before = at == 0 ? (byte)0 : text[at - 1];
        if (!MayStandBeforeName(before)
            || !TryFindValue(text, end, before, out var valueAt, out var separator, out var quote))
        {
            return false;
        }

        var kind = SecretKeys.KindOf(text[at..end]);
        if (kind == KeyKind.Plain
            || (separator == ':' && quote == 0 && !MayBeValue(text[valueAt..], kind == KeyKind.Secret)))
        {
            return false;
        }

        var isNameQuoted = text[end] != separator;
        var valueEnd = EndOfValue(text, valueAt, isNameQuoted ? (byte)'{' : before, separator, quote);
        var value = text[valueAt..valueEnd];
        Append(text[at..valueAt]);
        if (SecretKeys.IsHarmless(kind, value))
        {
            Append(value);
        }
        else
        {
            AppendMask();
        }

        next = valueEnd;
        return true;
    }

    /// <summary>Finds the separator and the value behind a name.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="end">Where the name ends.</param>
    /// <param name="before">The character before the name.</param>
    /// <param name="valueAt">Where the value begins, behind its quote.</param>
    /// <param name="separator">Equals sign or colon.</param>
    /// <param name="quote">The quote that the value stands in, or 0; a backslash for a quote behind one.</param>
    private static bool TryFindValue(
        ReadOnlySpan<byte> text, int end, byte before, out int valueAt, out byte separator, out byte quote)
    {
        valueAt = end;
        separator = 0;
        quote = 0;
        if (before is (byte)'"' or (byte)'\'' or (byte)'[')
        {
            while (valueAt < text.Length && text[valueAt] is (byte)'\\' or (byte)'"' or (byte)'\'' or (byte)']')
            {
                valueAt++;
            }
        }

        if (before is 0 or (byte)' ')
        {
            // password = hunter2
            var sign = valueAt;
            while (sign < text.Length && text[sign] == ' ' && sign < end + MaxBlanks)
            {
                sign++;
            }

            valueAt = sign < text.Length && text[sign] == '=' ? sign : valueAt;
        }

        if (valueAt >= text.Length || text[valueAt] is not ((byte)'=' or (byte)':'))
        {
            return false;
        }

        separator = text[valueAt++];
        while (valueAt < text.Length && text[valueAt] == ' ' && (separator == ':' || text[valueAt - 2] == ' '))
        {
            valueAt++;
        }

        if (valueAt + 1 < text.Length && text[valueAt] == '\\' && text[valueAt + 1] == '"')
        {
            quote = (byte)'\\';
            valueAt += 2;
        }
        else if (valueAt < text.Length && text[valueAt] is (byte)'"' or (byte)'\'')
        {
            quote = text[valueAt++];
        }

        return valueAt < text.Length;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text, int at, byte before, byte separator, byte quote)
    {
        var rest = text[at..];
        var length = quote switch
        {
            (byte)'\\' => rest.IndexOf("\\\""u8),
            not 0 => IndexOfUnescaped(rest, quote),
            _ => before switch
            {
                0 or (byte)'=' => -1,
                (byte)'"' or (byte)'\'' => rest.IndexOf(before),
                (byte)'?' or (byte)'&' or (byte)'#' => rest.IndexOfAny(EndsParameter),
                (byte)';' => rest.IndexOfAny(EndsField),
                (byte)' ' or (byte)'\t' or (byte)'\n' when separator == '=' => rest.IndexOfAny(EndsWord),
                (byte)' ' or (byte)'\t' or (byte)'\n' => rest.IndexOfAny(EndsLine),
                _ => rest.IndexOfAny(EndsItem),
            },
        };
        return length < 0 ? text.Length : at + length;
    }

    private static int IndexOfUnescaped(ReadOnlySpan<byte> text, byte quote)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                return i;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }

    /// <summary>Behind a colon stand other things than values: ports, the rest of a name, addresses.</summary>
    private static bool MayBeValue(ReadOnlySpan<byte> rest, bool isSecret)
    {
        if (rest[0] == ':' || rest.StartsWith("//"u8))
        {
            return false;
        }

        var digits = rest[..Math.Min(rest.Length, 6)].IndexOfAnyExcept(Digits);
        digits = digits < 0 ? Math.Min(rest.Length, 6) : digits;
        var isPort = digits is > 0 and < 6 && (digits == rest.Length || !IsNameCharacter(rest[digits]));
        return isSecret || !isPort;
    }

    /// <summary>Masks the password, or the token in its place, of an address.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="schemeAt">Where the scheme begins.</param>
    /// <param name="at">Where user and host begin; everything before has been appended.</param>
    /// <returns>Up to where the argument has been appended.</returns>
    private int MaskUserInfo(ReadOnlySpan<byte> text, int schemeAt, int at)
    {
        var rest = text[at..];
        var authority = rest.IndexOfAny(EndsAuthority);
        authority = authority < 0 ? rest.Length : authority;
        var hostAt = rest[..authority].LastIndexOf((byte)'@');
        var colon = rest[..authority].IndexOf((byte)':');
        if (hostAt < 0 && colon >= 0 && rest[(colon + 1)..authority].ContainsAnyExcept(Digits))
        {
            // No port: a password with a slash in it, which the address should have escaped and did not.
            var word = rest[..Math.Min(rest.Length, authority + MaxLogin)];
            var wordEnd = word.IndexOfAny(EndsWord);
            hostAt = (wordEnd < 0 ? word : word[..wordEnd]).LastIndexOf((byte)'@');
        }

        if (hostAt < 0)
        {
            return at;
        }

        var user = rest[..(colon >= 0 && colon < hostAt ? colon : hostAt)];
        var isWeb = text[schemeAt..].StartsWith("http"u8);
        if (SecretShapes.Match(user, isPath: false, isPart: false) > 0
            || (isWeb && user.Length >= 16 && user.ContainsAnyInRange((byte)'0', (byte)'9')))
        {
            AppendMask();
        }
        else
        {
            Append(user);
        }

        if (user.Length < hostAt)
        {
            Append((byte)':');
            if (hostAt - user.Length > 1)
            {
                AppendMask();
            }
        }

        return at + hostAt;
    }

    /// <summary>Masks the password of <c>user:password@host</c> that has no scheme before it.</summary>
    private bool TryMaskLogin(ReadOnlySpan<byte> text, int at, int end, out int next)
    {
        next = at;
        var isWordStart = at == 0 || text[at - 1] is (byte)' ' or (byte)'=' or (byte)'\'' or (byte)'"' or (byte)'\n';
        if (!isWordStart || end + 1 >= text.Length || text[end] != ':')
        {
            return false;
        }

        var rest = text.Slice(end + 1, Math.Min(MaxLogin, text.Length - end - 1));
        var stop = rest.IndexOfAny(EndsLogin);
        rest = stop < 0 ? rest : rest[..stop];
        var hostAt = rest.LastIndexOf((byte)'@');
        if (hostAt <= 0 || hostAt + 1 >= rest.Length || !char.IsAsciiLetterOrDigit((char)rest[hostAt + 1])
            || rest[(hostAt + 1)..].StartsWith("sha256:"u8) || text[at..end].SequenceEqual("npm"u8))
        {
            return false;
        }

        Append(text[at..(end + 1)]);
        AppendMask();
        next = end + 1 + hostAt;
        return true;
    }

    /// <summary>The digest of an image, and the like: made to be known.</summary>
    private static bool IsDigest(ReadOnlySpan<byte> text, int at)
    {
        var before = text[..at];
        return before.EndsWith("sha256:"u8) || before.EndsWith("sha512:"u8) || before.EndsWith("sha1:"u8)
            || before.EndsWith("md5:"u8);
    }

    private static bool MayStandBeforeName(byte value) => value == 0 || BeforeName.Contains(value);

    private static bool IsNameCharacter(byte value) =>
        char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'-' or (byte)'.';
}
