namespace Hostscope.Model;

/// <summary>
/// What collectors write a tick into. Belongs to the one sampling thread. A series enters the schema with its first
/// value and leaves it after <see cref="DepartAfterTicks"/> ticks without one, so that a value that flickers does not
/// change the schema and a removed device does not stay for ever.
/// </summary>
public sealed class FrameBuilder
{
    /// <summary>
    /// A minute at 1 Hz: longer than any hiccup of a device, short enough that a removed one disappears.
    /// </summary>
    public const int DepartAfterTicks = 60;

    /// <summary>
    /// Most series a host may have at once. 1,000 is a large server, 20,000 one with 500 disks and 500 interfaces;
    /// past it new series are not taken and <see cref="RefusedSeries"/> counts them.
    /// </summary>
    public const int MaxSeries = 20_000;

    private readonly Frame _frame = new();
    private readonly Dictionary<string, SeriesCell> _byKey = [];
    private readonly List<SeriesCell> _active = [];
    private Schema _schema = Schema.Empty;
    private bool _schemaChanged;
    private int _nextId = 1;

    /// <summary>Number of the tick that is being built.</summary>
    internal long Tick { get; private set; }

    /// <summary>Series that were not taken because <see cref="MaxSeries"/> was reached.</summary>
    public long RefusedSeries { get; private set; }

    /// <summary>
    /// The cell of a series, the same for the same metric and labels. Call it when a device is first seen and keep the
    /// cell: this allocates, <see cref="SeriesCell.Set"/> does not.
    /// </summary>
    public SeriesCell Define(Metric metric, params string[] labelValues)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var key = $"{metric.Index}:{Series.MakeKey(metric, labelValues)}";
        if (!_byKey.TryGetValue(key, out var cell))
        {
            cell = new SeriesCell(this, key, new Series(_nextId++, metric, labelValues));
            Register(cell);
        }

        return cell;
    }

    /// <summary>Starts a tick: every series is absent until it is set.</summary>
    public void Begin() => Tick++;

    /// <summary>Ends the tick and gives its frame, which is valid until the next call of <see cref="Build"/>.</summary>
    /// <param name="sequence">Number of the tick, from 1.</param>
    /// <param name="unixMs">Wall-clock time of the sample, Unix milliseconds.</param>
    /// <param name="monotonicNs">Monotonic time of the sample, nanoseconds.</param>
    public Frame Build(long sequence, long unixMs, long monotonicNs)
    {
        foreach (var cell in _active)
        {
            if (Tick - cell.SetAtTick > DepartAfterTicks)
            {
                cell.IsActive = false;
                _schemaChanged = true;
            }
        }

        if (_schemaChanged)
        {
            RebuildSchema();
        }

        var values = _frame.Resize(_schema);
        for (var i = 0; i < values.Length; i++)
        {
            var cell = _active[i];
            values[i] = cell.SetAtTick == Tick ? cell.Value : Frame.Absent;
        }

        _frame.Sequence = sequence;
        _frame.UnixMs = unixMs;
        _frame.MonotonicNs = monotonicNs;
        return _frame;
    }

    /// <summary>Takes a cell into the schema; false when the bound is reached or another cell has its key.</summary>
    internal bool Activate(SeriesCell cell)
    {
        if (!_byKey.TryGetValue(cell.Key, out var registered))
        {
            if (!Register(cell))
            {
                return false;
            }
        }
        else if (registered != cell)
        {
            return false;
        }

        cell.IsActive = true;
        _active.Add(cell);
        _schemaChanged = true;
        return true;
    }

    private bool Register(SeriesCell cell)
    {
        if (_byKey.Count >= MaxSeries)
        {
            ForgetDeparted();
        }

        if (_byKey.Count >= MaxSeries)
        {
            RefusedSeries++;
            return false;
        }

        _byKey.Add(cell.Key, cell);
        return true;
    }

    private void RebuildSchema()
    {
        _active.RemoveAll(cell => !cell.IsActive);
        _active.Sort((a, b) => a.Series.Metric.Index != b.Series.Metric.Index
            ? a.Series.Metric.Index.CompareTo(b.Series.Metric.Index)
            : a.Series.Id.CompareTo(b.Series.Id));
        _schema = new Schema(_schema.Version + 1, [.. _active.Select(cell => cell.Series)]);
        _schemaChanged = false;
    }

    private void ForgetDeparted()
    {
        foreach (var cell in _byKey.Values.Where(cell => !cell.IsActive).ToList())
        {
            _byKey.Remove(cell.Key);
        }
    }
}

/// <summary>Where a collector leaves the value of one series, tick after tick.</summary>
public sealed class SeriesCell
{
    private readonly FrameBuilder _builder;

    internal SeriesCell(FrameBuilder builder, string key, Series series)
    {
        _builder = builder;
        Key = key;
        Series = series;
    }

    /// <summary>The series.</summary>
    public Series Series { get; }

    internal string Key { get; }

    internal long Value { get; private set; }

    /// <summary>Long before the first tick: a cell that was never set is absent and inactive.</summary>
    internal long SetAtTick { get; private set; } = long.MinValue / 2;

    internal bool IsActive { get; set; }

    /// <summary>
    /// Gives the series its raw value for this tick; allocates only when the series is new to the schema.
    /// </summary>
    /// <param name="value">
    /// Raw, that is times <see cref="Metric.Scale"/>; <see cref="Frame.Absent"/> does nothing.
    /// </param>
    /// <remarks>
    /// A counter that falls to 0 is absent in that tick. Drivers say 0 for a moment while a device is reset, and say
    /// what they said before in the next: taken at its word, that 0 would make the traffic of years one second's. A
    /// device that was made anew and is idle says 0 again in the next tick, and then it is 0.
    /// </remarks>
    public void Set(long value)
    {
        if (value == 0 && Value > 0 && Series.Metric.Kind == MetricKind.Counter)
        {
            Value = 0;
            return;
        }

        if (value == Frame.Absent || (!IsActive && !_builder.Activate(this)))
        {
            return;
        }

        Value = value;
        SetAtTick = _builder.Tick;
    }
}
