using System.Text;
using Hostscope.Collectors.Cgroups;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>A machine of fake files with nothing but cgroups, and a driven clock.</summary>
internal sealed class CgroupHost : IDisposable
{
    /// <summary>The mount table of a machine with v2 only.</summary>
    public const string UnifiedMounts =
        "24 1 0:22 / /sys rw - sysfs sysfs rw\n" +
        "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

    /// <summary>The mount table of a machine with v1, as systemd mounts it, and v2 without controllers.</summary>
    public const string HybridMounts =
        "31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n" +
        "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n" +
        "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n" +
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n" +
        "38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n" +
        "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n" +
        "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n" +
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    private const string Devices =
        "Character devices:\n  1 mem\n\nBlock devices:\n  7 loop\n  9 md\n253 device-mapper\n254 virtblk\n";

    private readonly CollectorContext _context;
    private readonly CgroupTable _previous = new();

    public CgroupHost(string mounts, string? containerEngine = null)
    {
        Write("/host/proc/self/mountinfo", mounts);
        Write("/host/proc/devices", Devices);
        _context = new CollectorContext(FakeFiles.Roots, new FrameBuilder(), Time, Files)
        {
            ContainerEngine = containerEngine,
        };
        Collector = new CgroupCollector(_context, () => CpuTime += CostPerScan);
    }

    public FakeFiles Files { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    /// <summary>CPU time that each scan takes.</summary>
    public TimeSpan CostPerScan { get; set; }

    private TimeSpan CpuTime { get; set; }

    public CgroupCollector Collector { get; }

    /// <summary>Paths in the table, in its order.</summary>
    public IEnumerable<string> Paths => Collector.Table.Rows.ToArray().Select(row => row.Info.Path);

    /// <summary>Gives a file its content.</summary>
    public void Write(string path, string content) => Files.Contents[path] = Encoding.UTF8.GetBytes(content);

    /// <summary>Gives a file of a group of v2 its content.</summary>
    public void WriteUnified(string group, string name, string content) =>
        Write($"/host/sys/fs/cgroup{group}/{name}", content);

    /// <summary>Makes a group of v2 with the files that each group has.</summary>
    public void AddUnified(string group, long usageUs)
    {
        WriteUnified(group, "cpu.stat", $"usage_usec {usageUs}\nuser_usec {usageUs / 2}\nsystem_usec {usageUs / 2}\n");
        WriteUnified(group, "cgroup.procs", "");
    }

    /// <summary>Takes a group, with all below it, away.</summary>
    public void Remove(string folder)
    {
        foreach (var path in Files.Contents.Keys.Where(key => key.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            Files.Contents.TryRemove(path, out _);
        }
    }

    /// <summary>A second later.</summary>
    public CollectResult Tick()
    {
        if (Collector.IsFresh)
        {
            _previous.CopyFrom(Collector.Table);
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        return Collector.Collect();
    }

    /// <summary>The row of a group; fails when there is none.</summary>
    public CgroupSample Row(string path)
    {
        var row = Collector.Table.Rows.ToArray().Where(row => row.Info.Path == path).ToList();
        Assert.True(row.Count == 1, $"{path} has {row.Count} rows.");
        return row[0];
    }

    /// <summary>The rates of a group over the last tick.</summary>
    public CgroupRates Rates(string path)
    {
        var rates = new CgroupRates[Collector.Table.Count];
        DeriveCgroups.Rates(_previous, Collector.Table, rates);
        return rates[Paths.ToList().IndexOf(path)];
    }

    public void Dispose() => _context.Dispose();
}
