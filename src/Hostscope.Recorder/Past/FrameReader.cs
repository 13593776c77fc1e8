using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Makes frames of the ticks of a block, as they were.</summary>
internal sealed class FrameReader
{
    private readonly long[] _columns;
    private readonly Dictionary<int, int> _rowOf;
    private readonly int _ticks;

    private FrameReader(Series[] series, long[] columns, TickTimes times)
    {
        Series = series;
        _rowOf = new Dictionary<int, int>(series.Length);
        for (var i = 0; i < series.Length; i++)
        {
            _rowOf[series[i].Id] = i;
        }

        _columns = columns;
        _ticks = times.All.Length;
        Times = times;
    }

    /// <summary>The series of the block, in the order of frames.</summary>
    public Series[] Series { get; }

    public TickTimes Times { get; }

    /// <summary>
    /// Reads every column of a block; <c>null</c> when its clock is damaged. Damaged groups are left out.
    /// </summary>
    public static FrameReader? Of(IBlock block)
    {
        if (TickTimes.Of(block) is not { } times)
        {
            return null;
        }

        var members = new List<(Series Series, SeriesGroup Group, int Index)>();
        var definitions = block.Definitions;
        foreach (var number in block.Header.Groups)
        {
            if (block.Group(number) is not { Columns: 1 } group)
            {
                continue;
            }

            for (var i = 0; i < group.Ids.Length; i++)
            {
                if (definitions.GetValueOrDefault(group.Ids[i]) is { } definition
                    && !OverviewSeries.IsInternal(definition.Series))
                {
                    members.Add((definition.Series, group, i));
                }
            }
        }

        members.Sort((a, b) => Order(a.Series, b.Series));
        var columns = new long[members.Count * times.Count];
        for (var i = 0; i < members.Count; i++)
        {
            var column = columns.AsSpan(i * times.Count, times.Count);
            if (!members[i].Group.TryRead(members[i].Index, 0, column))
            {
                column.Fill(Frame.Absent);
            }
        }

        return new FrameReader([.. members.Select(member => member.Series)], columns, times);
    }

    /// <summary>The raw value of a series at a tick.</summary>
    public long Value(int series, int tick) => _columns[(series * _ticks) + tick];

    /// <summary>The series that have a value at a tick or the one before: those that the live view had.</summary>
    public Schema SchemaAt(int tick) => new(1, [.. Series.Where((_, i) =>
        Value(i, tick) != Frame.Absent || (tick > 0 && Value(i, tick - 1) != Frame.Absent))]);

    /// <summary>The frame of a tick, with the series of a schema.</summary>
    public Frame FrameAt(int tick, Schema schema)
    {
        var values = new long[schema.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _rowOf.TryGetValue(schema.Series[i].Id, out var at) ? Value(at, tick) : Frame.Absent;
        }

        var frame = new Frame();
        var time = Times[tick];
        frame.Set(schema, values, time.Sequence, time.UnixMs, time.MonotonicNs);
        return frame;
    }

    /// <summary>The order of the live schema; metrics that this version does not know come last.</summary>
    public static int Order(Series a, Series b)
    {
        var (rowA, rowB) = ((uint)a.Metric.Index, (uint)b.Metric.Index);
        return rowA != rowB ? rowA.CompareTo(rowB) : a.Id.CompareTo(b.Id);
    }
}
