using Hostscope.Model;

namespace Hostscope.Collectors.Proc;

/// <summary>How reading a number ended.</summary>
internal enum NumberStatus
{
    /// <summary>It is the number.</summary>
    Ok,

    /// <summary>It is no number.</summary>
    Malformed,

    /// <summary>It is a number beyond the type; the value given is the nearest that the type holds.</summary>
    Saturated,
}

/// <summary>
/// The lines of a text, without their newlines. The last one need not have one: see <see cref="IsCut"/>.
/// </summary>
internal ref struct Lines(ReadOnlySpan<byte> text)
{
    private readonly bool _endsWithNewline = !text.IsEmpty && text[^1] == '\n';
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Number of the line that <see cref="Next"/> gave last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>
    /// True when the line that <see cref="Next"/> gave last had no newline. The kernel ends every line with one, so in
    /// its files that line was cut, and a number at its end may be the beginning of a longer one.
    /// </summary>
    public readonly bool IsCut => _rest.IsEmpty && !_endsWithNewline;

    /// <summary>The next line; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> line)
    {
        if (_rest.IsEmpty)
        {
            line = default;
            return false;
        }

        Number++;
        var end = _rest.IndexOf((byte)'\n');
        line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return true;
    }
}

/// <summary>The words of a line, separated by any number of spaces and tabs.</summary>
internal ref struct Words(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>What has not been taken yet, with the blanks before it.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The next word; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> word)
    {
        var start = 0;
        while (start < _rest.Length && IsBlank(_rest[start]))
        {
            start++;
        }

        var end = start;
        while (end < _rest.Length && !IsBlank(_rest[end]))
        {
            end++;
        }

        word = _rest[start..end];
        _rest = _rest[end..];
        return end > start;
    }

    /// <summary>Takes words away without looking at them; false when there are not that many.</summary>
    public bool Skip(int count)
    {
        for (; count > 0; count--)
        {
            if (!Next(out _))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The next word as a raw value of a frame (see <see cref="Fields.TryRaw"/>); false when it is none.
    /// </summary>
    public bool NextRaw(out long value)
    {
        value = Frame.Absent;
        return Next(out var word) && Fields.TryRaw(word, out value);
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';
}

/// <summary>Numbers and keys in the kernel's text files. Nothing here throws or allocates.</summary>
internal static class Fields
{
    /// <summary>Reads a decimal number without sign.</summary>
    /// <param name="word">The digits, and nothing else.</param>
    /// <param name="value">The number; <see cref="ulong.MaxValue"/> when it is larger.</param>
    public static NumberStatus UInt64(ReadOnlySpan<byte> word, out ulong value)
    {
        value = 0;
        if (word.IsEmpty)
        {
            return NumberStatus.Malformed;
        }

        var saturated = false;
        foreach (var character in word)
        {
            var digit = (uint)(character - '0');
            if (digit > 9)
            {
                value = 0;
                return NumberStatus.Malformed;
            }

            if (value > (ulong.MaxValue - digit) / 10)
            {
                saturated = true;
                value = ulong.MaxValue;
            }
            else if (!saturated)
            {
                value = (value * 10) + digit;
            }
        }

        return saturated ? NumberStatus.Saturated : NumberStatus.Ok;
    }

    /// <summary>Reads a decimal number with an optional minus sign.</summary>
    /// <param name="word">The digits, and nothing else.</param>
    /// <param name="value">The number, or the nearest that the type holds.</param>
    public static NumberStatus Int64(ReadOnlySpan<byte> word, out long value)
    {
        var negative = !word.IsEmpty && word[0] == '-';
        var status = UInt64(negative ? word[1..] : word, out var magnitude);
        var limit = negative ? 1UL + long.MaxValue : long.MaxValue;
        if (status == NumberStatus.Malformed)
        {
            value = 0;
            return status;
        }

        if (magnitude > limit)
        {
            value = negative ? long.MinValue : long.MaxValue;
            return NumberStatus.Saturated;
        }

        value = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return status;
    }

    /// <summary>
    /// Reads a number with decimals as an integer of its smallest unit: <c>12.5</c> with 2 decimals is 1250. Decimals
    /// beyond are cut, those missing are 0.
    /// </summary>
    /// <param name="word">Digits, optionally a minus sign, a point and digits.</param>
    /// <param name="decimals">Decimals to keep, 0 to 9.</param>
    /// <param name="value">The number times ten to the power of <paramref name="decimals"/>, or the nearest.</param>
    public static NumberStatus FixedPoint(ReadOnlySpan<byte> word, int decimals, out long value)
    {
        value = 0;
        var negative = !word.IsEmpty && word[0] == '-';
        var digits = negative ? word[1..] : word;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        var status = UInt64(whole, out var number);
        if (status == NumberStatus.Malformed || (point >= 0 && UInt64(fraction, out _) == NumberStatus.Malformed))
        {
            return NumberStatus.Malformed;
        }

        UInt128 scaled = number;
        for (var i = 0; i < decimals; i++)
        {
            scaled = (scaled * 10) + (i < fraction.Length ? (uint)(fraction[i] - '0') : 0U);
        }

        if (status == NumberStatus.Saturated || scaled > long.MaxValue)
        {
            value = negative ? -long.MaxValue : long.MaxValue;
            return NumberStatus.Saturated;
        }

        value = negative ? -(long)scaled : (long)scaled;
        return NumberStatus.Ok;
    }

    /// <summary>
    /// Reads a number as the raw value of a frame. One beyond 63 bits is what the kernel prints when a counter has
    /// slipped below 0 for a moment (iowait does): absent rather than a leap nobody made.
    /// </summary>
    /// <returns>False when it is no number.</returns>
    public static bool TryRaw(ReadOnlySpan<byte> word, out long value)
    {
        var status = UInt64(word, out var number);
        value = status == NumberStatus.Ok && number <= long.MaxValue ? (long)number : Frame.Absent;
        return status != NumberStatus.Malformed;
    }

    /// <summary>
    /// Multiplies a raw value by a unit such as 512 bytes a sector; absent stays absent; what does not fit is absent.
    /// </summary>
    public static long Times(long raw, long unit) =>
        raw == Frame.Absent || raw > long.MaxValue / unit || raw < -(long.MaxValue / unit) ? Frame.Absent : raw * unit;

    /// <summary>
    /// Splits <c>key: value</c>; false when there is no colon. Blanks around the value are taken away.
    /// </summary>
    public static bool KeyValue(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        key = colon < 0 ? default : Trim(line[..colon]);
        value = colon < 0 ? default : Trim(line[(colon + 1)..]);
        return colon >= 0;
    }

    /// <summary>Finds the line with a key, as in <c>model name : AMD EPYC</c>, and gives its value.</summary>
    public static bool FindKey(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            if (KeyValue(line, out var name, out value) && name.SequenceEqual(key))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Takes away spaces, tabs, carriage returns and newlines at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n"u8);
}
