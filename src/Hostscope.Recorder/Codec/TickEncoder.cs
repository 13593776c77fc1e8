using Hostscope.Model;

namespace Hostscope.Recorder.Codec;

/// <summary>Where a tick stands in the store.</summary>
/// <param name="Block">Number of the block it belongs to; grows by one with each block of a store.</param>
/// <param name="Index">Its place in the block, from 0.</param>
/// <param name="Run">Number of the sampling run: monotonic times are comparable within one.</param>
internal readonly record struct TickPlace(long Block, int Index, long Run);

/// <summary>
/// Writes ticks one after the other: the first of a block whole, the others as what changed. This is what the tail
/// holds and what a block is made of.
/// <code>
/// varint   number of the block
/// varint   place of the tick in the block
/// varint   number of the run
/// flags    1 byte: bit 0 first of its block, bit 1 the list of series follows, bit 2 processes, bit 3 cgroups
/// times    zigzag distances of sequence, Unix ms, monotonic ns to the tick before; in the first of a block to 0
/// [series] varint count, then the ids in the order of the frame, as zigzag distances, the first to 0
/// values   varint how many changed, then for each: varint distance of its place to the one before (the first to -1),
///          zigzag distance to its value in the tick before; a series that is new is measured from 0, absent is the
///          smallest 64-bit number
/// [processes] varint length in bytes, then the table (see <see cref="TableHead"/>)
/// [cgroups]   the same
/// </code>
/// </summary>
internal sealed class TickEncoder
{
    public const byte FirstOfBlock = 1;
    public const byte HasSeries = 2;
    public const byte HasProcesses = 4;
    public const byte HasCgroups = 8;

    private readonly TableEncoder<ProcessSample, ProcessShape> _processes = new();
    private readonly TableEncoder<CgroupSample, CgroupShape> _cgroups = new();
    private readonly ByteWriter _body = new(4096);
    private int[] _ids = [];
    private long[] _values = [];
    private int _count;
    private bool _processesBegun;
    private bool _cgroupsBegun;
    private long _sequence;
    private long _unixMs;
    private long _monotonicNs;

    /// <summary>Writes a tick.</summary>
    /// <param name="writer">Takes the payload.</param>
    /// <param name="place">Where it stands; index 0 begins a block.</param>
    /// <param name="tick">The tick.</param>
    /// <param name="ids">Ids of the series in the order of the frame's values.</param>
    /// <param name="observers">Are told of rows that came and went.</param>
    public void Write(
        ByteWriter writer, TickPlace place, in TickView tick, ReadOnlySpan<int> ids, in TickObservers observers)
    {
        var first = place.Index == 0;
        if (first)
        {
            _count = 0;
            _processesBegun = _cgroupsBegun = false;
            _sequence = _unixMs = _monotonicNs = 0;
        }

        var newSeries = first || !ids.SequenceEqual(_ids.AsSpan(0, _count));
        writer.Varint((ulong)place.Block);
        writer.Count(place.Index);
        writer.Varint((ulong)place.Run);
        writer.Byte((byte)((first ? FirstOfBlock : 0) | (newSeries ? HasSeries : 0)
            | (tick.Processes is null ? 0 : HasProcesses) | (tick.Cgroups is null ? 0 : HasCgroups)));
        writer.ZigZag(unchecked(tick.Sequence - _sequence));
        writer.ZigZag(unchecked(tick.UnixMs - _unixMs));
        writer.ZigZag(unchecked(tick.MonotonicNs - _monotonicNs));
        (_sequence, _unixMs, _monotonicNs) = (tick.Sequence, tick.UnixMs, tick.MonotonicNs);
        if (newSeries)
        {
            WriteSeries(writer, ids);
        }

        WriteValues(writer, tick.Values);
        WriteTables(writer, tick, observers);
    }

    private void WriteSeries(ByteWriter writer, ReadOnlySpan<int> ids)
    {
        writer.Count(ids.Length);
        var last = 0;
        foreach (var id in ids)
        {
            writer.ZigZag((long)id - last);
            last = id;
        }

        SeriesChange.Apply(ids, ref _ids, ref _values, ref _count);
    }

