namespace Hostscope.Recorder.Codec;

/// <summary>
/// Some series over the ticks of a block, column by column. What lies together is read together: a group holds series
/// of one family, as a chart shows them.
/// <code>
/// varint   ticks n
/// varint   series m
/// varint   columns of each series s: 1 for seconds, 5 for the coarser tiers (see <see cref="RollUpColumns"/>)
/// m times  id: the first as varint, then the distance to the one before, at least 1
/// m*s      varint length of the column's bytes, in the order of the columns
/// m*s      columns: s of the first series, s of the second, ... (see <see cref="Column"/>)
/// </code>
/// </summary>
internal sealed class SeriesGroup
{
    /// <summary>
    /// Series in a group: larger ones compress 3 % better, and reading one series costs 17 times more.
    /// </summary>
    public const int Size = 64;

    /// <summary>Bound against damage: ticks a block can have.</summary>
    public const int MaxTicks = 4096;

    private const int MaxColumns = 8;

    private readonly byte[] _payload;
    private readonly int[] _ids;
    private readonly int[] _starts;

    private SeriesGroup(byte[] payload, int ticks, int columns, int[] ids, int[] starts)
    {
        _payload = payload;
        Ticks = ticks;
        Columns = columns;
        _ids = ids;
        _starts = starts;
    }

    /// <summary>Ticks of the block.</summary>
    public int Ticks { get; }

    /// <summary>Columns of each series.</summary>
    public int Columns { get; }

    /// <summary>Ids of the series, ascending.</summary>
    public ReadOnlySpan<int> Ids => _ids;

    /// <summary>Memory it holds.</summary>
    public int Bytes => _payload.Length + ((_ids.Length + _starts.Length) * sizeof(int));

    /// <summary>Writes a group.</summary>
    /// <param name="writer">Takes the payload.</param>
    /// <param name="ticks">Values of each column.</param>
    /// <param name="columns">Columns of each series.</param>
    /// <param name="ids">Ids, ascending, each once.</param>
    /// <param name="values">All values of the first column of the first series, then of the second column, ...</param>
    public static void Write(
        ByteWriter writer, int ticks, int columns, ReadOnlySpan<int> ids, ReadOnlySpan<long> values)
    {
        writer.Count(ticks);
        writer.Count(ids.Length);
        writer.Count(columns);
        for (var i = 0; i < ids.Length; i++)
        {
            writer.Count(i == 0 ? ids[0] : ids[i] - ids[i - 1]);
        }

        var body = new ByteWriter(values.Length + 64);
        var scratch = new long[ticks];
        for (var i = 0; i < ids.Length * columns; i++)
        {
            var start = body.Length;
            Column.Write(body, values.Slice(i * ticks, ticks), scratch);
            writer.Count(body.Length - start);
        }

        writer.Bytes(body.Written);
    }

    /// <summary>Reads the directory of a payload; <c>null</c> when the payload cannot be one.</summary>
    public static SeriesGroup? Parse(byte[] payload)
    {
        var reader = new ByteReader(payload);
        var ticks = reader.Count(MaxTicks);
        var count = reader.Count();
        var columns = reader.Count(MaxColumns);
        var ids = new int[count];
        long id = 0;
        for (var i = 0; i < count; i++)
        {
            var step = reader.Count(int.MaxValue);
            id += step;
            if ((i > 0 && step == 0) || id > int.MaxValue)
            {
                return null;
            }

            ids[i] = (int)id;
        }

        if (reader.Failed || (long)count * columns > reader.Left)
        {
            return null;
        }

        var starts = new int[(count * columns) + 1];
        for (var i = 0; i < count * columns; i++)
        {
            starts[i + 1] = starts[i] + reader.Count(payload.Length - starts[i]);
        }

        var origin = reader.Position;
        if (reader.Failed || starts[^1] != reader.Left)
        {
            return null;
        }

        for (var i = 0; i < starts.Length; i++)
        {
            starts[i] += origin;
        }

        return new SeriesGroup(payload, ticks, columns, ids, starts);
    }

    /// <summary>Where a series is in this group, or -1.</summary>
    public int IndexOf(int id)
    {
        var at = Array.BinarySearch(_ids, id);
        return at < 0 ? -1 : at;
    }

    /// <summary>Reads one column of the series at an index; false when its bytes are not a column.</summary>
    public bool TryRead(int index, int column, Span<long> values)
    {
        var at = (index * Columns) + column;
        return Column.TryRead(_payload.AsSpan(_starts[at].._starts[at + 1]), values[..Ticks]);
    }
}
