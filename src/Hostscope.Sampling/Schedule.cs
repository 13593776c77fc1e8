namespace Hostscope.Sampling;

/// <summary>
/// The grid of due times: the origin plus whole multiples of the interval, on the monotonic clock. Each due time is
/// computed from the origin and never from the tick before, so lateness does not add up; and it is the first one after
/// now, so a stall of any length costs the ticks it covered and is followed by no burst.
/// </summary>
/// <param name="Origin">Timestamp of the first tick, in the clock's units.</param>
/// <param name="Interval">Distance between ticks, in the clock's units; at least 1.</param>
internal readonly record struct Schedule(long Origin, long Interval)
{
    /// <summary>A schedule that starts at <paramref name="origin"/>.</summary>
    /// <param name="origin">Timestamp of the first tick, of the clock whose frequency follows.</param>
    /// <param name="interval">Distance between ticks; more than 0.</param>
    /// <param name="frequency">Units of the clock per second (<see cref="TimeProvider.TimestampFrequency"/>).</param>
    public static Schedule Starting(long origin, TimeSpan interval, long frequency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        var units = (long)((Int128)interval.Ticks * frequency / TimeSpan.TicksPerSecond);
        return new Schedule(origin, Math.Max(1, units));
    }

    /// <summary>The first due time after <paramref name="now"/>; never <paramref name="now"/> itself.</summary>
    public long NextAfter(long now)
    {
        var steps = now - Origin;

        // Rounds down for a time before the origin as well; division of a negative number rounds up.
        var passed = steps >= 0 ? steps / Interval : -(((-steps - 1) / Interval) + 1);
        return Origin + ((passed + 1) * Interval);
    }
}
