using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>One series in one bucket: what minutes, hours and the buckets of an answer are added up in.</summary>
internal struct RollUpCell
{
    /// <summary>
    /// Gauges: raw. Counters: rate in <see cref="RollUpColumns.RateUnit"/>ths of a raw unit per second.
    /// </summary>
    public long Min { get; set; }

    public long Max { get; set; }

    /// <summary>Gauges: sum of the raw values. Counters: growth in raw units.</summary>
    public Int128 Sum { get; set; }

    public long Last { get; set; }

    public int Count { get; set; }

    /// <summary>Counters: time over which it grew.</summary>
    public long ElapsedNs { get; set; }

    public void Add(in WalkSample sample)
    {
        Min = Count == 0 ? sample.Value : Math.Min(Min, sample.Value);
        Max = Count == 0 ? sample.Value : Math.Max(Max, sample.Value);
        Sum += sample.Amount;
        Last = sample.Value;
        Count++;
        ElapsedNs += sample.ElapsedNs;
    }

    public void Add(in RollUpCell other)
    {
        if (other.Count == 0)
        {
            return;
        }

        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Count == 0 ? other.Max : Math.Max(Max, other.Max);
        Sum += other.Sum;
        Last = other.Last;
        Count += other.Count;
        ElapsedNs += other.ElapsedNs;
    }
}

/// <summary>The rows of coarser tiers as columns, and back.</summary>
internal static class RollUpRows
{
    private const long NsPerUs = 1_000;

    public static BlockPart WriteClock(List<RollUpBuilder.Row> rows)
    {
        var count = rows.Count;
        var values = new long[4 * count];
        for (var i = 0; i < count; i++)
        {
            values[(RollUpColumns.ClockStart * count) + i] = rows[i].StartMs;
            values[(RollUpColumns.ClockTicks * count) + i] = rows[i].Ticks;
            values[(RollUpColumns.ClockElapsedUs * count) + i] = ToUs(rows[i].ElapsedNs);
            values[(RollUpColumns.ClockRun * count) + i] = rows[i].Run;
        }

        var writer = new ByteWriter();
        SeriesGroup.Write(writer, count, 1, [0, 1, 2, 3], values);
        return new BlockPart(BlockKey.ClockPart, BlobKind.Clock, writer.Written.ToArray());
    }

    public static BlockHeader MakeHeader(
        Tier tier, List<RollUpBuilder.Row> rows, long stepMs, BlockHeader last, int[] groups) => new()
        {
            Tier = tier,
            Number = last.Number,
            Run = last.Run,
            Ticks = rows.Count,
            MinUnixMs = rows.Min(row => row.StartMs),
            MaxUnixMs = rows.Max(row => row.StartMs) + stepMs - 1,
            FirstUnixMs = rows[0].StartMs,
            LastUnixMs = rows[^1].StartMs,
            IntervalMs = stepMs,
            FirstSource = last.FirstSource,
            LastSource = last.LastSource,
            HasProcesses = false,
            HasCgroups = false,
            Bytes = 0,
            Groups = groups,
        };

    /// <summary>Writes the cells of a series as its five columns, one after the other.</summary>
    public static void Write(
        ReadOnlySpan<RollUpCell> cells, List<RollUpBuilder.Row> rows, Metric metric, Span<long> columns)
    {
        var count = rows.Count;
        for (var i = 0; i < count; i++)
        {
            ref readonly var cell = ref cells[i];
            if (cell.Count == 0)
            {
                for (var c = 0; c < RollUpColumns.Count; c++)
                {
                    columns[(c * count) + i] = Frame.Absent;
                }

                continue;
            }

            var isCounter = metric.Kind == MetricKind.Counter;
            columns[(RollUpColumns.Min * count) + i] = cell.Min;
            columns[(RollUpColumns.Spread * count) + i] = unchecked(cell.Max - cell.Min);
            columns[(RollUpColumns.Sum * count) + i] = isCounter ? Clamp(cell.Sum)
                : metric.RollUp == RollUp.Last ? unchecked(cell.Last - cell.Min)
                : Clamp(cell.Sum - ((Int128)cell.Min * cell.Count));
            columns[(RollUpColumns.Missing * count) + i] = rows[i].Ticks - cell.Count;
            columns[(RollUpColumns.MissingUs * count) + i] = isCounter
                ? ToUs(rows[i].ElapsedNs) - ToUs(cell.ElapsedNs) : 0;
        }
    }

    /// <summary>Reads back a cell that <see cref="Write"/> wrote; one without values when there was none.</summary>
    /// <param name="row">Min, spread, sum, missing, missing µs.</param>
    /// <param name="ticks">Ticks of the bucket.</param>
    /// <param name="elapsedUs">Elapsed time of the bucket.</param>
    /// <param name="metric">The metric.</param>
    public static RollUpCell Read(ReadOnlySpan<long> row, long ticks, long elapsedUs, Metric metric)
    {
        var min = row[RollUpColumns.Min];
        var count = ticks - row[RollUpColumns.Missing];
        if (min == Frame.Absent || count is <= 0 or > int.MaxValue)
        {
            return default;
        }

        var isCounter = metric.Kind == MetricKind.Counter;
        var isLast = metric.RollUp == RollUp.Last;
        var sum = row[RollUpColumns.Sum];
        return new RollUpCell
        {
            Min = min,
            Max = unchecked(min + row[RollUpColumns.Spread]),
            Sum = isCounter ? sum : ((Int128)min * count) + (isLast ? 0 : sum),
            Last = isLast ? unchecked(min + sum) : min,
            Count = (int)count,
            ElapsedNs = isCounter ? (elapsedUs - row[RollUpColumns.MissingUs]) * NsPerUs : 0,
        };
    }

    private static long ToUs(long ns) => (ns + (NsPerUs / 2)) / NsPerUs;

    private static long Clamp(Int128 value) => (long)Int128.Clamp(value, long.MinValue + 1, long.MaxValue);
}
