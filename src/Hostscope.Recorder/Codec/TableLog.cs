using Hostscope.Model;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// The tables of a block, those of the ticks one after the other, as the ticks brought them: for each, varint distance
/// of the tick's place to the one before (the first to -1), varint length, the table.
/// </summary>
internal sealed class TableLogWriter
{
    private readonly ByteWriter _writer = new(16 * 1024);
    private int _last = -1;

    public ReadOnlySpan<byte> Written => _writer.Written;

    public void Clear()
    {
        _writer.Clear();
        _last = -1;
    }

    /// <summary>Adds the table of a tick.</summary>
    public void Add(int index, ReadOnlySpan<byte> table)
    {
        _writer.Count(index - _last);
        _last = index;
        _writer.Count(table.Length);
        _writer.Bytes(table);
    }
}

/// <summary>Steps through the tables of a block.</summary>
/// <typeparam name="TRow">The row.</typeparam>
/// <typeparam name="TShape">How rows look.</typeparam>
internal ref struct TableLogReader<TRow, TShape>(
    ReadOnlySpan<byte> payload, ReadOnlySpan<TickTime> times, ITableObserver<TRow>? observer = null)
    where TRow : struct
    where TShape : IRowShape<TRow>
{
    private readonly ReadOnlySpan<TickTime> _times = times;
    private readonly TableDecoder<TRow, TShape> _decoder = new() { Observer = observer };
    private ByteReader _reader = new(payload);

    /// <summary>Place in the block of the tick of the last table; -1 before the first.</summary>
    public int Index { get; private set; } = -1;

    public TableHead Head { get; private set; }

    /// <summary>Rows after the last table that was read.</summary>
    public readonly ReadOnlySpan<TRow> Rows => _decoder.Rows;

    /// <summary>Place of the next table's tick, without reading it; <see cref="int.MaxValue"/> at the end.</summary>
    public readonly int PeekIndex()
    {
        var ahead = _reader;
        if (ahead.Failed || ahead.Left == 0)
        {
            return int.MaxValue;
        }

        var distance = ahead.Count(_times.Length - 1 - Index);
        return ahead.Failed || distance == 0 ? int.MaxValue : Index + distance;
    }

    /// <summary>Reads the next table; false at the end and at the first that is not sound.</summary>
    public bool TryNext()
    {
        var index = PeekIndex();
        if (index == int.MaxValue)
        {
            return false;
        }

        _reader.Varint();
        var table = new ByteReader(_reader.Bytes(_reader.Count()));
        Index = index;
        Head = TableHead.Read(ref table, _times[index]);
        if (_reader.Failed || !_decoder.TryRead(ref table) || !table.AtEnd)
        {
            _reader.Fail();
            return false;
        }

        return true;
    }
}

/// <summary>From rows to the tables that everybody knows.</summary>
internal static class Tables
{
    public static ProcessTable Make(TableHead head, ReadOnlySpan<ProcessSample> rows)
    {
        var table = new ProcessTable
        {
            Sequence = head.Time.Sequence,
            UnixMs = head.Time.UnixMs,
            MonotonicNs = head.Time.MonotonicNs,
            Hidden = head.Hidden,
            IntervalTicks = head.IntervalTicks,
        };
        foreach (ref readonly var row in rows)
        {
            table.Add() = row;
        }

        return table;
    }

    public static CgroupTable Make(TableHead head, ReadOnlySpan<CgroupSample> rows)
    {
        var table = new CgroupTable
        {
            Sequence = head.Time.Sequence,
            UnixMs = head.Time.UnixMs,
            MonotonicNs = head.Time.MonotonicNs,
            IntervalTicks = head.IntervalTicks,
        };
        foreach (ref readonly var row in rows)
        {
            table.Add(row);
        }

        return table;
    }
}
