using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: numbers, words and lines are taken apart exactly, and nothing throws on any bytes.
/// Method: properties against the slow arithmetic and string functions of .NET.
/// </summary>
public sealed class FieldsTests
{
    private static readonly BigInteger TwoTo64 = BigInteger.One << 64;

    [Fact]
    public void Unsigned_numbers_are_exact_up_to_64_bits_and_saturate_beyond() =>
        Gen.Char["0123456789"].Array[1, 25].Select(digits => new string(digits)).Sample(digits =>
        {
            var expected = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
            var status = Fields.UInt64(Encoding.ASCII.GetBytes(digits), out var value);
            Assert.Equal(expected < TwoTo64 ? NumberStatus.Ok : NumberStatus.Saturated, status);
            Assert.Equal(expected < TwoTo64 ? (ulong)expected : ulong.MaxValue, value);
        });

    [Fact]
    public void Every_signed_number_is_read_back() => Gen.Long.Sample(number =>
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(NumberStatus.Ok, Fields.Int64(Bytes(text), out var value));
        Assert.Equal(number, value);
    });

    [Theory]
    [InlineData("9223372036854775808", NumberStatus.Saturated, long.MaxValue)]
    [InlineData("-9223372036854775808", NumberStatus.Ok, long.MinValue)]
    [InlineData("-9223372036854775809", NumberStatus.Saturated, long.MinValue)]
    [InlineData("-", NumberStatus.Malformed, 0L)]
    [InlineData("", NumberStatus.Malformed, 0L)]
    [InlineData("+1", NumberStatus.Malformed, 0L)]
    [InlineData("1 ", NumberStatus.Malformed, 0L)]
    internal void Signed_numbers_at_the_edges(string text, NumberStatus status, long value)
    {
        Assert.Equal(status, Fields.Int64(Bytes(text), out var actual));
        Assert.Equal(value, actual);
    }

    [Theory]
    [InlineData("12.5", 2, NumberStatus.Ok, 1250)]
    [InlineData("12.567", 2, NumberStatus.Ok, 1256)]
    [InlineData("12", 2, NumberStatus.Ok, 1200)]
    [InlineData("12.", 2, NumberStatus.Malformed, 0)]
    [InlineData(".5", 2, NumberStatus.Malformed, 0)]
    [InlineData("-0.25", 2, NumberStatus.Ok, -25)]
    [InlineData("1.2.3", 2, NumberStatus.Malformed, 0)]
    [InlineData("nan", 2, NumberStatus.Malformed, 0)]
    [InlineData("92233720368547758.07", 2, NumberStatus.Ok, long.MaxValue)]
    [InlineData("92233720368547758.08", 2, NumberStatus.Saturated, long.MaxValue)]
    [InlineData("99999999999999999999.0", 9, NumberStatus.Saturated, long.MaxValue)]
    internal void Numbers_with_decimals_become_integers_of_their_smallest_unit(
        string text, int decimals, NumberStatus status, long value)
    {
        Assert.Equal(status, Fields.FixedPoint(Bytes(text), decimals, out var actual));
        Assert.Equal(value, actual);
    }

    [Fact]
    public void A_counter_that_slipped_below_zero_is_absent_and_not_a_leap()
    {
        Assert.True(Fields.TryRaw("18446744073709551615"u8, out var value));
        Assert.Equal(Frame.Absent, value);
        Assert.True(Fields.TryRaw("9223372036854775807"u8, out value));
        Assert.Equal(long.MaxValue, value);
        Assert.False(Fields.TryRaw("-1"u8, out _));
    }

    [Fact]
    public void Times_is_exact_or_absent() => Gen.Select(Gen.Long, Gen.Long[1, 1 << 20]).Sample((raw, unit) =>
    {
        var exact = (BigInteger)raw * unit;
        var fits = exact >= -long.MaxValue && exact <= long.MaxValue;
        var product = Fields.Times(raw, unit);
        Assert.True(product == Frame.Absent ? !fits || raw == Frame.Absent : product == exact);
    });

    [Fact]
    public void Lines_and_words_are_those_that_splitting_gives() =>
        Gen.Char["ab1: \t\n"].Array[0, 60].Select(characters => new string(characters)).Sample(text =>
        {
            var expected = text.Split('\n');
            var count = 0;
            var lines = new Lines(Bytes(text));
            while (lines.Next(out var line))
            {
                Assert.Equal(expected[count], Encoding.ASCII.GetString(line));
                count++;
                Assert.Equal(count, lines.Number);
                Assert.Equal(count == expected.Length, lines.IsCut);
                var words = new Words(line);
                foreach (var word in expected[count - 1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                {
                    Assert.True(words.Next(out var actual));
                    Assert.Equal(word, Encoding.ASCII.GetString(actual));
                }

                Assert.False(words.Next(out _));
            }

            Assert.Equal(expected.Length - (expected[^1].Length == 0 ? 1 : 0), count);
        });

    [Fact]
    public void Nothing_throws_on_any_bytes() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        Fields.UInt64(bytes, out _);
        Fields.Int64(bytes, out _);
        Fields.FixedPoint(bytes, 9, out _);
        Fields.TryRaw(bytes, out _);
        Fields.KeyValue(bytes, out _, out _);
        Fields.FindKey(bytes, "a"u8, out _);
        var entries = new DirectoryEntries(bytes);
        while (entries.Next(out _, out _))
        {
        }
    });

    [Fact]
    public void A_name_table_finds_by_bytes_and_forgets_what_it_does_not_see()
    {
        var table = new NameTable<string>(name => name + "!");
        table.Begin();
        Assert.True(table.See("sda"u8, out var first));
        Assert.True(table.See("sda"u8, out var again));
        Assert.True(table.See(new byte[] { 0xff, 0xfe }, out _));
        table.End();
        Assert.Same(first, again);
        Assert.Equal(2, table.Count);

        table.Begin();
        Assert.True(table.See("sdb"u8, out _));
        table.End();
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void A_name_table_is_bounded()
    {
        var table = new NameTable<string>(name => name);
        table.Begin();
        for (var i = 0; i < NameTable<string>.MaxNames; i++)
        {
            Assert.True(table.See(Bytes($"d{i}"), out _));
        }

        Assert.False(table.See("one more"u8, out _));
        Assert.True(table.See("d0"u8, out _));
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
