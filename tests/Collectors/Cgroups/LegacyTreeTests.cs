using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: a machine with cgroup v1, or v1 and v2 side by side, gives the same table as one with v2. Method: fake trees.
/// </summary>
public sealed class LegacyTreeTests
{
    private const string Group = "/system.slice/db.service";

    [Fact]
    public void Every_controller_gives_its_part_of_the_row()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        WriteCpu(host, Group);
        WriteMemory(host, Group, "9223372036854771712\n");
        host.Write($"/host/sys/fs/cgroup/pids{Group}/pids.current", "33\n");
        host.Write($"/host/sys/fs/cgroup/blkio{Group}/blkio.throttle.io_service_bytes",
            "254:0 Read 4096\n254:0 Write 1024\n254:0 Sync 5120\n254:0 Total 5120\n253:0 Read 4096\nTotal 5120\n");
        host.Write($"/host/sys/fs/cgroup/unified{Group}/cpu.stat", "usage_usec 1\n");
        host.Write($"/host/sys/fs/cgroup/unified{Group}/io.pressure", "some avg10=0 total=91\n");
        Assert.Equal(CollectResult.Ok, host.Tick());

        var row = host.Row(Group);
        Assert.Equal((2_500_000, 2_000_000, 500_000), (row.CpuUsageUs, row.CpuUserUs, row.CpuSystemUs));
        Assert.Equal((120_000, 2000), (row.ThrottledUs, row.CpuLimitMilli));
        Assert.Equal((8192, Frame.Absent, 4), (row.MemoryBytes, row.MemoryLimitBytes, row.OomKills));
        Assert.Equal((4096, 1024, 33), (row.ReadBytes, row.WriteBytes, row.Tasks));
        Assert.Equal((91, Frame.Absent), (row.IoStallUs, row.CpuStallUs));
    }

    [Fact]
    public void Io_below_a_group_is_added_where_the_kernel_does_so()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        const string File = "/host/sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes";
        host.Write(File, "254:0 Read 1\n254:0 Write 1\nTotal 2\n");
        host.Write($"{File}_recursive", "254:0 Read 100\n254:0 Write 50\nTotal 150\n");
        host.Tick();
        Assert.Equal((100, 50), (host.Row("/").ReadBytes, host.Row("/").WriteBytes));
    }

    [Fact]
    public void Io_is_absent_and_not_zero_while_the_kernel_does_not_count_it()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        host.Write("/host/sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes", "Total 0\n");
        host.Tick();
        Assert.Equal((Frame.Absent, Frame.Absent), (host.Row("/").ReadBytes, host.Row("/").WriteBytes));
    }

    [Fact]
    public void A_group_that_only_one_hierarchy_has_is_shown_with_what_that_one_tells()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        WriteCpu(host, "");
        WriteMemory(host, "/only/memory", "4096\n");
        host.Write("/host/sys/fs/cgroup/unified/only/v2/cpu.stat", "usage_usec 12\nuser_usec 8\nsystem_usec 4\n");
        host.Tick();
        Assert.Equal(["/", "/only/memory", "/only/v2"], host.Paths);
        Assert.Equal((Frame.Absent, 8192, 4096), (
            host.Row("/only/memory").CpuUsageUs,
            host.Row("/only/memory").MemoryBytes,
            host.Row("/only/memory").MemoryLimitBytes));
        Assert.Equal((12, Frame.Absent), (host.Row("/only/v2").CpuUsageUs, host.Row("/only/v2").MemoryBytes));
    }

    [Fact]
    public void Quota_of_minus_one_is_no_limit()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        WriteCpu(host, "");
        host.Write("/host/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        host.Tick();
        Assert.Equal(Frame.Absent, host.Row("/").CpuLimitMilli);
    }

    [Fact]
    public void A_group_that_came_and_one_that_went_are_noticed_within_two_seconds()
    {
        using var host = new CgroupHost(CgroupHost.HybridMounts);
        WriteCpu(host, "");
        WriteCpu(host, "/old");
        host.Tick();
        WriteCpu(host, "/new");
        host.Remove("/host/sys/fs/cgroup/cpu,cpuacct/old");
        host.Tick();
        Assert.DoesNotContain("/old", host.Paths);
        host.Tick();
        Assert.Equal(["/", "/new"], host.Paths);
    }

    private static void WriteCpu(CgroupHost host, string group)
    {
        var folder = $"/host/sys/fs/cgroup/cpu,cpuacct{group}";
        host.Write($"{folder}/cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 120000999\n");
        host.Write($"{folder}/cpu.cfs_quota_us", "100000\n");
        host.Write($"{folder}/cpu.cfs_period_us", "50000\n");
        host.Write($"{folder}/cpuacct.usage", "2500000123\n");
        host.Write($"{folder}/cpuacct.stat", "user 200\nsystem 50\n");
    }

    private static void WriteMemory(CgroupHost host, string group, string limit)
    {
        var folder = $"/host/sys/fs/cgroup/memory{group}";
        host.Write($"{folder}/memory.usage_in_bytes", "8192\n");
        host.Write($"{folder}/memory.limit_in_bytes", limit);
        host.Write($"{folder}/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
    }
}
