using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Bench;

/// <summary>Plays a recording into a store, from the beginning again when it is at its end.</summary>
internal sealed class Replay(List<RecordedTick> ticks, TickStore store, long startMs)
{
    private readonly OverviewSeries _extra = new();
    private long[] _values = [];
    private int _next;
    private long _count;

    /// <summary>The next tick, one second after the one before.</summary>
    public void Tick()
    {
        var tick = ticks[_next];
        _next = (_next + 1) % ticks.Count;
        _count++;
        var jitterNs = tick.Frame.MonotonicNs % 200_000;
        var view = new TickView
        {
            Sequence = _count,
            UnixMs = startMs + (_count * 1000) + (tick.Frame.UnixMs % 3),
            MonotonicNs = (_count * 1_000_000_000) + jitterNs,
            Values = _extra.Extend(tick.Frame, ref _values),
            Processes = tick.Processes,
            Cgroups = tick.Cgroups,
        };
        store.Append(view, _extra.Series, default);
        store.Flush();
        if (store.Fault is { } fault)
        {
            throw new InvalidOperationException(fault.Message);
        }
    }
}
