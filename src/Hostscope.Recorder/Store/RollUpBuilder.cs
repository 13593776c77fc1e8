using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Makes a block of minutes from blocks of seconds. A minute's average is weighted by time, as all averages of the
/// history are; minimum and maximum are those of the rates that the live view showed.
/// </summary>
internal sealed class RollUpBuilder
{
    public const long MinuteMs = 60_000;
    public const long HourMs = 3_600_000;

    /// <summary>Rows of a block, against a clock that jumps with each tick; an hour has 60, a day 24.</summary>
    public const int MaxRows = 2_000;

    private readonly IReadOnlyList<IBlock> _sources;
    private readonly TickTimes? _lead;
    private readonly IBlock? _leadBlock;
    private readonly List<TickTimes> _times = [];
    private readonly List<Row> _rows = [];

    private RollUpBuilder(IReadOnlyList<IBlock> sources, IBlock? lead)
    {
        _sources = sources;
        _lead = lead is null || lead.Header.Run != sources[0].Header.Run ? null : TickTimes.Of(lead);
        _leadBlock = _lead is null ? null : lead;
    }

    /// <summary>Builds the block of minutes of some blocks of seconds.</summary>
    /// <param name="sources">Blocks of seconds in the order of recording; those that are damaged are left out.</param>
    /// <param name="lead">The block before the first, for the first rates; <c>null</c> when there is none.</param>
    /// <returns><c>null</c> when no source can be read.</returns>
    public static EncodedBlock? Minutes(IReadOnlyList<IBlock> sources, IBlock? lead)
    {
        var builder = new RollUpBuilder(sources, lead);
        builder.LayRows();
        return builder._rows.Count == 0 ? null : builder.Build();
    }

    private EncodedBlock Build()
    {
        var definitions = new Dictionary<int, SeriesDefinition>();
        var parts = new List<BlockPart> { RollUpRows.WriteClock(_rows) };
        var groups = new List<int>();
        foreach (var group in _sources.SelectMany(block => block.Header.Groups).Distinct().Order())
        {
            if (WriteGroup(group, definitions) is { } part)
            {
                parts.Add(part);
                groups.Add(group);
            }
        }

        var processes = WriteProcesses();
        if (processes.Length > 0)
        {
            parts.Add(new BlockPart(BlockKey.ProcessPart, BlobKind.Processes, processes));
        }

        var first = _sources[0].Header;
        var last = _sources[^1].Header;
        var header = RollUpRows.MakeHeader(Tier.Minute, _rows, MinuteMs, last, [.. groups]) with
        {
            FirstSource = first.Number,
            LastSource = last.Number,
            HasProcesses = processes.Length > 0,
        };
        return new EncodedBlock(header, parts, definitions);
    }

    /// <summary>
    /// Gives each tick its row: a new one whenever the minute of the wall clock is not that of the tick before.
    /// </summary>
    private void LayRows()
    {
        var before = _lead;
        foreach (var source in _sources)
        {
            var times = TickTimes.Of(source) ?? TickTimes.None;
            _times.Add(times);
            for (var i = 0; i < times.Count; i++)
            {
                var start = TimeMath.Floor(times[i].UnixMs, MinuteMs);
                if (_rows.Count == 0 || _rows[^1].StartMs != start)
                {
                    if (_rows.Count == MaxRows)
                    {
                        times.Truncate(i);
                        break;
                    }

                    _rows.Add(new Row(start));
                }

                var row = _rows[^1];
                row.Ticks++;
                row.Run = source.Header.Run;
                row.ElapsedNs += times.ElapsedNs(i, before, source.Header.Run);
                times.RowOf[i] = _rows.Count - 1;
            }

            before = times.Count > 0 ? times : before;
        }
    }

