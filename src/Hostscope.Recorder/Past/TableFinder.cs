using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Finds the table of a tick and the one before it.</summary>
internal static class TableFinder
{
    /// <summary>The newest process tables at or before a tick of a block, newest first; at most two.</summary>
    public static List<ProcessTable> Processes(IBlock block, int index, ReadOnlySpan<TickTime> times)
    {
        var found = new List<ProcessTable>();
        Read<ProcessSample, ProcessShape>(
            block.Tables(BlockKey.ProcessPart), index, times, (head, rows) => found.Insert(0, Tables.Make(head, rows)));
        return found;
    }

    /// <summary>The same for cgroups.</summary>
    public static List<CgroupTable> Cgroups(IBlock block, int index, ReadOnlySpan<TickTime> times)
    {
        var found = new List<CgroupTable>();
        Read<CgroupSample, CgroupShape>(
            block.Tables(BlockKey.CgroupPart), index, times, (head, rows) => found.Insert(0, Tables.Make(head, rows)));
        return found;
    }

    private delegate void Take<TRow>(TableHead head, ReadOnlySpan<TRow> rows);

    private static void Read<TRow, TShape>(byte[]? payload, int index, ReadOnlySpan<TickTime> times, Take<TRow> take)
        where TRow : struct
        where TShape : IRowShape<TRow>
    {
        if (payload is null)
        {
            return;
        }

        // First where the tables lie, then only the last two are copied: a copy of each would cost more than reading.
        int last = -1, lastButOne = -1;
        var places = new TableLogPlaces(payload, times.Length);
        while (places.TryNext(out var place) && place <= index)
        {
            (lastButOne, last) = (last, place);
        }

        var reader = new TableLogReader<TRow, TShape>(payload, times);
        while (reader.PeekIndex() <= last && reader.TryNext())
        {
            if (reader.Index == last || reader.Index == lastButOne)
            {
                take(reader.Head, reader.Rows);
            }
        }
    }
}

/// <summary>Steps over the tables of a log without reading them.</summary>
internal ref struct TableLogPlaces(ReadOnlySpan<byte> payload, int ticks)
{
    private ByteReader _reader = new(payload);
    private int _index = -1;

    public bool TryNext(out int index)
    {
        index = -1;
        if (_reader.Failed || _reader.Left == 0)
        {
            return false;
        }

        var distance = _reader.Count(ticks - 1 - _index);
        _reader.Bytes(_reader.Count());
        _index += distance;
        index = _index;
        return !_reader.Failed && distance > 0;
    }
}
