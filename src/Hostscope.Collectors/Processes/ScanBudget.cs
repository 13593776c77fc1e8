namespace Hostscope.Collectors.Processes;

/// <summary>
/// Decides in which ticks the process table is scanned, so that scanning stays within its share of one CPU: when a scan
/// costs more than its share of a tick, scans become rarer, and when it has become cheap again, more frequent. Pure: it
/// is told what a scan cost.
/// </summary>
/// <param name="tick">Time between ticks.</param>
/// <param name="share">Share of one CPU that scanning may take in the long run, above 0 and at most 1.</param>
internal sealed class ScanBudget(TimeSpan tick, double share)
{
    /// <summary>A table older than a minute is no longer about now, whatever it costs.</summary>
    public const int MaxIntervalTicks = 60;

    private readonly double _allowedSeconds = tick.TotalSeconds * share;
    private int _ticksSinceScan = MaxIntervalTicks;
    private double _last;
    private double _beforeLast;

    /// <summary>Ticks from one scan to the next, 1 to <see cref="MaxIntervalTicks"/>.</summary>
    public int IntervalTicks { get; private set; } = 1;

    /// <summary>Counts a tick.</summary>
    /// <returns>True when the table is to be scanned in it.</returns>
    public bool NextTick()
    {
        _ticksSinceScan = Math.Min(_ticksSinceScan + 1, MaxIntervalTicks);
        if (_ticksSinceScan < IntervalTicks)
        {
            return false;
        }

        _ticksSinceScan = 0;
        return true;
    }

    /// <summary>
    /// Takes what a scan cost. One dear scan among cheap ones changes nothing (the first, which reads everything, and
    /// one while a thousand processes start); two in a row make scans rarer, and it takes three cheap ones to undo it.
    /// </summary>
    public void Record(TimeSpan cost)
    {
        var now = cost.TotalSeconds;
        var needed = TicksFor(Math.Min(now, _last));
        var enough = TicksFor(Math.Max(now, Math.Max(_last, _beforeLast)));
        if (needed > IntervalTicks)
        {
            IntervalTicks = needed;
        }
        else if (enough < IntervalTicks)
        {
            IntervalTicks = enough;
        }

        _beforeLast = _last;
        _last = now;
    }

    private int TicksFor(double seconds) =>
        (int)Math.Clamp(Math.Ceiling(seconds / _allowedSeconds), 1, MaxIntervalTicks);
}