    private void WriteValues(ByteWriter writer, ReadOnlySpan<long> values)
    {
        _body.Clear();
        int changed = 0, last = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != _values[i])
            {
                _body.Count(i - last);
                _body.ZigZag(unchecked(values[i] - _values[i]));
                _values[i] = values[i];
                last = i;
                changed++;
            }
        }

        writer.Count(changed);
        writer.Bytes(_body.Written);
    }

    private void WriteTables(ByteWriter writer, in TickView tick, in TickObservers observers)
    {
        if (tick.Processes is { } processes)
        {
            _body.Clear();
            TableHead.Of(processes).Write(_body, tick.Time);
            _processes.Write(_body, processes.Rows, !_processesBegun, observers.Processes);
            _processesBegun = true;
            writer.Count(_body.Length);
            writer.Bytes(_body.Written);
        }

        if (tick.Cgroups is { } cgroups)
        {
            _body.Clear();
            TableHead.Of(cgroups).Write(_body, tick.Time);
            _cgroups.Write(_body, cgroups.Rows, !_cgroupsBegun, observers.Cgroups);
            _cgroupsBegun = true;
            writer.Count(_body.Length);
            writer.Bytes(_body.Written);
        }
    }
}

/// <summary>A tick as it goes into the store.</summary>
internal readonly ref struct TickView
{
    public required long Sequence { get; init; }

    public required long UnixMs { get; init; }

    public required long MonotonicNs { get; init; }

    public required ReadOnlySpan<long> Values { get; init; }

    public ProcessTable? Processes { get; init; }

    public CgroupTable? Cgroups { get; init; }

    public TickTime Time => new(Sequence, UnixMs, MonotonicNs);
}

/// <summary>Who is told of rows that came and went.</summary>
internal readonly record struct TickObservers(
    ITableObserver<ProcessSample>? Processes, ITableObserver<CgroupSample>? Cgroups);

/// <summary>When a tick was.</summary>
/// <param name="Sequence">Number of the tick in its run.</param>
/// <param name="UnixMs">Wall clock, Unix milliseconds.</param>
/// <param name="MonotonicNs">Monotonic clock, nanoseconds.</param>
internal readonly record struct TickTime(long Sequence, long UnixMs, long MonotonicNs);

/// <summary>
/// What stands before a table: zigzag distances of sequence, Unix ms and monotonic ns to those of the tick; zigzag of
/// the hidden processes, which is 0 of cgroups; varint of the ticks between scans.
/// </summary>
internal readonly record struct TableHead(TickTime Time, long Hidden, int IntervalTicks)
{
    public static TableHead Of(ProcessTable table) =>
        new(new(table.Sequence, table.UnixMs, table.MonotonicNs), table.Hidden, table.IntervalTicks);

    public static TableHead Of(CgroupTable table) =>
        new(new(table.Sequence, table.UnixMs, table.MonotonicNs), 0, table.IntervalTicks);

    public void Write(ByteWriter writer, TickTime tick)
    {
        writer.ZigZag(unchecked(Time.Sequence - tick.Sequence));
        writer.ZigZag(unchecked(Time.UnixMs - tick.UnixMs));
        writer.ZigZag(unchecked(Time.MonotonicNs - tick.MonotonicNs));
        writer.ZigZag(Hidden);
        writer.Varint((ulong)IntervalTicks);
    }

    public static TableHead Read(ref ByteReader reader, TickTime tick) => new(
        new TickTime(
            unchecked(tick.Sequence + reader.ZigZag()),
            unchecked(tick.UnixMs + reader.ZigZag()),
            unchecked(tick.MonotonicNs + reader.ZigZag())),
        reader.ZigZag(),
        reader.Count(int.MaxValue));
}

/// <summary>
/// What encoder and decoder do alike when the list of series changes: values of series that stay are kept.
/// </summary>
internal static class SeriesChange
{
    public static void Apply(ReadOnlySpan<int> ids, ref int[] oldIds, ref long[] values, ref int count)
    {
        var before = new Dictionary<int, long>(count);
        for (var i = 0; i < count; i++)
        {
            before[oldIds[i]] = values[i];
        }

        if (oldIds.Length < ids.Length)
        {
            oldIds = new int[ids.Length + (ids.Length / 4)];
            values = new long[oldIds.Length];
        }

        ids.CopyTo(oldIds);
        count = ids.Length;
        for (var i = 0; i < count; i++)
        {
            values[i] = before.GetValueOrDefault(ids[i]);
        }
    }
}
