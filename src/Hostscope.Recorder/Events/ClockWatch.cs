using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Events;

/// <summary>
/// Watches the wall clock against the monotonic one, and the ticks against their interval. Nothing is dropped or moved
/// for what it finds; it is only said.
/// </summary>
internal sealed class ClockWatch(long intervalMs)
{
    /// <summary>
    /// More than NTP slews in any tick (at most 0.5 ms a second), less than a step that anyone makes on purpose.
    /// </summary>
    public const long StepMs = 1_000;

    private TickTime? _before;

    /// <summary>Looks at a tick.</summary>
    /// <param name="time">The tick.</param>
    /// <param name="lost">Ticks that were dropped just before it, because the recorder was too slow.</param>
    /// <param name="sink">Takes what is found.</param>
    /// <returns>True when the wall clock was set.</returns>
    public bool Look(TickTime time, long lost, EventSink sink)
    {
        var before = _before;
        _before = time;
        if (before is not { } last)
        {
            return false;
        }

        var elapsedMs = (time.MonotonicNs - last.MonotonicNs) / 1_000_000;
        if (lost > 0)
        {
            sink(
                time.UnixMs, HistoryEventKind.Gap, "",
                $"{lost} ticks were not recorded: writing took longer than the recorder's queue of "
                + $"{TickQueue.Capacity} ticks lasts.",
                new HistoryFact("ticks", lost), new HistoryFact("fromUnixMs", last.UnixMs));
        }
        else if (elapsedMs > intervalMs * 3 && elapsedMs > 3_000)
        {
            sink(
                time.UnixMs, HistoryEventKind.Gap, "",
                $"There was no sample for {Words.Time(elapsedMs)}: the program or the machine stood still.",
                new HistoryFact("durationMs", elapsedMs), new HistoryFact("fromUnixMs", last.UnixMs));
        }

        var stepMs = time.UnixMs - last.UnixMs - elapsedMs;
        if (Math.Abs(stepMs) < StepMs)
        {
            return false;
        }

        sink(
            time.UnixMs, HistoryEventKind.ClockStep, "",
            stepMs > 0
                ? $"The wall clock went {Words.Time(stepMs)} ahead: it was set, or the machine slept."
                : $"The wall clock was set back by {Words.Time(stepMs)}.",
            new HistoryFact("stepMs", stepMs), new HistoryFact("fromUnixMs", last.UnixMs));
        return true;
    }
}
