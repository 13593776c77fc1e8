using System.Globalization;
using System.Text.RegularExpressions;

namespace Hostscope.Gateway.Past;

/// <summary>
/// Understands a time as people and programs write it: RFC 3339, a date, a time of day, Unix seconds or milliseconds,
/// or a distance from now. What has no zone is a time of the host's zone.
/// <code>
/// 2026-11-24T18:00:00Z   2026-11-24 19:00:00.250+01:00   2026-11-24   03:12   1764000000   -1h30m   now-2d
/// </code>
/// </summary>
/// <param name="nowMs">What <c>now</c> is, Unix milliseconds.</param>
/// <param name="zone">The host's time zone.</param>
internal sealed partial class TimeText(long nowMs, TimeZoneInfo zone)
{
    /// <summary>What is allowed, for messages.</summary>
    public const string Allowed =
        "give a time such as 2026-11-24T18:00:00Z, 2026-11-24 18:00, 18:00, 1764000000, 1764000000123, -15m or now";

    /// <summary>Longest text: RFC 3339 with nanoseconds and a zone has 35 characters.</summary>
    private const int MaxLength = 64;

    /// <summary>Beyond this, Unix time is in milliseconds: the year 5138 in seconds, 1973 in milliseconds.</summary>
    private const int MaxSecondsDigits = 11;

    /// <summary>The year 5138 in milliseconds; more digits are micro- or nanoseconds, which nobody asks for.</summary>
    private const int MaxMillisecondsDigits = 14;

    private const double MaxDistanceMs = 100.0 * 365 * 86_400_000;

    /// <summary>The zone of a name such as <c>Europe/Vienna</c>; UTC when this machine does not know it.</summary>
    public static TimeZoneInfo ZoneOf(string? name) =>
        name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Unix milliseconds; <c>null</c> when the text is not a time.</summary>
    public long? Parse(string text)
    {
        text = text.Trim();
        return text.Length is 0 or > MaxLength ? null
            : Distance(text) ?? Unix(text) ?? TimeOfDay(text) ?? Date(text);
    }

    private long? Distance(string text)
    {
        var match = DistanceForm().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var total = 0.0;
        for (var i = 0; i < match.Groups["n"].Captures.Count; i++)
        {
            var number = double.Parse(match.Groups["n"].Captures[i].Value, CultureInfo.InvariantCulture);
            total += number * UnitMs(match.Groups["u"].Captures[i].Value);
        }

        return total > MaxDistanceMs ? null : nowMs - (long)total;
    }

    private static double UnitMs(string unit) => unit switch
    {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => 7 * 86_400_000.0,
    };

    private static long? Unix(string text)
    {
        var digits = text.AsSpan().IndexOf('.') is >= 0 and var point ? text[..point] : text;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit)
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return digits.Length <= MaxSecondsDigits ? (long)decimal.Floor(number * 1000)
            : digits.Length <= MaxMillisecondsDigits ? (long)decimal.Floor(number) : null;
    }

    private long? TimeOfDay(string text)
    {
        if (!TimeOnly.TryParseExact(
            text, ["H:mm", "H:mm:ss", "H:mm:ss.FFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return null;
        }

        var today = DateOnly.FromDateTime(
            TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(nowMs), zone).DateTime);
        var at = InZone(today.ToDateTime(time));
        return at <= nowMs ? at : InZone(today.AddDays(-1).ToDateTime(time));
    }

    private long? Date(string text)
    {
        var match = DateForm().Match(text);
        if (!match.Success
            || !DateTime.TryParseExact(
                $"{match.Groups["date"].Value}T{(match.Groups["time"].Success ? match.Groups["time"].Value : "00:00")}",
                ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None,
                out var date))
        {
            return null;
        }

        if (match.Groups["fraction"].Success)
        {
            date = date.AddMilliseconds(int.Parse(
                match.Groups["fraction"].Value.PadRight(3, '0')[..3], CultureInfo.InvariantCulture));
        }

        return match.Groups["zone"].Success ? WithZone(date, match.Groups["zone"].Value) : InZone(date);
    }

    private static long? WithZone(DateTime date, string text)
    {
        var offset = TimeSpan.Zero;
        if (text is not ("Z" or "z"))
        {
            // In a query, a plus that was not escaped arrives as a space.
            var hours = int.Parse(text.AsSpan(1, 2), CultureInfo.InvariantCulture);
            var minutes = int.Parse(text.AsSpan(text.Length - 2), CultureInfo.InvariantCulture);
            if (hours > 14 || minutes > 59)
            {
                return null;
            }

            offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        }

        return (date - DateTime.UnixEpoch - offset).Ticks / TimeSpan.TicksPerMillisecond;
    }

    /// <summary>
    /// A time that the zone has twice is the later one; one that it skips is the same time an hour later.
    /// </summary>
    private long InZone(DateTime local)
    {
        var date = zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return (date - DateTime.UnixEpoch - zone.GetUtcOffset(date)).Ticks / TimeSpan.TicksPerMillisecond;
    }

    [GeneratedRegex(
        @"^(now|(now)?\s?-\s?((?<n>[0-9]{1,9}(\.[0-9]{1,3})?)(?<u>ms|s|m|h|d|w))+)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex DistanceForm();

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})" +
        @"([Tt ](?<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)(\.(?<fraction>[0-9]{1,9}))?" +
        @"(?<zone>[Zz]|[+\- ][0-9]{2}:?[0-9]{2})?)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex DateForm();
}
