using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: on a machine with cgroup v2 the table says what the files say, and nothing it does not know. Method: fake
/// trees that change between ticks.
/// </summary>
public sealed class UnifiedTreeTests
{
    private const string Nginx = "/system.slice/nginx.service";

    [Fact]
    public void Every_value_of_a_group_is_read_and_the_rest_is_absent()
    {
        using var host = Machine();
        host.WriteUnified(Nginx, "cpu.stat",
            "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 9\nthrottled_usec 120000\n");
        host.WriteUnified(Nginx, "cpu.max", "150000 100000\n");
        host.WriteUnified(Nginx, "memory.current", "1048576\n");
        host.WriteUnified(Nginx, "memory.max", "4194304\n");
        host.WriteUnified(Nginx, "memory.events", "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n");
        host.WriteUnified(Nginx, "io.stat", "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n");
        host.WriteUnified(Nginx, "pids.current", "12\n");
        host.WriteUnified(Nginx, "cpu.pressure", "some avg10=1.00 avg60=0.50 total=77\nfull avg10=0 total=5\n");
        host.WriteUnified(Nginx, "memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=78\n");
        host.WriteUnified(Nginx, "io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=79\n");
        Assert.Equal(CollectResult.Ok, host.Tick());

        var row = host.Row(Nginx);
        Assert.Equal(new CgroupInfo(Nginx, "nginx.service", CgroupKind.Unit), row.Info);
        Assert.Equal((2_500_000, 2_000_000, 500_000), (row.CpuUsageUs, row.CpuUserUs, row.CpuSystemUs));
        Assert.Equal((120_000, 1500), (row.ThrottledUs, row.CpuLimitMilli));
        Assert.Equal((1_048_576, 4_194_304, 1), (row.MemoryBytes, row.MemoryLimitBytes, row.OomKills));
        Assert.Equal((4096, 8192, 12), (row.ReadBytes, row.WriteBytes, row.Tasks));
        Assert.Equal((77, 78, 79), (row.CpuStallUs, row.MemoryStallUs, row.IoStallUs));

        var root = host.Row("/");
        Assert.Equal(CgroupKind.Root, root.Info.Kind);
        Assert.Equal(9_000_000, root.CpuUsageUs);
        Assert.Equal(Frame.Absent, root.MemoryBytes);
        Assert.Equal(Frame.Absent, root.CpuStallUs);
    }

    [Fact]
    public void A_counter_that_flickers_to_0_is_absent_once_and_no_spike_when_it_is_back()
    {
        using var host = Machine();
        (long Usage, long Read)[] said = [(3_600_000_000, 1L << 40), (0, 0), (3_600_000_500, 1L << 40)];
        foreach (var (usage, read) in said)
        {
            host.AddUnified(Nginx, usage);
            host.WriteUnified(Nginx, "io.stat", $"254:0 rbytes={read} wbytes={read} rios=1 wios=1 dbytes=0 dios=0\n");
            host.WriteUnified(Nginx, "memory.events", $"low 0\nhigh 0\nmax 0\noom 0\noom_kill {read}\n");
            host.WriteUnified(Nginx, "cpu.pressure", $"some avg10=1.00 avg60=0.50 total={usage}\n");
            host.Tick();
            var rates = host.Rates(Nginx);
            Assert.True(double.IsNaN(rates.CpuCores) && double.IsNaN(rates.ReadBytesPerSecond), $"{rates}");
            Assert.True(double.IsNaN(rates.WriteBytesPerSecond) && double.IsNaN(rates.CpuStallShare), $"{rates}");
            Assert.Equal(usage == 0 ? Frame.Absent : read, host.Row(Nginx).OomKills);
        }

        host.Tick();
        Assert.Equal(0, host.Rates(Nginx).CpuCores);
        host.AddUnified(Nginx, 0);
        host.Tick();
        Assert.Equal(Frame.Absent, host.Row(Nginx).CpuUsageUs);
        host.Tick();
        Assert.Equal(0, host.Row(Nginx).CpuUsageUs);
    }

    [Fact]
    public void A_limit_of_max_is_no_limit()
    {
        using var host = Machine();
        host.WriteUnified(Nginx, "cpu.max", "max 100000\n");
        host.WriteUnified(Nginx, "memory.max", "max\n");
        host.Tick();
        Assert.Equal(Frame.Absent, host.Row(Nginx).CpuLimitMilli);
        Assert.Equal(Frame.Absent, host.Row(Nginx).MemoryLimitBytes);
    }

    [Fact]
    public void A_limit_that_was_changed_shows_within_ten_ticks_and_stays_until_then()
    {
        using var host = Machine();
        host.WriteUnified(Nginx, "memory.max", "4096\n");
        host.Tick();
        host.WriteUnified(Nginx, "memory.max", "8192\n");
        var seen = Enumerable.Range(0, 10).Select(_ =>
        {
            host.Tick();
            return host.Row(Nginx).MemoryLimitBytes;
        }).ToList();
        Assert.All(seen, limit => Assert.True(limit is 4096 or 8192));
        Assert.Equal(8192, seen[^1]);
    }

    [Fact]
    public void Rows_are_ordered_by_path_whatever_the_order_of_folders()
    {
        using var host = Machine();
        foreach (var group in (string[])["/b", "/a/x", "/a-b", "/a/x/y", "/a", "/Z", "/a.b", "/é"])
        {
            host.AddUnified(group, 1);
        }

        host.Tick();
        Assert.Equal(host.Paths.Order(StringComparer.Ordinal), host.Paths);
        Assert.Equal(11, host.Paths.Count());
    }

