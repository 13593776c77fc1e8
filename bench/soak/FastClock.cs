using Hostscope.Sampling;

namespace Hostscope.Bench.Soak;

/// <summary>
/// A clock that runs a whole number of times as fast as the machine's: all that waits for time (ticks, the ring of
/// 300 s, series that leave after a minute, viewers that stall) ages by hours in minutes.
/// </summary>
internal sealed class FastClock(int speed) : TimeProvider
{
    private readonly long _origin = System.GetTimestamp();
    private readonly DateTimeOffset _start = System.GetUtcNow();

    /// <summary>How many of its seconds pass in one.</summary>
    public int Speed => speed;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => _origin + ((System.GetTimestamp() - _origin) * speed);

    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(_origin);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(this, System.CreateTimer(callback, state, Real(dueTime), Real(period)));

    /// <summary>The machine's time for a time of this clock, in whole milliseconds, rounded up.</summary>
    public TimeSpan Real(TimeSpan fast) => fast <= TimeSpan.Zero
        ? fast
        : TimeSpan.FromMilliseconds(Math.Ceiling(fast.TotalMilliseconds / speed));

    private sealed class FastTimer(FastClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

/// <summary>The product's pause between two ticks, on the fast clock.</summary>
internal sealed class FastPause(FastClock clock) : IPause, IDisposable
{
    private readonly ManualResetEvent _stop = new(false);

    public bool Until(long due)
    {
        while (true)
        {
            var left = clock.GetElapsedTime(clock.GetTimestamp(), due);
            if (left <= TimeSpan.Zero)
            {
                return !_stop.WaitOne(0);
            }

            if (_stop.WaitOne(clock.Real(left)))
            {
                return false;
            }
        }
    }

    public void Stop() => _stop.Set();

    public void Dispose() => _stop.Dispose();
}
