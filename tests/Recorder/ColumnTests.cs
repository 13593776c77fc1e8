using CsCheck;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: a column reads back exactly, whatever its values, and no bytes whatever make its reader throw. Method:
/// generated columns of the shapes that machines give (constant, ramp, noise, gaps, extremes), and every cut and bit
/// flip of them.
/// </summary>
public sealed class ColumnTests
{
    private static readonly Gen<long> AnyValue = Gen.OneOf(
        Gen.Const(0L), Gen.Long[-3, 3], Gen.Long, Gen.Const(long.MaxValue), Gen.Const(Frame.Absent),
        Gen.Const(long.MinValue + 1));

    private static readonly Gen<long[]> AnyColumn = Gen.OneOf(
        AnyValue.Array[1, 320],
        Gen.Select(Gen.Long, Gen.Int[1, 700], (value, count) => Enumerable.Repeat(value, count).ToArray()),
        Gen.Select(Gen.Long[0, 1L << 50], Gen.Long[-1000, 1000], Gen.Int[1, 400], (first, step, count) =>
            Enumerable.Range(0, count).Select(i => first + (i * step)).ToArray()),
        Gen.Long[0, 20].Array[1, 320].Select(steps => steps.Select(s => s < 17 ? 0 : s).ToArray()));

    [Fact]
    public void A_column_reads_back_as_it_was_written() => AnyColumn.Sample(values =>
    {
        var read = new long[values.Length];
        return Column.TryRead(Write(values), read) && read.AsSpan().SequenceEqual(values);
    });

    [Fact]
    public void A_value_that_never_changes_takes_a_few_bytes_however_long_the_block()
    {
        Assert.True(Write(Enumerable.Repeat(7L, 300).ToArray()).Length <= 2);
        Assert.True(Write(Enumerable.Range(0, 300).Select(i => 1000L + (100 * i)).ToArray()).Length <= 8);
    }

    [Fact]
    public void No_cut_of_a_column_reads_as_a_column() => AnyColumn.Sample(
        values =>
        {
            var bytes = Write(values);
            var read = new long[values.Length];
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.False(Column.TryRead(bytes.AsSpan(0, length), read));
            }
        },
        iter: 200);

    [Fact]
    public void No_bytes_make_the_reader_throw() => Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[1, 400])
        .Sample((bytes, ticks) => { Column.TryRead(bytes, new long[ticks]); });

    [Fact]
    public void A_group_gives_each_of_its_series_and_no_other() => Gen.Select(
            Gen.Int[1, 90], Gen.Int[1, 3], AnyColumn, Gen.Int[0, 1000])
        .Sample((series, columns, shape, firstId) =>
        {
            var values = Enumerable.Range(0, series * columns)
                .SelectMany(i => shape.Select(v => unchecked(v + i))).ToArray();
            var ids = Enumerable.Range(0, series).Select(i => firstId + (i * 3)).ToArray();
            var writer = new ByteWriter();
            SeriesGroup.Write(writer, shape.Length, columns, ids, values);
            var group = SeriesGroup.Parse(writer.Written.ToArray());
            Assert.NotNull(group);
            Assert.Equal(-1, group.IndexOf(firstId + 1));
            var read = new long[shape.Length];
            for (var i = 0; i < series * columns; i++)
            {
                Assert.True(group.TryRead(group.IndexOf(ids[i / columns]), i % columns, read));
                Assert.Equal(values[(i * shape.Length)..((i + 1) * shape.Length)], read);
            }
        });

    [Fact]
    public void No_bytes_make_a_group_throw() => Gen.Byte.Array[0, 120].Sample(bytes =>
    {
        var group = SeriesGroup.Parse(bytes);
        var values = new long[group?.Ticks ?? 0];
        for (var i = 0; i < (group?.Ids.Length ?? 0) && values.Length > 0; i++)
        {
            for (var column = 0; column < group!.Columns; column++)
            {
                group.TryRead(i, column, values);
            }
        }
    });

    private static byte[] Write(long[] values)
    {
        var writer = new ByteWriter();
        Column.Write(writer, values, new long[values.Length]);
        return writer.Written.ToArray();
    }
}
