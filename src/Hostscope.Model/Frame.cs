namespace Hostscope.Model;

/// <summary>
/// One tick of one host: every series' raw value, as the kernel gave it, and when. Mutable and re-used, so that a tick
/// allocates nothing: whoever receives one copies what it keeps (<see cref="CopyFrom"/>) before it returns.
/// </summary>
public sealed class Frame
{
    /// <summary>The value of a series that has none at this tick. Never 0: missing is not zero.</summary>
    public const long Absent = long.MinValue;

    private long[] _values = [];

    /// <summary>Number of the tick since the process started, from 1. A gap means a frame was not received.</summary>
    public long Sequence { get; internal set; }

    /// <summary>Wall-clock time of the sample, Unix milliseconds. A label only: it may step.</summary>
    public long UnixMs { get; internal set; }

    /// <summary>Monotonic time of the sample, nanoseconds from an arbitrary origin. Intervals come from it.</summary>
    public long MonotonicNs { get; internal set; }

    /// <summary>The series of this frame.</summary>
    public Schema Schema { get; internal set; } = Schema.Empty;

    /// <summary>
    /// Raw values in the order of <see cref="Schema"/>: integers, to be divided by <see cref="Metric.Scale"/>;
    /// <see cref="Absent"/> where there is none.
    /// </summary>
    public ReadOnlySpan<long> Values => _values.AsSpan(0, Schema.Count);

    /// <summary>The raw value of a series, or <see cref="Absent"/> when this frame has none.</summary>
    public long ValueOf(int seriesId)
    {
        var slot = Schema.SlotOf(seriesId);
        return slot < 0 ? Absent : _values[slot];
    }

    /// <summary>Makes this frame equal to another. Allocates only when the number of series has grown.</summary>
    public void CopyFrom(Frame other)
    {
        ArgumentNullException.ThrowIfNull(other);
        other.Values.CopyTo(Resize(other.Schema));
        Sequence = other.Sequence;
        UnixMs = other.UnixMs;
        MonotonicNs = other.MonotonicNs;
    }

    /// <summary>
    /// Makes this frame hold a tick that was kept or sent: the way back from disk and from the network.
    /// </summary>
    /// <param name="schema">The series.</param>
    /// <param name="values">
    /// Their raw values in the order of the schema; <see cref="Absent"/> where there is none.
    /// </param>
    /// <param name="sequence">Number of the tick.</param>
    /// <param name="unixMs">Wall-clock time of the sample, Unix milliseconds.</param>
    /// <param name="monotonicNs">Monotonic time of the sample, nanoseconds.</param>
    /// <exception cref="ArgumentException">There is not one value for each series.</exception>
    public void Set(Schema schema, ReadOnlySpan<long> values, long sequence, long unixMs, long monotonicNs)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (values.Length != schema.Count)
        {
            throw new ArgumentException($"{schema.Count} series, {values.Length} values.", nameof(values));
        }

        values.CopyTo(Resize(schema));
        Sequence = sequence;
        UnixMs = unixMs;
        MonotonicNs = monotonicNs;
    }

    /// <summary>Takes a schema and gives the values to fill, their former content undefined.</summary>
    internal Span<long> Resize(Schema schema)
    {
        Schema = schema;
        if (_values.Length < schema.Count)
        {
            // A quarter to spare: a device that comes does not re-allocate 300 rings at once for one slot.
            _values = new long[schema.Count + (schema.Count / 4)];
        }

        return _values.AsSpan(0, schema.Count);
    }
}
