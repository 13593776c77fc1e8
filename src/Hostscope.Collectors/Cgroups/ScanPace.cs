namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// Keeps the scan of cgroups within its share of one CPU: a scan that took long is followed by a pause in proportion.
/// A file of a group costs the kernel about 4 microseconds, so that a tick of 1 s holds a scan of 2,500 files at the
/// default share; 4,000 groups with ten files each are scanned every fourth second or so.
/// </summary>
/// <param name="time">Clock of the pauses.</param>
/// <param name="share">Share of one CPU, above 0 and at most 1.</param>
internal sealed class ScanPace(TimeProvider time, double share)
{
    /// <summary>Share of one CPU that the scan may take in the long run.</summary>
    public const double DefaultShare = 0.1;

    /// <summary>A table older than a minute is no longer about now, whatever it costs.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>Ticks are not punctual to the millisecond: a pause that is almost over is over.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(50);

    private long _scannedAt;
    private TimeSpan _pause;
    private TimeSpan _lastCost;
    private int _callsSinceScan;

    /// <summary>Calls from the scan before the last one to the last one: 1 when none was left out.</summary>
    public int IntervalCalls { get; private set; } = 1;

    /// <summary>Counts a call, and tells whether to scan in it.</summary>
    public bool IsDue(long now)
    {
        _callsSinceScan++;
        if (time.GetElapsedTime(_scannedAt, now) + Slack < _pause)
        {
            return false;
        }

        IntervalCalls = _callsSinceScan;
        _callsSinceScan = 0;
        _scannedAt = now;
        return true;
    }

    /// <summary>
    /// Takes what a scan cost. One dear scan among cheap ones (the first, which finds every group) makes no pause.
    /// </summary>
    public void Record(TimeSpan cost)
    {
        var counted = cost < _lastCost ? cost : _lastCost;
        var pause = counted / share;
        _pause = pause < LongestPause ? pause : LongestPause;
        _lastCost = cost;
    }
}
