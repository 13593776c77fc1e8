using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>The rows of a block of a coarser tier.</summary>
internal sealed class RollUpTimes
{
    private readonly long[] _values;

    private RollUpTimes(int count, long[] values)
    {
        Count = count;
        _values = values;
    }

    public int Count { get; }

    public long StartMs(int row) => _values[(RollUpColumns.ClockStart * Count) + row];

    public long Ticks(int row) => _values[(RollUpColumns.ClockTicks * Count) + row];

    public long ElapsedUs(int row) => _values[(RollUpColumns.ClockElapsedUs * Count) + row];

    public long Run(int row) => _values[(RollUpColumns.ClockRun * Count) + row];

    /// <summary>Reads the clock of a block; <c>null</c> when it is damaged.</summary>
    public static RollUpTimes? Of(IBlock block)
    {
        var rows = block.Header.Ticks;
        if (block.Clock() is not { } clock || clock.Ids.Length < 4)
        {
            return null;
        }

        var values = new long[4 * rows];
        for (var c = 0; c < 4; c++)
        {
            if (!clock.TryRead(c, 0, values.AsSpan(c * rows, rows)))
            {
                return null;
            }
        }

        return new RollUpTimes(rows, values);
    }

    /// <summary>Reads the cells of a series; <c>null</c> when it has none in the block.</summary>
    public RollUpCell[]? Cells(IBlock block, int group, int id, Metric metric)
    {
        if (block.Group(group) is not { Columns: RollUpColumns.Count } found
            || found.IndexOf(id) is not (>= 0 and var index))
        {
            return null;
        }

        var columns = new long[RollUpColumns.Count * Count];
        for (var c = 0; c < RollUpColumns.Count; c++)
        {
            if (!found.TryRead(index, c, columns.AsSpan(c * Count, Count)))
            {
                return null;
            }
        }

        var cells = new RollUpCell[Count];
        Span<long> row = stackalloc long[RollUpColumns.Count];
        for (var i = 0; i < Count; i++)
        {
            for (var c = 0; c < RollUpColumns.Count; c++)
            {
                row[c] = columns[(c * Count) + i];
            }

            cells[i] = RollUpRows.Read(row, Ticks(i), ElapsedUs(i), metric);
        }

        return cells;
    }
}

/// <summary>Makes a block of hours from blocks of minutes.</summary>
internal static class HourBuilder
{
    /// <summary>Builds it; <c>null</c> when no source can be read.</summary>
    public static EncodedBlock? Hours(IReadOnlyList<IBlock> sources)
    {
        var rows = new List<RollUpBuilder.Row>();
        var readable = new List<(IBlock Block, RollUpTimes Times, int[] RowOf)>();
        foreach (var source in sources)
        {
            if (RollUpTimes.Of(source) is { } times)
            {
                readable.Add((source, times, LayRows(times, rows)));
            }
        }

        return rows.Count == 0 ? null : Build(sources, readable, rows);
    }

    private static int[] LayRows(RollUpTimes times, List<RollUpBuilder.Row> rows)
    {
        var rowOf = new int[times.Count];
        for (var i = 0; i < times.Count; i++)
        {
            var start = TimeMath.Floor(times.StartMs(i), RollUpBuilder.HourMs);
            if (rows.Count == 0 || rows[^1].StartMs != start)
            {
                if (rows.Count == RollUpBuilder.MaxRows)
                {
                    rowOf.AsSpan(i).Fill(-1);
                    break;
                }

                rows.Add(new RollUpBuilder.Row(start));
            }

            rows[^1].Ticks += (int)times.Ticks(i);
            rows[^1].ElapsedNs += times.ElapsedUs(i) * 1_000;
            rows[^1].Run = times.Run(i);
            rowOf[i] = rows.Count - 1;
        }

        return rowOf;
    }

    private static EncodedBlock Build(
        IReadOnlyList<IBlock> sources,
        List<(IBlock Block, RollUpTimes Times, int[] RowOf)> readable,
        List<RollUpBuilder.Row> rows)
    {
        var definitions = new Dictionary<int, SeriesDefinition>();
        var parts = new List<BlockPart> { RollUpRows.WriteClock(rows) };
        var groups = new List<int>();
        foreach (var group in sources.SelectMany(block => block.Header.Groups).Distinct().Order())
        {
            var members = new SortedDictionary<int, RollUpCell[]>();
            foreach (var (block, times, rowOf) in readable)
            {
                AddGroup(block, times, rowOf, group, rows.Count, members, definitions);
            }

            if (members.Count > 0)
            {
                parts.Add(WriteGroup(group, members, rows, definitions));
                groups.Add(group);
            }
        }

        var header = RollUpRows.MakeHeader(
            Tier.Hour, rows, RollUpBuilder.HourMs, sources[^1].Header, [.. groups]) with
        {
            FirstSource = sources[0].Header.FirstSource,
        };
        return new EncodedBlock(header, parts, definitions);
    }

    private static void AddGroup(
        IBlock block,
        RollUpTimes times,
        int[] rowOf,
        int group,
        int rows,
        SortedDictionary<int, RollUpCell[]> members,
        Dictionary<int, SeriesDefinition> definitions)
    {
        foreach (var id in block.Group(group) is { } found ? found.Ids : [])
        {
            if (block.Definition(id) is not { } definition
                || times.Cells(block, group, id, definition.Series.Metric) is not { } cells)
            {
                continue;
            }

            definitions[id] = definition;
            if (!members.TryGetValue(id, out var sums))
            {
                sums = new RollUpCell[rows];
                members.Add(id, sums);
            }

            for (var i = 0; i < cells.Length && rowOf[i] >= 0; i++)
            {
                sums[rowOf[i]].Add(cells[i]);
            }
        }
    }

    private static BlockPart WriteGroup(
        int group,
        SortedDictionary<int, RollUpCell[]> members,
        List<RollUpBuilder.Row> rows,
        Dictionary<int, SeriesDefinition> definitions)
    {
        var size = RollUpColumns.Count * rows.Count;
        var values = new long[members.Count * size];
        var index = 0;
        foreach (var (id, cells) in members)
        {
            RollUpRows.Write(cells, rows, definitions[id].Series.Metric, values.AsSpan(index++ * size, size));
        }

        var writer = new ByteWriter(16 * 1024);
        SeriesGroup.Write(writer, rows.Count, RollUpColumns.Count, [.. members.Keys], values);
        return new BlockPart(group, BlobKind.Numeric, writer.Written.ToArray());
    }
}
