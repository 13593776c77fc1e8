using System.Text;
using CsCheck;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: values are the kernel's, devices may come and go, and a tick allocates nothing after warm-up.
/// Method: contents that a test writes line by line, and the real machine where only it can tell.
/// </summary>
public sealed class TickTests
{
    private readonly FakeFiles _files = new();

    [Fact]
    public void A_cpu_that_goes_offline_is_absent_and_is_the_same_series_when_it_returns()
    {
        using var host = new FakeHost(_files, "cpu");
        Stat("cpu 3 0 3 3\ncpu0 1 0 1 1\ncpu7 2 0 2 2\n");
        var both = host.Tick();
        Assert.Equal(2, both.Raw(Metrics.CoreTime, "7", "user"));
        Assert.Equal(2, both.Raw(Metrics.CpuCount));
        Assert.Equal(Frame.Absent, both.Raw(Metrics.CoreTime, "7", "iowait"));

        Stat("cpu 4 0 4 4\ncpu0 2 0 2 2\n");
        var one = host.Tick();
        Assert.Equal(Frame.Absent, one.Raw(Metrics.CoreTime, "7", "user"));
        Assert.Equal(1, one.Raw(Metrics.CpuCount));
        Assert.Equal(both.Schema.Version, one.Schema.Version);

        Stat("cpu 9 0 9 9\ncpu0 4 0 4 4\ncpu7 5 0 5 5\n");
        var again = host.Tick();
        Assert.Equal(5, again.Raw(Metrics.CoreTime, "7", "user"));
        Assert.Equal(both.Schema.Version, again.Schema.Version);
    }

    [Fact]
    public void Everything_in_proc_stat_comes_from_one_read()
    {
        using var host = new FakeHost(_files, "cpu");
        Stat("cpu 1 2 3 4 5 6 7 8 9 10\nintr 11 0 1\nctxt 12\nbtime 13\nprocesses 14\nprocs_running 15\n"
            + "procs_blocked 16\nsoftirq 17 1\nfuture 18\n");
        var frame = host.Tick();

        Assert.Equal(11, frame.Raw(Metrics.Interrupts));
        Assert.Equal(12, frame.Raw(Metrics.ContextSwitches));
        Assert.Equal(14, frame.Raw(Metrics.ProcessCreated));
        Assert.Equal(15, frame.Raw(Metrics.ProcessCount, "running"));
        Assert.Equal(16, frame.Raw(Metrics.ProcessCount, "blocked"));
        Assert.Equal(10, frame.Raw(Metrics.CpuTime, "guest_nice"));
        Assert.Equal(CollectStatus.Ok, host.Results["cpu"].Status);
        Assert.Equal(1, _files.Opens["/host/proc/stat"]);
    }

    [Theory]
    [InlineData("cpu 1 2 x 4\n")]
    [InlineData("cpu 1 2\n")]
    [InlineData("cpuX 1 2 3 4\n")]
    [InlineData("cpu 1 2 3 4\nctxt \n")]
    [InlineData("cpu 1 2 3 4\nctxt -1\n")]
    public void A_known_line_that_is_malformed_is_a_failure_that_names_it(string stat)
    {
        using var host = new FakeHost(_files, "cpu");
        Stat(stat);
        host.Tick();
        Assert.Equal(CollectStatus.Failed, host.Results["cpu"].Status);
        var last = stat.Count(c => c == '\n');
        Assert.Contains($"/host/proc/stat, line {last}", host.Results["cpu"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicate_devices_are_one_device()
    {
        using var host = new FakeHost(_files, "disks", "network");
        _files.Contents["/host/proc/diskstats"] =
            "8 0 sda 1 0 2 0 0 0 0 0 0 0 0\n8 0 sda 5 0 6 0 0 0 0 0 0 0 0\n"u8.ToArray();
        _files.Contents["/host/proc/net/dev"] =
            "eth0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\neth0: 2 2 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n"u8.ToArray();
        var frame = host.Tick();
        Assert.Equal(5, frame.Raw(Metrics.DiskOperations, "sda", "read"));
        Assert.Equal(2, frame.Raw(Metrics.NetworkIo, "eth0", "receive"));
    }

    [Theory]
    [InlineData("ram0", true)]
    [InlineData("loop12", true)]
    [InlineData("zram0", true)]
    [InlineData("sr0", true)]
    [InlineData("sda", false)]
    [InlineData("nvme0n1", false)]
    [InlineData("loop", false)]
    [InlineData("0", false)]
    public void Devices_that_the_kernel_makes_in_advance_are_known_by_name(string name, bool expected) =>
        Assert.Equal(expected, Disks.IsMadeInAdvance(Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void The_parts_of_memory_add_up_to_the_whole_whatever_the_kernel_says() =>
        Gen.Long[-1, 1L << 50].Array[Enum.GetValues<Memory.Role>().Length].Sample(roles =>
        {
            for (var i = 0; i < roles.Length; i++)
            {
                roles[i] = roles[i] < 0 ? Frame.Absent : roles[i];
            }

            if (Memory.TryPart(roles, out var parts))
            {
                var sum = parts.Used + parts.Shared + parts.Kernel + parts.Cached + parts.Free;
                Assert.Equal(roles[(int)Memory.Role.Total], sum);
                Assert.True(parts.Used >= 0 && parts.Shared >= 0 && parts.Kernel >= 0 && parts.Cached >= 0
                    && parts.Free >= 0);
            }
        });

    [Fact]
    public void The_real_machine_is_collected_without_a_failure_and_without_allocation()
    {
        var builder = new FrameBuilder();
        using var context = new CollectorContext(new HostRoots(), builder, TimeProvider.System);
        ICollector[] collectors = [.. Registry.Create(context)];
        var frame = new Frame();
        var least = long.MaxValue;
        for (var tick = 1; tick <= 200; tick++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            builder.Begin();
            foreach (var collector in collectors)
            {
                var result = collector.Collect();
                Assert.True(result.Status != CollectStatus.Failed, result.Reason);
            }

            frame.CopyFrom(builder.Build(tick, tick * 1000, tick * 1_000_000_000));

            // The machine may change in a tick, and then something is allocated; when it does not, nothing is.
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.True(frame.Raw(Metrics.CpuCount) > 0);
        Assert.True(frame.Raw(Metrics.MemoryLimit) > 0);
        Assert.NotEqual(Frame.Absent, frame.Raw(Metrics.NetworkIo, "lo", "receive"));
    }

    [Fact]
    public void The_facts_of_the_real_machine_are_those_that_the_runtime_knows()
    {
        var info = HostFacts.Read(new HostRoots());
        Assert.Equal(Environment.MachineName, info.Name);
        Assert.True(info.CpuThreads >= Environment.ProcessorCount);
        Assert.True(info.MemoryBytes > 0);
        Assert.NotNull(info.Kernel);
        Assert.NotNull(info.Architecture);
        Assert.True(info.BootUnixMs > 0);
    }

    private void Stat(string text) => _files.Contents["/host/proc/stat"] = Encoding.ASCII.GetBytes(text);
}
