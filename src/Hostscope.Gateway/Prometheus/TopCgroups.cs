using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// The cgroups of a host that are worth a series: the largest by CPU and by memory. Their totals are the kernel's own.
/// Holds one entry for each cgroup of the last scan and one for each place.
/// </summary>
internal sealed class TopCgroups(int places)
{
    private readonly Dictionary<string, Cgroup> _cgroups = new(StringComparer.Ordinal);
    private readonly TopN<Cgroup> _ranking = new(places);
    private long _lastScanNs;
    private long _scan;

    /// <summary>Cgroups with a place that exist now, ordered by path.</summary>
    public IEnumerable<CgroupSample> Shown =>
        _ranking.Holders.Where(cgroup => cgroup.IsAlive).Select(cgroup => cgroup.Sample);

    /// <summary>Cgroups that exist, shown or not; absent before the first scan.</summary>
    public long Count { get; private set; } = Frame.Absent;

    /// <summary>Takes the cgroups of a tick.</summary>
    public void Add(CgroupTable table)
    {
        var elapsedNs = _lastScanNs == 0 ? 0 : table.MonotonicNs - _lastScanNs;
        _lastScanNs = table.MonotonicNs;
        _scan++;
        foreach (ref readonly var row in table.Rows)
        {
            if (!_cgroups.TryGetValue(row.Info.Path, out var cgroup))
            {
                cgroup = new Cgroup(row.Info.Path);
                _cgroups.Add(cgroup.Name, cgroup);
            }

            cgroup.Set(row, _scan, elapsedNs);
        }

        foreach (var cgroup in _cgroups.Values)
        {
            cgroup.EndScan(_scan);
        }

        Count = table.Count;
        _ranking.Assign(_cgroups.Values, table.MonotonicNs);
        foreach (var path in _cgroups.Values.Where(cgroup => !cgroup.IsAlive && !_ranking.Holds(cgroup))
            .Select(cgroup => cgroup.Name).ToList())
        {
            _cgroups.Remove(path);
        }
    }

    private sealed class Cgroup(string path) : IRanked
    {
        private Usage _recentCpu;
        private long _seenInScan;

        public string Name { get; } = path;

        public bool IsAlive { get; private set; }

        public double RecentCpu => _recentCpu.Amount;

        public double Memory => Math.Max(0, Sample.MemoryBytes);

        public CgroupSample Sample { get; private set; }

        public void Set(in CgroupSample row, long scan, long elapsedNs)
        {
            // Of a cgroup that is new to us all it ever used counts as recent: there is nothing better to go by.
            var before = Math.Max(0, Sample.CpuUsageUs);
            _recentCpu.Add(Math.Max(0, row.CpuUsageUs) - before, elapsedNs);
            Sample = row;
            _seenInScan = scan;
        }

        public void EndScan(long scan) => IsAlive = _seenInScan == scan;
    }
}
