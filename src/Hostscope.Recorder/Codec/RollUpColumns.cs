namespace Hostscope.Recorder.Codec;

/// <summary>
/// The five columns that a coarser tier keeps of a series, and the three of its clock. Values of gauges are raw; values
/// of counters are the rates between two ticks, in <see cref="RateUnit"/>ths of a raw unit per second.
/// </summary>
internal static class RollUpColumns
{
    /// <summary>Columns of a series.</summary>
    public const int Count = 5;

    /// <summary>Smallest value; absent when the bucket has none.</summary>
    public const int Min = 0;

    /// <summary>Largest value, as the distance to the smallest.</summary>
    public const int Spread = 1;

    /// <summary>
    /// Gauges: sum of the values' distances to the smallest; for facts (roll-up "last") the last value's distance.
    /// Counters: what the counter grew by, in raw units.
    /// </summary>
    public const int Sum = 2;

    /// <summary>
    /// How many values fewer than the bucket has ticks: 0 almost always, and then it takes two bytes.
    /// </summary>
    public const int Missing = 3;

    /// <summary>
    /// Counters: time between the ticks that gave a rate, as what it lacks of the bucket's, µs. Gauges: 0.
    /// </summary>
    public const int MissingUs = 4;

    /// <summary>Rates are kept to a tenth of a raw unit per second: a thousandth of a CPU, a tenth of a byte.</summary>
    public const int RateUnit = 10;

    /// <summary>The clock's series: start of the bucket, Unix ms.</summary>
    public const int ClockStart = 0;

    /// <summary>The clock's series: ticks in the bucket.</summary>
    public const int ClockTicks = 1;

    /// <summary>The clock's series: time from tick to tick within a run that ended in the bucket, µs.</summary>
    public const int ClockElapsedUs = 2;

    /// <summary>The clock's series: run of the bucket's last tick.</summary>
    public const int ClockRun = 3;
}
