using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Events;

/// <summary>Looks at each tick and tells what happened.</summary>
internal sealed class EventDetector(long intervalMs)
{
    private readonly ClockWatch _clock = new(intervalMs);
    private readonly ProcessWatch _processes = new();
    private readonly CgroupWatch _cgroups = new();
    private readonly OomWatch _oom = new();
    private readonly DeviceWatch _devices = new();
    private Schema? _schema;
    private int _uptime = -1;
    private int _kills = -1;

    /// <summary>Who is to be told of rows that came and went while a tick is written.</summary>
    public TickObservers Observers => new(_processes, _cgroups);

    /// <summary>Before a tick is written.</summary>
    /// <returns>True when the wall clock was set.</returns>
    public bool Begin(TickCopy tick, EventSink sink)
    {
        _processes.Begin();
        _cgroups.Begin();
        var frame = tick.Frame;
        return _clock.Look(new TickTime(frame.Sequence, frame.UnixMs, frame.MonotonicNs), tick.LostBefore, sink);
    }

    /// <summary>After it was written.</summary>
    public void End(TickCopy tick, EventSink sink)
    {
        var frame = tick.Frame;
        if (!ReferenceEquals(frame.Schema, _schema))
        {
            _schema = frame.Schema;
            _uptime = Find(frame.Schema, Metrics.Uptime);
            _kills = Find(frame.Schema, Metrics.OomKills);
        }

        if (tick.HasProcesses)
        {
            _processes.End(tick.Processes, ValueAt(frame, _uptime), sink);
        }

        var victims = tick.HasCgroups ? _cgroups.End(tick.Cgroups, sink) : null;
        _oom.Look(frame.UnixMs, ValueAt(frame, _kills), _processes.Gone, victims, sink);
        _devices.Look(frame, sink);
    }

    private static int Find(Schema schema, Metric metric)
    {
        for (var i = 0; i < schema.Count; i++)
        {
            if (ReferenceEquals(schema.Series[i].Metric, metric))
            {
                return i;
            }
        }

        return -1;
    }

    private static long ValueAt(Frame frame, int slot) => slot < 0 ? Frame.Absent : frame.Values[slot];
}
