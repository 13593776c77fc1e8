using System.Text;

namespace Hostscope.Fuzz.Tests;

/// <summary>Makes new inputs from sound ones, the same ones from the same seed.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> seeds, Target target)
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "-0", "00", "127", "128", "255", "256", "32767", "65535", "65536", "2147483647", "2147483648",
        "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999", "1e308", "1e-400", "0x10", "1.5",
        "NaN", "Infinity", "١٢", "+1", " 1", "1 ",
    ];

    private static readonly string[] Marks =
    [
        "\n", "\r\n", "\0", " ", "\t", ":", ",", "/", "\\", "\"", "'", "(", ")", "{", "}", "[", "]", "<", ">", "%",
        "%00",
        "=", ";", "&", "#", "?", "..", "\u001b[", "\u202e", "\ufeff", "\ud83d\ude00", "\u00a0", "é",
    ];

    private readonly Random _random = new(seed);
    private readonly byte[][] _words =
    [
        .. Numbers.Concat(Marks).Concat(target.Words).Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0],
    ];

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var seed = seeds[_random.Next(seeds.Count)];
        var head = Math.Min(target.HeadLength(seed), seed.Length);
        var body = new List<byte>(seed[head..]);
        for (var steps = 1 << _random.Next(5); steps > 0; steps--)
        {
            Change(body);
        }

        if (body.Count > target.MaxBytes)
        {
            body.RemoveRange(target.MaxBytes, body.Count - target.MaxBytes);
        }

        return [.. seed[..head], .. body];
    }

    private void Change(List<byte> body)
    {
        var at = _random.Next(body.Count + 1);
        var length = Math.Min(body.Count - at, 1 << _random.Next(8));
        switch (_random.Next(10))
        {
            case 0 when at < body.Count:
                body[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < body.Count:
                body[at] = (byte)_random.Next(256);
                break;
            case 2:
                body.RemoveRange(at, length);
                break;
            case 3:
                body.InsertRange(at, body.GetRange(at, length));
                break;
            case 4:
                ReplaceNumber(body, at);
                break;
            case 5:
                body.InsertRange(at, _words[_random.Next(_words.Length)]);
                break;
            case 6:
                body.RemoveRange(at, body.Count - at);
                break;
            case 7:
                Repeat(body, at, length);
                break;
            case 8:
                Splice(body, at);
                break;
            default:
                var other = _random.Next(body.Count + 1);
                var moved = body.GetRange(at, length);
                body.RemoveRange(at, length);
                body.InsertRange(Math.Min(other, body.Count), moved);
                break;
        }
    }

    /// <summary>Puts another number into the place of the next one.</summary>
    private void ReplaceNumber(List<byte> body, int at)
    {
        var from = body.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
        if (from < 0)
        {
            return;
        }

        var end = body.FindIndex(from, value => value is < (byte)'0' or > (byte)'9');
        body.RemoveRange(from, (end < 0 ? body.Count : end) - from);
        body.InsertRange(from, Encoding.UTF8.GetBytes(Numbers[_random.Next(Numbers.Length)]));
    }

    private void Repeat(List<byte> body, int at, int length)
    {
        var part = body.GetRange(at, length);
        for (var times = 1 << _random.Next(12); times > 0 && body.Count + length <= target.MaxBytes; times--)
        {
            body.InsertRange(at, part);
        }
    }

    /// <summary>The beginning of one, and the end of another.</summary>
    private void Splice(List<byte> body, int at)
    {
        var other = seeds[_random.Next(seeds.Count)];
        var head = Math.Min(target.HeadLength(other), other.Length);
        var from = head + _random.Next(other.Length - head + 1);
        body.RemoveRange(at, body.Count - at);
        body.AddRange(other[from..]);
    }
}
