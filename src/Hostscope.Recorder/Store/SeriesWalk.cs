using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>The times of a block's ticks.</summary>
internal sealed class TickTimes
{
    public static readonly TickTimes None = new([]);

    private readonly TickTime[] _times;

    private TickTimes(TickTime[] times)
    {
        _times = times;
        Count = times.Length;
        RowOf = new int[times.Length];
    }

    public int Count { get; private set; }

    /// <summary>For whoever sorts ticks into rows.</summary>
    public int[] RowOf { get; }

    public ReadOnlySpan<TickTime> All => _times.AsSpan(0, Count);

    public long Run { get; private init; }

    public TickTime this[int index] => _times[index];

    /// <summary>Reads the clock of a block; <c>null</c> when it is damaged.</summary>
    public static TickTimes? Of(IBlock block)
    {
        var ticks = block.Header.Ticks;
        var clock = block.Clock();
        if (clock is null || clock.Ids.Length < 3)
        {
            return null;
        }

        var columns = new long[3 * ticks];
        for (var c = 0; c < 3; c++)
        {
            if (!clock.TryRead(c, 0, columns.AsSpan(c * ticks, ticks)))
            {
                return null;
            }
        }

        var times = new TickTime[ticks];
        for (var i = 0; i < ticks; i++)
        {
            times[i] = new TickTime(columns[i], columns[ticks + i], columns[(2 * ticks) + i]);
        }

        return new TickTimes(times) { Run = block.Header.Run };
    }

    /// <summary>Leaves out ticks from an index on.</summary>
    public void Truncate(int count) => Count = count;

    /// <summary>
    /// Monotonic time from the tick before to the one at an index; 0 when there is none of the same run, or it is not
    /// before.
    /// </summary>
    public long ElapsedNs(int index, TickTimes? before, long run)
    {
        long? previous = index > 0 ? _times[index - 1].MonotonicNs
            : before is { Count: > 0 } && before.Run == run ? before[before.Count - 1].MonotonicNs : null;
        return previous is { } start && _times[index].MonotonicNs > start ? _times[index].MonotonicNs - start : 0;
    }
}

/// <summary>A series at a tick.</summary>
/// <param name="HasValue">False when it has none: it is absent, or a counter without a reading before.</param>
/// <param name="Value">
/// Gauges: raw. Counters: rate in <see cref="RollUpColumns.RateUnit"/>ths of a raw unit per second.
/// </param>
/// <param name="Amount">Gauges: raw. Counters: growth in raw units.</param>
/// <param name="ElapsedNs">Counters: time over which it grew.</param>
/// <param name="Derived">The value as <see cref="Derive"/> gives it, in the metric's unit.</param>
internal readonly record struct WalkSample(bool HasValue, long Value, Int128 Amount, long ElapsedNs, double Derived);

/// <summary>
/// Goes through a series, block by block and tick by tick, and gives what the live view showed at each: counters
/// against the tick before, which may be the last of the block before.
/// </summary>
internal sealed class SeriesWalk(Metric metric)
{
    private long[] _column = [];
    private int _ticks;
    private TickTimes _times = TickTimes.None;
    private TickTimes? _before;
    private long _beforeValue = Frame.Absent;

    /// <summary>Takes the last reading of the block before the first.</summary>
    public void Lead(IBlock block, TickTimes times, int group, int id)
    {
        Enter(block, times, group, id);
    }

    /// <summary>Goes to the next block.</summary>
    /// <returns>False when the series has nothing in it.</returns>
    public bool Enter(IBlock block, TickTimes times, int group, int id)
    {
        if (_times.Count > 0)
        {
            _before = _times;
            _beforeValue = _ticks > 0 ? _column[_times.Count - 1] : Frame.Absent;
        }

        _times = times;
        _ticks = 0;
        if (block.Group(group) is not { } found || found.IndexOf(id) is not (>= 0 and var index))
        {
            return false;
        }

        if (_column.Length < found.Ticks)
        {
            _column = new long[found.Ticks];
        }

        _ticks = found.TryRead(index, 0, _column) ? found.Ticks : 0;
        return _ticks > 0;
    }

    /// <summary>The series at a tick of the block.</summary>
    public WalkSample At(int tick)
    {
        var value = _column[tick];
        if (value == Frame.Absent)
        {
            return default;
        }

        if (metric.Kind == MetricKind.Gauge)
        {
            return new WalkSample(true, value, value, 0, (double)value / metric.Scale);
        }

        var elapsed = _times.ElapsedNs(tick, _before, _times.Run);
        var before = tick > 0 ? _column[tick - 1] : _beforeValue;
        var derived = Derive.Rate(before, value, elapsed, metric.Scale);
        if (double.IsNaN(derived))
        {
            return default;
        }

        var rate = Derive.Rate(before, value, elapsed, 1) * RollUpColumns.RateUnit;
        var rounded = rate >= long.MaxValue ? long.MaxValue : (long)Math.Round(rate);
        return new WalkSample(true, rounded, (Int128)value - before, elapsed, derived);
    }
}
