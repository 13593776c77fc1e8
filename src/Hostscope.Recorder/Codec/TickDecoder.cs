namespace Hostscope.Recorder.Codec;

/// <summary>
/// Reads what <see cref="TickEncoder"/> wrote, tick after tick from the first of a block. After a tick that is not
/// sound its state means nothing until the first tick of a block comes.
/// </summary>
internal sealed class TickDecoder
{
    private int[] _ids = [];
    private long[] _values = [];
    private int _count;
    private Range _processes;
    private Range _cgroups;

    public TickPlace Place { get; private set; }

    public TickTime Time { get; private set; }

    /// <summary>Ids of the series of the last tick.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>Their values.</summary>
    public ReadOnlySpan<long> Values => _values.AsSpan(0, _count);

    /// <summary>Changes with the list of series: a cheap way to see that it is the same.</summary>
    public int SeriesVersion { get; private set; }

    /// <summary>The process table's bytes within the last tick's payload; empty when it has none.</summary>
    public ReadOnlySpan<byte> Processes(ReadOnlySpan<byte> payload) => payload[_processes];

    /// <summary>The cgroup table's bytes within the last tick's payload; empty when it has none.</summary>
    public ReadOnlySpan<byte> Cgroups(ReadOnlySpan<byte> payload) => payload[_cgroups];

    /// <summary>Reads where a tick stands, and nothing else.</summary>
    public static bool TryReadPlace(ReadOnlySpan<byte> payload, out TickPlace place)
    {
        var reader = new ByteReader(payload);
        place = ReadPlace(ref reader);
        return !reader.Failed;
    }

    /// <summary>Reads a tick; false when the bytes are not one that follows the tick before.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var place = ReadPlace(ref reader);
        var flags = reader.Byte();
        var first = (flags & TickEncoder.FirstOfBlock) != 0;
        if (reader.Failed || flags > 15 || first != (place.Index == 0) || (!first && !Follows(place)))
        {
            return false;
        }

        if (first)
        {
            Time = default;
            _count = 0;
        }

        Place = place;
        Time = new TickTime(
            unchecked(Time.Sequence + reader.ZigZag()),
            unchecked(Time.UnixMs + reader.ZigZag()),
            unchecked(Time.MonotonicNs + reader.ZigZag()));
        if ((flags & TickEncoder.HasSeries) != 0)
        {
            ReadSeries(ref reader);
        }

        ReadValues(ref reader);
        _processes = ReadTable(ref reader, (flags & TickEncoder.HasProcesses) != 0);
        _cgroups = ReadTable(ref reader, (flags & TickEncoder.HasCgroups) != 0);
        return reader.AtEnd;
    }

    private bool Follows(TickPlace next) =>
        next.Block == Place.Block && next.Run == Place.Run && next.Index == Place.Index + 1;

    private static TickPlace ReadPlace(ref ByteReader reader) =>
        new((long)reader.Varint(), reader.Count(SeriesGroup.MaxTicks), (long)reader.Varint());

    private void ReadSeries(ref ByteReader reader)
    {
        var ids = new int[reader.Count()];
        long id = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            id += reader.ZigZag();
            if (id is < 0 or > int.MaxValue)
            {
                reader.Fail();
                return;
            }

            ids[i] = (int)id;
        }

        SeriesVersion++;
        SeriesChange.Apply(ids, ref _ids, ref _values, ref _count);
    }

    private void ReadValues(ref ByteReader reader)
    {
        var changed = reader.Count(_count);
        var place = -1;
        for (var i = 0; i < changed && !reader.Failed; i++)
        {
            var step = reader.Count(_count - 1 - place);
            var distance = reader.ZigZag();
            if (step == 0)
            {
                reader.Fail();
            }
            else if (!reader.Failed)
            {
                place += step;
                _values[place] = unchecked(_values[place] + distance);
            }
        }
    }

    private static Range ReadTable(ref ByteReader reader, bool isThere)
    {
        if (!isThere)
        {
            return 0..0;
        }

        var length = reader.Count();
        var start = reader.Position;
        reader.Bytes(length);
        return reader.Failed ? 0..0 : start..(start + length);
    }
}
