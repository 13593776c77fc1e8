using System.Globalization;
using System.Text;
using CsCheck;
using Hostscope.Gateway.Prometheus;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: what is written is the text exposition format, to the byte. Method: samples by hand for the rules of the
/// format, properties for numbers and for label values, which are read back by a reader of our own.
/// </summary>
public sealed class TextFormatTests
{
    [Fact]
    public void A_family_is_its_help_its_type_and_its_samples()
    {
        using var text = new TextFormat();
        text.Header(new Family("node_disk_io_now", FamilyType.Gauge, "Requests in \\ flight,\nnow."));
        text.Sample(TextFormat.SeriesText("node_disk_io_now", [("device", "sda"), ("a", "b")]), 3, 1);
        Assert.Equal(
            "# HELP node_disk_io_now Requests in \\\\ flight,\\nnow.\n# TYPE node_disk_io_now gauge\n"
            + "node_disk_io_now{device=\"sda\",a=\"b\"} 3\n",
            Text(text));
    }

    [Theory]
    [InlineData(FamilyType.Counter, "counter")]
    [InlineData(FamilyType.Gauge, "gauge")]
    [InlineData(FamilyType.Untyped, "untyped")]
    internal void Each_type_has_its_word(FamilyType type, string word)
    {
        using var text = new TextFormat();
        text.Header(new Family("a", type, ""));
        Assert.Equal($"# HELP a \n# TYPE a {word}\n", Text(text));
    }

    [Theory]
    [InlineData(142421, 100, "1424.21")]
    [InlineData(142400, 100, "1424")]
    [InlineData(142410, 100, "1424.1")]
    [InlineData(5, 100, "0.05")]
    [InlineData(-5, 1000, "-0.005")]
    [InlineData(-1500, 1000, "-1.5")]
    [InlineData(0, 1_000_000_000, "0")]
    [InlineData(1, 1_000_000_000, "0.000000001")]
    [InlineData(long.MaxValue, 1, "9223372036854775807")]
    [InlineData(long.MaxValue, 1000, "9223372036854775.807")]
    [InlineData(long.MinValue + 1, 100, "-92233720368547758.07")]
    public void A_number_is_written_exactly(long number, long scale, string expected) =>
        Assert.Equal($"x {expected}\n", Sample(text => text.Sample("x"u8, number, scale)));

    [Fact]
    public void A_written_number_reads_back_as_the_same_decimal() =>
        Gen.Select(Gen.Long[-(1L << 60), 1L << 60], Gen.Int[0, 9]).Sample((number, decimals) =>
        {
            var scale = (long)Math.Pow(10, decimals);
            var written = Sample(text => text.Sample("x"u8, number, scale))[2..].TrimEnd('\n');
            Assert.Equal((decimal)number / scale, decimal.Parse(written, CultureInfo.InvariantCulture));
            Assert.False(written.Contains('.') && written.EndsWith('0'), written);
        });

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(0.1, "0.1")]
    public void A_double_is_written_as_Prometheus_reads_it(double value, string expected) =>
        Assert.Equal($"x {expected}\n", Sample(text => text.Sample("x"u8, value)));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("C:\\new", "C:\\\\new")]
    [InlineData("say \"hi\"", "say \\\"hi\\\"")]
    [InlineData("two\nlines", "two\\nlines")]
    [InlineData("\\n", "\\\\n")]
    [InlineData("\\\"\n", "\\\\\\\"\\n")]
    [InlineData("tab\tand\rreturn", "tab\tand\rreturn")]
    [InlineData("{}=,#", "{}=,#")]
    [InlineData("Ünïcode ☃ 𝄞", "Ünïcode ☃ 𝄞")]
    public void A_label_value_is_escaped(string value, string expected) =>
        Assert.Equal($"x{{l=\"{expected}\"}}", Encoding.UTF8.GetString(TextFormat.SeriesText("x", [("l", value)])));

    [Fact]
    public void Any_label_value_is_read_back_as_it_was() =>
        Gen.String[Gen.Char["ab\\\"\n{}, =é☃"], 0, 20].Sample(value =>
        {
            var scrape = Scrape.Parse(Sample(text =>
                text.Sample(TextFormat.SeriesText("x", [("l", value), ("m", value)]), 1, 1)));
            var sample = Assert.Single(scrape.Samples);
            Assert.Equal(value, sample.Labels["l"]);
            Assert.Equal(value, sample.Labels["m"]);
        });

    [Fact]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() =>
        Assert.Equal("x{l=\"\uFFFD\"}", Encoding.UTF8.GetString(TextFormat.SeriesText("x", [("l", "\uD834")])));

    [Theory]
    [InlineData("node_cpu_seconds_total", true)]
    [InlineData("a:b", true)]
    [InlineData("_", true)]
    [InlineData("", false)]
    [InlineData("9lives", false)]
    [InlineData("a-b", false)]
    [InlineData("é", false)]
    public void A_metric_name_has_letters_digits_underscores_and_colons(string name, bool expected) =>
        Assert.Equal(expected, TextFormat.IsMetricName(name));

    [Fact]
    public void Past_its_bound_samples_are_left_out_and_counted()
    {
        using var text = new TextFormat();
        var series = TextFormat.SeriesText("x", [("l", new string('y', 1 << 20))]);
        for (var i = 0; i < 10; i++)
        {
            text.Sample(series, i, 1);
        }

        Assert.Equal(3, text.Omitted);
        Assert.InRange(text.Written.Length, 7 << 20, TextFormat.MaxBytes);
        text.Sample("told"u8, text.Omitted, 1, always: true);
        Assert.EndsWith("\ntold 3\n", Text(text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cleared_text_begins_anew()
    {
        using var text = new TextFormat(16);
        text.Sample("a"u8, 1, 1);
        text.Clear();
        text.Sample("b"u8, 2, 1);
        Assert.Equal("b 2\n", Text(text));
    }

    private static string Sample(Action<TextFormat> write)
    {
        using var text = new TextFormat(16);
        write(text);
        return Text(text);
    }

    private static string Text(TextFormat text) => Encoding.UTF8.GetString(text.Written);
}
