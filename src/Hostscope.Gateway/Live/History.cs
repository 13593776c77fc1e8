using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>One derived frame, as the backlog keeps it. Re-used when the ring comes round.</summary>
internal sealed class Row
{
    private double[] _values = [];

    public long Sequence { get; private set; }

    public long UnixMs { get; private set; }

    /// <summary>Monotonic time since the frame before, ms; <see cref="Derive.Absent"/> in the first frame.</summary>
    public double ElapsedMs { get; private set; }

    public Schema Schema { get; private set; } = Schema.Empty;

    /// <summary>Derived values in the order of <see cref="Schema"/>.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Schema.Count);

    public void Fill(Frame? previous, Frame current)
    {
        if (_values.Length < current.Schema.Count)
        {
            _values = new double[current.Schema.Count + (current.Schema.Count / 4)];
        }

        Sequence = current.Sequence;
        UnixMs = current.UnixMs;
        ElapsedMs = previous is null ? Derive.Absent : (current.MonotonicNs - previous.MonotonicNs) / 1e6;
        Schema = current.Schema;
        Derive.Values(previous, current, _values);
    }

    /// <summary>Fills it with a frame whose series are numbered otherwise.</summary>
    /// <param name="previous">The frame before it in the same run; <c>null</c> when there is none.</param>
    /// <param name="current">The frame.</param>
    /// <param name="schema">The series as they are to be numbered.</param>
    /// <param name="slots">For each of them its place in the frame, or -1.</param>
    public void Fill(Frame? previous, Frame current, Schema schema, int[] slots)
    {
        Fill(previous, current);
        Schema = schema;
        _values = [.. slots.Select(slot => slot < 0 ? Derive.Absent : _values[slot])];
    }
}

/// <summary>
/// The last <see cref="Seconds"/> of a host, derived: what a fresh page opens with. A ring of rows that belongs to the
/// encoder.
/// </summary>
internal sealed class History
{
    /// <summary>How far the backlog goes back.</summary>
    public const int Seconds = 300;

    /// <summary>
    /// Most rows: 300 s at 10 Hz. With 300 series that is 7 MB; at 1 Hz it is 0.7 MB.
    /// </summary>
    public const int MaxRows = 3_000;

    /// <summary>What a host has before its first tick.</summary>
    public static readonly History Empty = new(Seconds * 1000);

    private readonly Row[] _rows;
    private long _added;

    /// <summary>Makes the ring for a sampling interval in ms.</summary>
    public History(int intervalMs)
    {
        Capacity = Math.Clamp(Seconds * 1000 / Math.Max(1, intervalMs), 1, MaxRows);
        _rows = new Row[Capacity];
        for (var i = 0; i < Capacity; i++)
        {
            _rows[i] = new Row();
        }
    }

    /// <summary>Rows it can hold.</summary>
    public int Capacity { get; }

    /// <summary>Rows it holds.</summary>
    public int Count => (int)Math.Min(_added, Capacity);

    /// <summary>A row by age order: 0 is the oldest.</summary>
    public Row this[int index] => _rows[(_added - Count + index) % Capacity];

    /// <summary>Derives the newest row, in the place of the oldest when the ring is full.</summary>
    public Row Add(Frame? previous, Frame current)
    {
        var row = _rows[_added % Capacity];
        row.Fill(previous, current);
        _added++;
        return row;
    }

    /// <summary>Puts frames of before the oldest row before it, the newest ones as there is room.</summary>
    /// <param name="frames">The frames, in the order of recording.</param>
    /// <param name="schema">The series as they are numbered in the rows there are.</param>
    public void Prepend(IReadOnlyList<RecordedFrame> frames, Schema schema)
    {
        var rows = Enumerable.Range(0, Count).Select(i => this[i]).ToList();
        var oldest = rows is [var first, ..] ? first.UnixMs : long.MaxValue;
        var earlier = new List<Row>();
        var slots = new Dictionary<Schema, int[]>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < frames.Count; i++)
        {
            var (run, frame) = frames[i];
            if (frame.UnixMs >= oldest)
            {
                continue; // It has come by the bus as well.
            }

            if (!slots.TryGetValue(frame.Schema, out var map))
            {
                slots.Add(frame.Schema, map = Map(frame.Schema, schema));
            }

            var row = new Row();
            row.Fill(i > 0 && frames[i - 1].Run == run ? frames[i - 1].Frame : null, frame, schema, map);
            earlier.Add(row);
        }

        rows.InsertRange(0, earlier.TakeLast(Capacity - rows.Count));
        for (var i = 0; i < Capacity; i++)
        {
            _rows[i] = i < rows.Count ? rows[i] : new Row();
        }

        _added = rows.Count;
    }

    /// <summary>For each series of a schema the place in another of the one with the same key, or -1.</summary>
    private static int[] Map(Schema from, Schema to)
    {
        var places = new Dictionary<string, int>(from.Count, StringComparer.Ordinal);
        for (var i = 0; i < from.Count; i++)
        {
            places[from.Series[i].Key] = i;
        }

        var slots = new int[to.Count];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = places.GetValueOrDefault(to.Series[i].Key, -1);
        }

        return slots;
    }
}
