using System.Runtime.InteropServices;
using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// The processes of a host, grouped by name. The sum of the CPU time of the processes that exist would fall when one
/// ends, which Prometheus takes for a restart and counts twice. So totals are kept here: each scan adds what each
/// process has used since the scan before, and what an ended process used stays in its group. What it used between its
/// last scan and its end is not seen, and neither are processes that lived between two scans.
/// </summary>
/// <remarks>
/// Holds one entry for each process of the last scan, and one for each name among them or in a place of the
/// ranking: never more than the machine has processes plus the places. A name that comes back after it lost its place
/// starts at 0, as a counter may.
/// </remarks>
internal sealed class ProcessGroups(int places)
{
    private readonly Dictionary<(int Pid, long StartTicks), Member> _members = [];
    private readonly Dictionary<string, ProcessGroup> _groups = new(StringComparer.Ordinal);
    private readonly TopN<ProcessGroup> _ranking = new(places);
    private long _lastScanNs;
    private long _scan;

    /// <summary>Groups with a place, ordered by name.</summary>
    public IEnumerable<ProcessGroup> Shown => _ranking.Holders;

    /// <summary>Groups with at least one process, shown or not; absent before the first scan.</summary>
    public long Count { get; private set; } = Frame.Absent;

    /// <summary>Processes the kernel hides from us; absent when that cannot be told.</summary>
    public long Hidden { get; private set; } = Frame.Absent;

    /// <summary>Takes the processes of a tick.</summary>
    public void Add(ProcessTable table)
    {
        var elapsedNs = _lastScanNs == 0 ? 0 : table.MonotonicNs - _lastScanNs;
        _lastScanNs = table.MonotonicNs;
        _scan++;
        foreach (var group in _groups.Values)
        {
            group.BeginScan();
        }

        foreach (ref readonly var row in table.Rows)
        {
            Add(row);
        }

        Forget();
        foreach (var group in _groups.Values)
        {
            group.EndScan(elapsedNs);
        }

        Hidden = table.Hidden;
        Count = _groups.Values.Count(group => group.IsAlive);
        _ranking.Assign(_groups.Values, table.MonotonicNs);
        foreach (var name in _groups.Values.Where(group => !group.IsAlive && !_ranking.Holds(group))
            .Select(group => group.Name).ToList())
        {
            _groups.Remove(name);
        }
    }

    private void Add(in ProcessSample row)
    {
        // A process that calls exec keeps its pid, start time and CPU time, and from then on counts for its new name.
        ref var member = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _members, (row.Info.Pid, row.Info.StartTicks), out _);
        if (member.Group is null || member.Group.Name != row.Info.Name)
        {
            member.Group = GroupOf(row.Info.Name);
        }

        member.Group.Add(row, ref member.Before);
        member.SeenInScan = _scan;
    }

    private ProcessGroup GroupOf(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            group = new ProcessGroup(name);
            _groups.Add(name, group);
        }

        return group;
    }

    private void Forget()
    {
        foreach (var (key, member) in _members)
        {
            if (member.SeenInScan != _scan)
            {
                _members.Remove(key); // Allowed while enumerating: a removal does not move other entries.
            }
        }
    }

    private struct Member
    {
        public ProcessGroup? Group;
        public ProcessTotals Before;
        public long SeenInScan;
    }
}

/// <summary>What a process or a group has used in total.</summary>
internal struct ProcessTotals
{
    public long UserTicks;
    public long SystemTicks;
    public long ReadBytes;
    public long WriteBytes;
    public long MajorFaults;
}

/// <summary>The processes of one name.</summary>
internal sealed class ProcessGroup(string name) : IRanked
{
    private ProcessTotals _totals;
    private Usage _recentCpu;
    private long _cpuBefore;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public bool IsAlive => Processes > 0;

    /// <inheritdoc/>
    public double RecentCpu => _recentCpu.Amount;

    /// <inheritdoc/>
    public double Memory => RssBytes;

    /// <summary>Processes now.</summary>
    public long Processes { get; private set; }

    /// <summary>Threads now.</summary>
    public long Threads { get; private set; }

    /// <summary>Resident memory now, bytes; shared pages are counted in each process that has them.</summary>
    public long RssBytes { get; private set; }

    /// <summary>Whether the I/O of any of its processes could ever be read.</summary>
    public bool HasIo { get; private set; }

    /// <summary>Totals over the processes there are and those that ended.</summary>
    public ref readonly ProcessTotals Totals => ref _totals;

    public void BeginScan()
    {
        Processes = Threads = RssBytes = 0;
        _cpuBefore = _totals.UserTicks + _totals.SystemTicks;
    }

    public void EndScan(long elapsedNs) =>
        _recentCpu.Add(_totals.UserTicks + _totals.SystemTicks - _cpuBefore, elapsedNs);

    /// <summary>Adds a process, and of its totals what is new since the scan before.</summary>
    public void Add(in ProcessSample row, ref ProcessTotals before)
    {
        Processes++;
        Threads += row.Threads;
        RssBytes += Math.Max(0, row.RssBytes);
        HasIo |= row.ReadBytes != Frame.Absent || row.WriteBytes != Frame.Absent;
        Grow(ref _totals.UserTicks, ref before.UserTicks, row.UserTicks);
        Grow(ref _totals.SystemTicks, ref before.SystemTicks, row.SystemTicks);
        Grow(ref _totals.ReadBytes, ref before.ReadBytes, row.ReadBytes);
        Grow(ref _totals.WriteBytes, ref before.WriteBytes, row.WriteBytes);
        Grow(ref _totals.MajorFaults, ref before.MajorFaults, row.MajorFaults);
    }

    /// <summary>
    /// Adds growth to a total. A value that is absent in a scan is made up for in the next one; one that went back, as
    /// the kernel's division of CPU time into user and system does by a tick, adds nothing until it has caught up.
    /// </summary>
    private static void Grow(ref long total, ref long before, long now)
    {
        if (now != Frame.Absent && now > before)
        {
            total += now - before;
            before = now;
        }
    }
}
