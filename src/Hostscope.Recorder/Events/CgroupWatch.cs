using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Events;

/// <summary>Tells of services and containers that appear and go, and remembers whose processes were killed.</summary>
internal sealed class CgroupWatch : ITableObserver<CgroupSample>
{
    /// <summary>Events of one tick; a machine that starts more in a second is being booted.</summary>
    private const int MaxPerTick = 50;

    private readonly List<(CgroupInfo Info, bool Came)> _changes = [];
    private readonly Dictionary<string, long> _kills = new(StringComparer.Ordinal);

    /// <summary>Starts the look at a tick.</summary>
    public void Begin() => _changes.Clear();

    void ITableObserver<CgroupSample>.Came(in CgroupSample row) => Note(row.Info, true);

    void ITableObserver<CgroupSample>.Gone(in CgroupSample row) => Note(row.Info, false);

    /// <summary>Tells of the tick.</summary>
    /// <returns>The deepest cgroup in which processes were killed for want of memory; <c>null</c> when none.</returns>
    public CgroupInfo? End(CgroupTable table, EventSink sink)
    {
        foreach (var (info, came) in _changes.Take(MaxPerTick))
        {
            sink(
                table.UnixMs, came ? HistoryEventKind.CgroupAppeared : HistoryEventKind.CgroupGone, info.Path,
                came ? $"{info.Name} appeared." : $"{info.Name} is gone.");
        }

        CgroupInfo? victim = null;
        foreach (ref readonly var row in table.Rows)
        {
            if (row.OomKills == Frame.Absent)
            {
                continue;
            }

            // A kill counts in every cgroup up to the root; the longest path is where the process was.
            if (_kills.TryGetValue(row.Info.Path, out var before) && row.OomKills > before
                && (victim is null || row.Info.Path.Length > victim.Path.Length))
            {
                victim = row.Info;
            }

            _kills[row.Info.Path] = row.OomKills;
        }

        return victim;
    }

    private void Note(CgroupInfo info, bool came)
    {
        if (!came)
        {
            _kills.Remove(info.Path);
        }

        if (info.Kind is CgroupKind.Unit or CgroupKind.Container)
        {
            _changes.Add((info, came));
        }
    }
}