    [Fact]
    public void A_new_group_shows_at_the_next_tick_when_the_kernel_says_that_there_are_more()
    {
        using var host = Machine();
        host.WriteUnified("", "cgroup.stat", "nr_descendants 2\nnr_dying_descendants 0\n");
        host.Tick();
        host.AddUnified("/late", 5);
        host.WriteUnified("", "cgroup.stat", "nr_descendants 3\nnr_dying_descendants 1\n");
        host.Tick();
        Assert.Contains("/late", host.Paths);
    }

    [Fact]
    public void A_new_group_shows_within_two_seconds_when_the_kernel_says_nothing()
    {
        using var host = Machine();
        host.Tick();
        host.AddUnified("/late", 5);
        host.Tick();
        host.Tick();
        Assert.Contains("/late", host.Paths);
    }

    [Fact]
    public void A_folder_is_not_listed_while_nothing_says_that_groups_came_or_went()
    {
        using var host = Machine();
        host.WriteUnified("", "cgroup.stat", "nr_descendants 2\n");
        host.Tick();
        host.Tick();
        var before = host.Files.Opens["/host/sys/fs/cgroup/system.slice"];
        for (var i = 0; i < 20; i++)
        {
            host.Tick();
        }

        Assert.Equal(before, host.Files.Opens["/host/sys/fs/cgroup/system.slice"]);
    }

    [Fact]
    public void A_group_that_went_is_gone_at_once_and_its_files_are_closed()
    {
        using var host = Machine();
        host.Tick();
        var open = host.Files.OpenCount;
        host.Remove($"/host/sys/fs/cgroup{Nginx}");
        host.Tick();
        Assert.DoesNotContain(Nginx, host.Paths);
        host.Tick();
        Assert.DoesNotContain(Nginx, host.Paths);
        Assert.True(host.Files.OpenCount < open);
    }

    [Fact]
    public void A_group_that_came_again_with_lower_counters_is_absent_once()
    {
        using var host = Machine();
        host.AddUnified(Nginx, 4_000_000);
        host.Tick();
        host.AddUnified(Nginx, 5_500_000);
        host.Tick();
        Assert.Equal(1.5, host.Rates(Nginx).CpuCores, 6);
        host.Remove($"/host/sys/fs/cgroup{Nginx}");
        host.AddUnified(Nginx, 100);
        host.Tick();
        Assert.True(double.IsNaN(host.Rates(Nginx).CpuCores));
        host.AddUnified(Nginx, 500_100);
        host.Tick();
        Assert.Equal(0.5, host.Rates(Nginx).CpuCores, 6);
    }

    [Fact]
    public void Kills_for_want_of_memory_are_counted_on()
    {
        using var host = Machine();
        host.WriteUnified(Nginx, "memory.events", "oom 0\noom_kill 0\n");
        host.Tick();
        Assert.Equal(0, host.Row(Nginx).OomKills);
        host.WriteUnified(Nginx, "memory.events", "oom 2\noom_kill 3\n");
        host.Tick();
        Assert.Equal(3, host.Row(Nginx).OomKills);
    }

    [Fact]
    public void A_controller_that_is_switched_on_later_shows_within_ten_ticks()
    {
        using var host = Machine();
        host.Tick();
        Assert.Equal(Frame.Absent, host.Row(Nginx).MemoryBytes);
        host.WriteUnified(Nginx, "memory.current", "4096\n");
        for (var i = 0; i < 10; i++)
        {
            host.Tick();
        }

        Assert.Equal(4096, host.Row(Nginx).MemoryBytes);
    }

    [Fact]
    public void The_io_of_a_device_on_top_of_another_is_counted_once()
    {
        using var host = Machine();
        host.WriteUnified(Nginx, "io.stat",
            "7:0 253:0 rbytes=100 wbytes=10\n254:0 rbytes=100 wbytes=10\n8:16 rbytes=5 wbytes=0\n");
        host.Tick();
        Assert.Equal((105, 10), (host.Row(Nginx).ReadBytes, host.Row(Nginx).WriteBytes));
    }

    [Fact]
    public void A_branch_that_a_container_sees_has_the_path_it_has_on_the_host()
    {
        using var host = new CgroupHost(
            "30 24 0:26 /docker/3f2a /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
        host.AddUnified("", 7);
        host.AddUnified("/init", 3);
        host.Tick();
        Assert.Equal(["/docker/3f2a", "/docker/3f2a/init"], host.Paths);
        Assert.Equal(3, host.Row("/docker/3f2a/init").CpuUsageUs);
    }

    [Fact]
    public void Without_a_mount_the_table_is_empty_and_says_why()
    {
        using var host = new CgroupHost("24 1 0:22 / /sys rw - sysfs sysfs rw\n");
        var result = host.Tick();
        Assert.Equal(CollectStatus.Unavailable, result.Status);
        Assert.NotNull(result.Remedy);
        Assert.Empty(host.Paths);
    }

    [Fact]
    public void A_mount_that_is_made_later_is_found_within_a_minute()
    {
        using var host = new CgroupHost("");
        host.Tick();
        host.Write("/host/proc/self/mountinfo", CgroupHost.UnifiedMounts);
        host.AddUnified("", 1);
        for (var i = 0; i < 60; i++)
        {
            host.Tick();
        }

        Assert.Equal(["/"], host.Paths);
    }

    private static CgroupHost Machine()
    {
        var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 9_000_000);
        host.AddUnified("/system.slice", 3_000_000);
        host.AddUnified(Nginx, 1_000_000);
        return host;
    }
}