    private BlockPart? WriteGroup(int group, Dictionary<int, SeriesDefinition> definitions)
    {
        var members = new SortedDictionary<int, SeriesDefinition>();
        foreach (var source in _sources)
        {
            foreach (var id in source.Group(group) is { } found ? found.Ids : [])
            {
                if (!members.ContainsKey(id) && source.Definition(id) is { } definition)
                {
                    members.Add(id, definition);
                }
            }
        }

        if (members.Count == 0)
        {
            return null;
        }

        var rows = _rows.Count;
        var values = new long[members.Count * RollUpColumns.Count * rows];
        var index = 0;
        foreach (var (id, definition) in members)
        {
            var cells = Collect(group, id, definition.Series.Metric);
            RollUpRows.Write(
                cells, _rows, definition.Series.Metric,
                values.AsSpan(index++ * RollUpColumns.Count * rows, RollUpColumns.Count * rows));
            definitions[id] = definition;
        }

        var writer = new ByteWriter(16 * 1024);
        SeriesGroup.Write(writer, rows, RollUpColumns.Count, [.. members.Keys], values);
        return new BlockPart(group, BlobKind.Numeric, writer.Written.ToArray());
    }

    private RollUpCell[] Collect(int group, int id, Metric metric)
    {
        var cells = new RollUpCell[_rows.Count];
        var walk = new SeriesWalk(metric);
        if (_lead is not null && _leadBlock is not null)
        {
            walk.Lead(_leadBlock, _lead, group, id);
        }

        for (var b = 0; b < _sources.Count; b++)
        {
            var times = _times[b];
            if (times.Count == 0)
            {
                continue;
            }

            if (!walk.Enter(_sources[b], times, group, id))
            {
                continue;
            }

            for (var i = 0; i < times.Count; i++)
            {
                if (walk.At(i) is { HasValue: true } sample)
                {
                    cells[times.RowOf[i]].Add(sample);
                }
            }
        }

        return cells;
    }

    private byte[] WriteProcesses()
    {
        var log = new TableLogWriter();
        var encoder = new TableEncoder<ProcessSample, ProcessShape>();
        var writer = new ByteWriter(16 * 1024);
        var begun = false;
        for (var b = 0; b < _sources.Count; b++)
        {
            if (_sources[b].Tables(BlockKey.ProcessPart) is not { } payload || _times[b].Count == 0)
            {
                continue;
            }

            var reader = new TableLogReader<ProcessSample, ProcessShape>(payload, _times[b].All);
            while (reader.TryNext())
            {
                // The newest table of each minute, and of the block: what is left of the minute may be in the next one,
                // and then that one is kept as well.
                var next = reader.PeekIndex();
                var row = _times[b].RowOf[reader.Index];
                if (next != int.MaxValue && _times[b].RowOf[next] == row)
                {
                    continue;
                }

                if (next == int.MaxValue && RowGoesOn(b, row))
                {
                    continue;
                }

                writer.Clear();
                reader.Head.Write(writer, new TickTime(0, _rows[row].StartMs, 0));
                encoder.Write(writer, reader.Rows, whole: !begun);
                begun = true;
                log.Add(row, writer.Written);
            }
        }

        return log.Written.ToArray();
    }

    private bool RowGoesOn(int block, int row) => block + 1 < _times.Count && _times[block + 1].Count > 0
        && _times[block + 1].RowOf[0] == row && _sources[block + 1].Header.HasProcesses;

    /// <summary>A minute that is being filled.</summary>
    internal sealed class Row(long startMs)
    {
        public long StartMs { get; } = startMs;

        public int Ticks { get; set; }

        public long ElapsedNs { get; set; }

        public long Run { get; set; }
    }
}

/// <summary>Arithmetic of wall-clock times, which may lie before 1970.</summary>
internal static class TimeMath
{
    /// <summary>The largest multiple of a step that is not above a time.</summary>
    public static long Floor(long time, long step)
    {
        var rest = time % step;
        return rest < 0 ? time - rest - step : time - rest;
    }
}
