using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>The ticks of a block as the tail has them, from its first.</summary>
/// <param name="Number">Number of the block.</param>
/// <param name="IntervalMs">Time between ticks as it should be.</param>
/// <param name="Payloads">What <see cref="TickEncoder"/> wrote, tick by tick.</param>
/// <param name="Series">What the numbers in them stand for.</param>
internal sealed record BlockTicks(
    long Number, long IntervalMs, ReadOnlyMemory<byte[]> Payloads, IReadOnlyDictionary<int, SeriesDefinition> Series);

/// <summary>Turns ticks, each with all series, into columns, each with all ticks.</summary>
internal static class BlockBuilder
{
    /// <summary>The clock's series in the tier of seconds.</summary>
    public const int ClockSequence = 0;
    public const int ClockUnixMs = 1;
    public const int ClockMonotonicNs = 2;

    /// <summary>
    /// Series whose columns are in memory at once: 512 x 300 x 8 B = 1.2 MB. Each further slice decodes the ticks
    /// again, at 5 us a tick.
    /// </summary>
    private const int SliceSeries = 512;

    /// <summary>
    /// Builds the block of some ticks. Ticks from the first that is not sound on are left out: they cannot be read
    /// without the ones before.
    /// </summary>
    /// <returns><c>null</c> when not even the first tick is sound.</returns>
    public static EncodedBlock? Build(BlockTicks ticks)
    {
        var scan = Scan.Of(ticks);
        if (scan.Times.Count == 0)
        {
            return null;
        }

        var ids = scan.Ids.Where(ticks.Series.ContainsKey)
            .OrderBy(id => ticks.Series[id].Group).ThenBy(id => id).ToArray();
        var parts = new List<BlockPart> { WriteClock(scan.Times) };
        var groups = new List<int>();
        for (var start = 0; start < ids.Length;)
        {
            var end = EndOfSlice(ids, start, ticks.Series);
            WriteSlice(ticks, ids.AsSpan(start..end), scan.Times.Count, parts, groups);
            start = end;
        }

        AddTables(parts, BlockKey.ProcessPart, scan.Processes);
        AddTables(parts, BlockKey.CgroupPart, scan.Cgroups);
        var definitions = ids.ToDictionary(id => id, id => ticks.Series[id]);
        return new EncodedBlock(MakeHeader(ticks, scan, [.. groups]), parts, definitions);
    }

    private static BlockHeader MakeHeader(BlockTicks ticks, Scan scan, int[] groups) => new()
    {
        Tier = Tier.Second,
        Number = ticks.Number,
        Run = scan.Run,
        Ticks = scan.Times.Count,
        MinUnixMs = scan.Times.Min(time => time.UnixMs),
        MaxUnixMs = scan.Times.Max(time => time.UnixMs),
        FirstUnixMs = scan.Times[0].UnixMs,
        LastUnixMs = scan.Times[^1].UnixMs,
        IntervalMs = ticks.IntervalMs,
        FirstSource = ticks.Number,
        LastSource = ticks.Number,
        HasProcesses = scan.Processes.Written.Length > 0,
        HasCgroups = scan.Cgroups.Written.Length > 0,
        Bytes = 0,
        Groups = groups,
    };

    private static BlockPart WriteClock(List<TickTime> times)
    {
        var count = times.Count;
        var values = new long[3 * count];
        for (var i = 0; i < count; i++)
        {
            values[(ClockSequence * count) + i] = times[i].Sequence;
            values[(ClockUnixMs * count) + i] = times[i].UnixMs;
            values[(ClockMonotonicNs * count) + i] = times[i].MonotonicNs;
        }

        var writer = new ByteWriter();
        SeriesGroup.Write(writer, count, 1, [ClockSequence, ClockUnixMs, ClockMonotonicNs], values);
        return new BlockPart(BlockKey.ClockPart, BlobKind.Clock, writer.Written.ToArray());
    }

    /// <summary>Whole groups, until the slice is full.</summary>
    private static int EndOfSlice(int[] ids, int start, IReadOnlyDictionary<int, SeriesDefinition> series)
    {
        var end = Math.Min(ids.Length, start + SliceSeries);
        while (end < ids.Length && series[ids[end]].Group == series[ids[end - 1]].Group)
        {
            end++;
        }

        return end;
    }

    private static void WriteSlice(
        BlockTicks ticks, ReadOnlySpan<int> ids, int count, List<BlockPart> parts, List<int> groups)
    {
        var columns = new long[ids.Length * count];
        columns.AsSpan().Fill(Frame.Absent);
        Fill(ticks, ids, count, columns);
        for (var start = 0; start < ids.Length;)
        {
            var group = ticks.Series[ids[start]].Group;
            var end = start;
            while (end < ids.Length && ticks.Series[ids[end]].Group == group)
            {
                end++;
            }

            var writer = new ByteWriter(16 * 1024);
            SeriesGroup.Write(writer, count, 1, ids[start..end], columns.AsSpan((start * count)..(end * count)));
            parts.Add(new BlockPart(group, BlobKind.Numeric, writer.Written.ToArray()));
            groups.Add(group);
            start = end;
        }
    }

    private static void Fill(BlockTicks ticks, ReadOnlySpan<int> ids, int count, long[] columns)
    {
        var rowOf = new Dictionary<int, int>(ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            rowOf.Add(ids[i], i);
        }

        var decoder = new TickDecoder();
        var version = -1;
        int[] rows = [];
        for (var tick = 0; tick < count; tick++)
        {
            decoder.TryRead(ticks.Payloads.Span[tick]);
            if (decoder.SeriesVersion != version)
            {
                version = decoder.SeriesVersion;
                rows = new int[decoder.Ids.Length];
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = rowOf.GetValueOrDefault(decoder.Ids[i], -1);
                }
            }

            var values = decoder.Values;
            for (var i = 0; i < values.Length; i++)
            {
                if (rows[i] >= 0)
                {
                    columns[(rows[i] * count) + tick] = values[i];
                }
            }
        }
    }

    private static void AddTables(List<BlockPart> parts, int number, TableLogWriter log)
    {
        if (log.Written.Length > 0)
        {
            parts.Add(new BlockPart(number, EncodedBlock.KindOf(number), log.Written.ToArray()));
        }
    }

    /// <summary>What the first pass over the ticks finds.</summary>
    private sealed class Scan
    {
        public List<TickTime> Times { get; } = [];

        public HashSet<int> Ids { get; } = [];

        public TableLogWriter Processes { get; } = new();

        public TableLogWriter Cgroups { get; } = new();

        public long Run { get; private set; }

        public static Scan Of(BlockTicks ticks)
        {
            var scan = new Scan();
            var decoder = new TickDecoder();
            var version = -1;
            foreach (var payload in ticks.Payloads.Span)
            {
                if (!decoder.TryRead(payload))
                {
                    break;
                }

                if (decoder.SeriesVersion != version)
                {
                    version = decoder.SeriesVersion;
                    foreach (var id in decoder.Ids)
                    {
                        scan.Ids.Add(id);
                    }
                }

                scan.Run = decoder.Place.Run;
                scan.AddTables(decoder, payload);
                scan.Times.Add(decoder.Time);
            }

            return scan;
        }

        private void AddTables(TickDecoder decoder, byte[] payload)
        {
            var processes = decoder.Processes(payload);
            if (processes.Length > 0)
            {
                Processes.Add(Times.Count, processes);
            }

            var cgroups = decoder.Cgroups(payload);
            if (cgroups.Length > 0)
            {
                Cgroups.Add(Times.Count, cgroups);
            }
        }
    }
}
