using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Hostscope.Gateway.Live;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: what docs/WIRE.md says of numbers holds for every number. Method: properties over random doubles of all sizes,
/// read back by the JSON reader; and a table of cases.
/// </summary>
public sealed class WireNumberTests
{
    private static readonly Gen<double> AnySize =
        Gen.Select(Gen.Double[-1, 1], Gen.Int[-12, 15], (mantissa, exponent) => mantissa * Math.Pow(10, exponent));

    [Fact]
    public void A_number_reads_back_within_the_stated_precision() => AnySize.Sample(value =>
    {
        var back = double.Parse(Text(value), CultureInfo.InvariantCulture);
        var error = Math.Abs(back - value);
        const double Slack = 1.0000001; // The double nearest to a rounded number is itself a little off.
        return error <= Math.Abs(value) * WireNumber.RelativeError * Slack
            || error <= WireNumber.AbsoluteError * Slack;
    });

    [Fact]
    public void A_number_is_plain_digits_that_any_parser_reads() => AnySize.Sample(value =>
    {
        var text = Text(value);
        Assert.Matches("^-?(0|[1-9][0-9]*)(\\.[0-9]{0,8}[1-9])?$", text);
        Assert.NotEqual("-0", text);
    });

    [Fact]
    public void Whole_numbers_are_exact() => Gen.Long[-(1L << 53), 1L << 53].Sample(value =>
        Text(value) is { } text
        && (text == value.ToString(CultureInfo.InvariantCulture)
            || double.Parse(text, CultureInfo.InvariantCulture) == value));

    [Fact]
    public void Numbers_past_all_sources_read_back_equal() => Gen.Double[1e16, 1e300].Sample(value =>
        JsonDocument.Parse(Text(value)).RootElement.GetDouble() == value);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1.5, "1.5")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(0.339821, "0.33982")]
    [InlineData(0.1 + 0.2, "0.3")]
    [InlineData(9.999996, "10")]
    [InlineData(12345.678, "12346")]
    [InlineData(52_428_812.7, "52428813")]
    [InlineData(8_000_000_001, "8000000001")]
    [InlineData(0.000123, "0.000123")]
    [InlineData(0.0000000012, "0.000000001")]
    [InlineData(-0.0000000001, "0")]
    [InlineData(double.NaN, "null")]
    [InlineData(double.PositiveInfinity, "null")]
    [InlineData(double.NegativeInfinity, "null")]
    public void These_numbers_are_written_so(double value, string text) => Assert.Equal(text, Text(value));

    [Fact]
    public void Minus_zero_is_zero() => Assert.Equal("0", Text(-0.0));

    [Fact]
    public void Absent_is_null() => Assert.Equal("null", Text(Derive.Absent));

    private static string Text(double value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        WireNumber.Write(json, value);
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
