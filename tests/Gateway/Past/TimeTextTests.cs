using System.Globalization;
using CsCheck;
using Hostscope.Gateway.Past;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: a time is understood in every notation that people and programs use, and nothing else is. Method: each
/// notation against the framework's own reading of the same moment; both sides of a change to and from summer time.
/// </summary>
public sealed class TimeTextTests
{
    private static readonly TimeZoneInfo Vienna = TimeText.ZoneOf("Europe/Vienna");

    private static readonly long Now = Ms("2026-11-24T12:00:00.500Z");

    [Theory]
    [InlineData("now", "2026-11-24T12:00:00.500Z")]
    [InlineData("-15m", "2026-11-24T11:45:00.500Z")]
    [InlineData("-1h30m", "2026-11-24T10:30:00.500Z")]
    [InlineData("-1.5h", "2026-11-24T10:30:00.500Z")]
    [InlineData("now-2d", "2026-11-22T12:00:00.500Z")]
    [InlineData("now - 1w", "2026-11-17T12:00:00.500Z")]
    [InlineData("-500ms", "2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24T18:00:00Z", "2026-11-24T18:00:00Z")]
    [InlineData("2026-11-24t18:00:00z", "2026-11-24T18:00:00Z")]
    [InlineData("2026-11-24 18:00:00Z", "2026-11-24T18:00:00Z")]
    [InlineData("2026-11-24T18:00Z", "2026-11-24T18:00:00Z")]
    [InlineData("2026-11-24T18:00:00.25Z", "2026-11-24T18:00:00.250Z")]
    [InlineData("2026-11-24T18:00:00.123456789Z", "2026-11-24T18:00:00.123Z")]
    [InlineData("2026-11-24T18:00:00+01:00", "2026-11-24T17:00:00Z")]
    [InlineData("2026-11-24T18:00:00 01:00", "2026-11-24T17:00:00Z")]
    [InlineData("2026-11-24T18:00:00-05:30", "2026-11-24T23:30:00Z")]
    [InlineData("2026-11-24T18:00:00", "2026-11-24T17:00:00Z")]
    [InlineData("2026-07-24 18:00", "2026-07-24T16:00:00Z")]
    [InlineData("2026-11-24", "2026-11-23T23:00:00Z")]
    [InlineData("03:12", "2026-11-24T02:12:00Z")]
    [InlineData("3:12", "2026-11-24T02:12:00Z")]
    [InlineData("03:12:45", "2026-11-24T02:12:45Z")]
    [InlineData("13:30", "2026-11-23T12:30:00Z")] // Half past twelve UTC is still to come: yesterday's.
    [InlineData("1764000000", "2025-11-24T16:00:00Z")]
    [InlineData("1764000000.25", "2025-11-24T16:00:00.250Z")]
    [InlineData("1764000000123", "2025-11-24T16:00:00.123Z")]
    [InlineData(" 1764000000 ", "2025-11-24T16:00:00Z")]
    [InlineData("0", "1970-01-01T00:00:00Z")]
    [InlineData("2026-03-29 02:30", "2026-03-29T01:30:00Z")] // That hour was skipped: an hour later.
    [InlineData("2026-10-25 02:30", "2026-10-25T01:30:00Z")] // That hour was there twice: the later one.
    public void A_time_is_understood(string text, string expected) =>
        Assert.Equal(expected, Iso(new TimeText(Now, Vienna).Parse(text)));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("yesterday")]
    [InlineData("-15")]
    [InlineData("15m")]
    [InlineData("-m")]
    [InlineData("--15m")]
    [InlineData("now+5m")]
    [InlineData("-999999999w")]
    [InlineData("25:00")]
    [InlineData("12:60")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("2026-11-24T18:00:00+99:00")]
    [InlineData("24.11.2026")]
    [InlineData("11/24/2026")]
    [InlineData("1764000000123456")]
    [InlineData("-1764000000")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    [InlineData("٣")]
    [InlineData("1764000000\0")]
    public void What_is_no_time_is_not_guessed(string text) => Assert.Null(new TimeText(Now, Vienna).Parse(text));

    [Fact]
    public void A_zone_that_is_not_known_is_UTC() => Assert.Equal(TimeZoneInfo.Utc, TimeText.ZoneOf("Middle/Earth"));

    [Fact]
    public void Each_moment_is_read_back_from_each_notation() =>
        Gen.Long[0, Ms("2100-01-01T00:00:00Z")].Sample(ms =>
        {
            var times = new TimeText(Now, Vienna);
            var date = DateTimeOffset.FromUnixTimeMilliseconds(ms);
            Assert.Equal(ms, times.Parse(date.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)));
            Assert.Equal(ms, times.Parse(date.ToOffset(TimeSpan.FromHours(5.5))
                .ToString("yyyy-MM-dd HH:mm:ss.fffzzz", CultureInfo.InvariantCulture)));
            Assert.Equal(ms, times.Parse((ms / 1000m).ToString("0.000", CultureInfo.InvariantCulture)));
            Assert.Equal(Now - (ms % 1_000_000), times.Parse($"-{ms % 1_000_000}ms"));
        });

    [Fact]
    public void No_text_is_a_bug() => Gen.String[Gen.Char["0123456789-+:.TtZz nowmshdw\0\u0663"], 0, 40].Sample(text =>
    {
        new TimeText(Now, Vienna).Parse(text);
    });

    private static long Ms(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string? Iso(long? ms) => ms is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(ms.Value)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture)
        .Replace(".5Z", ".500Z", StringComparison.Ordinal)
        .Replace(".25Z", ".250Z", StringComparison.Ordinal);
}
