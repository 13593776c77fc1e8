using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Recorder.Events;

/// <summary>
/// Tells of processes that the kernel killed because memory ran out. The kernel counts kills and does not say whom; the
/// victim is the largest process that went within two ticks of the count, in the cgroup that counted it, and the event
/// says that this is an inference.
/// </summary>
internal sealed class OomWatch
{
    /// <summary>Ticks to wait for the victim to be gone: freeing its memory takes a moment.</summary>
    private const int WaitTicks = 2;

    private readonly Queue<(long Tick, ProcessSample Row)> _gone = new();
    private long _tick;
    private long _killsBefore = Frame.Absent;
    private Kill? _open;

    /// <summary>Looks at a tick.</summary>
    /// <param name="unixMs">Its time.</param>
    /// <param name="kills">The kernel's count of kills; <see cref="Frame.Absent"/> when not known.</param>
    /// <param name="gone">Processes that went with it.</param>
    /// <param name="cgroup">The cgroup that counted a kill with it.</param>
    /// <param name="sink">Takes the event.</param>
    public void Look(
        long unixMs, long kills, IReadOnlyList<ProcessSample> gone, CgroupInfo? cgroup, EventSink sink)
    {
        _tick++;
        foreach (var row in gone)
        {
            _gone.Enqueue((_tick, row));
        }

        while (_gone.Count > 0 && _gone.Peek().Tick < _tick - WaitTicks)
        {
            _gone.Dequeue();
        }

        if (kills != Frame.Absent && _killsBefore != Frame.Absent && kills > _killsBefore)
        {
            // A second kill while the first waits: they are told together.
            _open = new Kill(
                _open?.UnixMs ?? unixMs, kills - _killsBefore + (_open?.Count ?? 0), _tick + WaitTicks,
                cgroup ?? _open?.Cgroup);
        }
        else if (_open is not null && cgroup is not null)
        {
            _open = _open with { Cgroup = cgroup };
        }

        _killsBefore = kills == Frame.Absent ? _killsBefore : kills;
        if (_open is not null && _tick >= _open.TellAtTick)
        {
            Tell(_open, sink);
            _open = null;
        }
    }

    private void Tell(Kill kill, EventSink sink)
    {
        ProcessSample? victim = null;
        foreach (var (_, row) in _gone)
        {
            var fits = kill.Cgroup is null || row.Info.Cgroup is null
                || row.Info.Cgroup.StartsWith(kill.Cgroup.Path, StringComparison.Ordinal);
            if (fits && (victim is null || row.RssBytes > victim.Value.RssBytes))
            {
                victim = row;
            }
        }

        var many = kill.Count == 1 ? "a process" : $"{kill.Count} processes";
        var where = kill.Cgroup is null ? "" : $" in {kill.Cgroup.Name}";
        if (victim is not { } found)
        {
            sink(
                kill.UnixMs, HistoryEventKind.OomKill, kill.Cgroup?.Path ?? "",
                $"The kernel killed {many}{where} because memory ran out; which one cannot be told.",
                new HistoryFact("kills", kill.Count));
            return;
        }

        sink(
            kill.UnixMs, HistoryEventKind.OomKill, found.Info.Name,
            $"The kernel killed {many}{where} because memory ran out, by all signs {found.Info.Name} "
            + $"({found.Info.Pid}) with {Words.Bytes(found.RssBytes)}.",
            new HistoryFact("kills", kill.Count), new HistoryFact("pid", found.Info.Pid),
            new HistoryFact("rssBytes", found.RssBytes));
    }

    private sealed record Kill(long UnixMs, long Count, long TellAtTick, CgroupInfo? Cgroup);
}
