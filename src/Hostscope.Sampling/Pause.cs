namespace Hostscope.Sampling;

/// <summary>
/// How the sampling thread waits for its next tick. A seam: tests move a clock where the product waits.
/// </summary>
internal interface IPause
{
    /// <summary>Waits until the monotonic clock has reached a time.</summary>
    /// <param name="due">A timestamp of the sampler's clock.</param>
    /// <returns>True once <paramref name="due"/> is reached; false as soon as the sampler is to stop.</returns>
    bool Until(long due);

    /// <summary>
    /// Ends a wait that is going on, and every later one. Any thread may call it, also more than once.
    /// </summary>
    void Stop();
}

/// <summary>
/// Waits on an event of its own thread: a tick does not queue behind work of the thread pool, and a stop is noticed at
/// once.
/// </summary>
internal sealed class EventPause(TimeProvider clock) : IPause, IDisposable
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

            // Rounded up: the event counts whole milliseconds, and waking early would only mean to wait again.
            if (_stop.WaitOne((int)Math.Ceiling(left.TotalMilliseconds)))
            {
                return false;
            }
        }
    }

    public void Stop() => _stop.Set();

    public void Dispose() => _stop.Dispose();
}
