using System.Text;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Kernel;

/// <summary>
/// Goal: each further source gives what its files say, in the unit of its row. Method: one machine that has everything.
/// </summary>
public sealed class KernelValuesTests
{
    private readonly FakeFiles _files = KernelSamples.Files();

    [Fact]
    public void Stalls_are_the_totals_and_the_full_stall_of_the_cpu_is_not_shown()
    {
        var frame = Tick("pressure");
        Assert.Equal(32_759_003, frame.Raw(Metrics.PressureStallTime, "cpu", "some"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.PressureStallTime, "cpu", "full"));
        Assert.Equal(8_103_261, frame.Raw(Metrics.PressureStallTime, "memory", "full"));
        Assert.Equal(81, frame.Raw(Metrics.PressureStallTime, "irq", "full"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.PressureStallTime, "io", "some"));
    }

    [Fact]
    public void Half_a_second_of_stall_in_a_second_is_a_share_of_a_half()
    {
        using var host = new FakeHost(_files, "pressure");
        var before = host.Tick();
        Write("/host/proc/pressure/cpu", "some avg10=50.00 avg60=9.99 avg300=4.62 total=33259003\n");
        host.Time.Advance(TimeSpan.FromSeconds(1));
        var after = host.Tick();
        var values = new double[after.Schema.Count];
        Derive.Values(before, after, values);
        Assert.Equal(0.5, values[0], 9);
    }

    [Fact]
    public void A_kernel_without_stall_information_says_so_and_what_to_do()
    {
        using var host = new FakeHost(new FakeFiles(), "pressure");
        host.Tick();
        Assert.Equal(CollectStatus.Unavailable, host.Results["pressure"].Status);
        Assert.Contains("psi=1", host.Results["pressure"].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_with_stall_information_switched_off_says_so()
    {
        foreach (var file in (string[])["cpu", "memory", "irq"])
        {
            _files.ReadErrors[$"/host/proc/pressure/{file}"] = 95;
        }

        using var host = new FakeHost(_files, "pressure");
        host.Tick();
        Assert.Equal(CollectStatus.Unavailable, host.Results["pressure"].Status);
        Assert.Contains("switched off", host.Results["pressure"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Counters_of_the_network_stack_have_the_kernels_names()
    {
        var frame = Tick("netstat");
        Assert.Equal(12_821, frame.Raw(Metrics.NetworkStack, "Tcp", "InSegs"));
        Assert.Equal(42, frame.Raw(Metrics.NetworkStack, "Tcp", "RetransSegs"));
        Assert.Equal(12, frame.Raw(Metrics.NetworkStack, "Udp", "RcvbufErrors"));
        Assert.Equal(23, frame.Raw(Metrics.NetworkStack, "TcpExt", "ListenOverflows"));
        Assert.Equal(481_604_792, frame.Raw(Metrics.NetworkStack, "IpExt", "InOctets"));
        Assert.Equal(3193, frame.Raw(Metrics.NetworkStack, "Ip6", "InOctets"));
        Assert.Equal(17, frame.Raw(Metrics.NetworkConnections, "tcp", "established"));
        Assert.Equal(2, frame.Raw(Metrics.NetworkForwarding));
        Assert.DoesNotContain(frame.All().Keys, key => key.Contains("TCPFuture", StringComparison.Ordinal));
    }

    [Fact]
    public void A_column_that_a_new_kernel_adds_in_between_moves_no_value()
    {
        using var host = new FakeHost(_files, "netstat");
        host.Tick();
        Write("/host/proc/net/netstat", KernelSamples.Netstat
            .Replace("ListenOverflows", "Added ListenOverflows", StringComparison.Ordinal)
            .Replace("23", "99 23", StringComparison.Ordinal));
        Assert.Equal(23, host.Tick().Raw(Metrics.NetworkStack, "TcpExt", "ListenOverflows"));
    }

    [Fact]
    public void A_machine_without_ipv6_misses_nothing()
    {
        _files.Contents.TryRemove("/host/proc/net/snmp6", out _);
        _files.Contents.TryRemove("/host/proc/net/sockstat6", out _);
        Tick("netstat");
        Tick("sockets");
    }

    [Fact]
    public void Sockets_and_connections_in_time_wait_are_counted()
    {
        var frame = Tick("sockets");
        Assert.Equal(31, frame.Raw(Metrics.Sockets, "TCP", "inuse"));
        Assert.Equal(4096, frame.Raw(Metrics.Sockets, "FRAG", "memory"));
        Assert.Equal(5, frame.Raw(Metrics.Sockets, "TCP6", "inuse"));
        Assert.Equal(44, frame.Raw(Metrics.NetworkConnections, "tcp", "time_wait"));
    }

    [Fact]
    public void Open_files_of_the_machine_have_a_limit_or_none()
    {
        var frame = Tick("file_descriptors");
        Assert.Equal((521, 2_466_170), (frame.Raw(Metrics.FileDescriptors), frame.Raw(Metrics.FileDescriptorLimit)));
        Write("/host/proc/sys/fs/file-nr", "521\t0\t9223372036854775807\n");
        Assert.Equal(Frame.Absent, Tick("file_descriptors").Raw(Metrics.FileDescriptorLimit));
    }

    [Fact]
    public void Tracked_connections_and_their_events_over_all_cpus()
    {
        var frame = Tick("conntrack");
        Assert.Equal((10, 262_144), (frame.Raw(Metrics.ConntrackCount), frame.Raw(Metrics.ConntrackLimit)));
        Assert.Equal(0x11, frame.Raw(Metrics.ConntrackEvents, "clashres"));
        Assert.Equal(0x20, frame.Raw(Metrics.ConntrackEvents, "invalid"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.ConntrackEvents, "entries"));
    }

    [Fact]
    public void Disks_and_size_of_arrays()
    {
        var frame = Tick("mdraid");
        long[] Disks(string array) => Array.ConvertAll(
            (string[])["required", "active", "failed", "spare"], s => frame.Raw(Metrics.RaidDisks, array, s));
        Assert.Equal([2, 1, 1, 1], Disks("md0"));
        Assert.Equal([3, 3, 0, 0], Disks("md1"));
        Assert.Equal([2, 2, 0, 0], Disks("md3"));
        Assert.Equal([Frame.Absent, 0, 0, 1], Disks("md127"));
        Assert.Equal(104_320L * 1024, frame.Raw(Metrics.RaidSize, "md0"));
        Assert.Equal(976_508_928L * 1024, frame.Raw(Metrics.RaidSize, "md127"));
    }

    [Fact]
    public void State_progress_and_speed_of_arrays()
    {
        var frame = Tick("mdraid");
        (string Array, string State)[] states =
            [("md0", "recovering"), ("md1", "resync"), ("md2", "check"), ("md3", "active"), ("md127", "inactive")];
        foreach (var (array, expected) in states)
        {
            Assert.All(
                ["active", "inactive", "recovering", "resync", "check", "reshape"],
                state => Assert.Equal(state == expected ? 1 : 0, frame.Raw(Metrics.RaidState, array, state)));
        }

        Assert.Equal(162, frame.Raw(Metrics.RaidSync, "md0", "recovery"));
        Assert.Equal(17_014L * 1024, frame.Raw(Metrics.RaidSynced, "md0"));
        Assert.Equal(9_000L * 1024, frame.Raw(Metrics.RaidSyncSpeed, "md0", "recovery"));
        Assert.Equal((0, 0), (frame.Raw(Metrics.RaidSync, "md1", "resync"), frame.Raw(Metrics.RaidSynced, "md1")));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.RaidSyncSpeed, "md1", "resync"));
        Assert.Equal(51, frame.Raw(Metrics.RaidSync, "md2", "check"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.RaidSync, "md3", "resync"));
        Assert.Equal(976_508_928L * 1024, frame.Raw(Metrics.RaidSynced, "md3"));
    }

    [Fact]
    public void Memory_of_numa_nodes_where_there_is_more_than_one()
    {
        var frame = Tick("numa");
        Assert.Equal(32_653_528L * 1024, frame.Raw(Metrics.NumaMemory, "0", "MemTotal"));
        Assert.Equal(16_326_764L * 1024, frame.Raw(Metrics.NumaMemory, "1", "MemTotal"));
        Assert.Equal(12, frame.Raw(Metrics.NumaAllocations, "0", "numa_miss"));
        foreach (var file in (string[])["meminfo", "numastat"])
        {
            _files.Contents.TryRemove($"/host/sys/devices/system/node/node1/{file}", out _);
        }

        using var host = new FakeHost(_files, "numa");
        Assert.Equal(0, host.Tick().Schema.Count);
        Assert.Equal(CollectStatus.Unavailable, host.Results["numa"].Status);
    }

    [Fact]
    public void Energy_is_named_by_the_part_and_wraps_to_absent()
    {
        using var host = new FakeHost(_files, "rapl");
        var before = host.Tick();
        Assert.Equal(118_438_283, before.Raw(Metrics.Energy, "intel-rapl:0", "package-0"));
        Assert.Equal(20_431_883, before.Raw(Metrics.Energy, "intel-rapl:0:1", "package-0/dram"));
        Write("/host/sys/class/powercap/intel-rapl:0/energy_uj", "17\n");
        host.Time.Advance(TimeSpan.FromSeconds(1));
        var after = host.Tick();
        var values = new double[after.Schema.Count];
        Derive.Values(before, after, values);
        Assert.True(double.IsNaN(values[0]));
        Assert.Equal(0, values[1]);
    }

    [Fact]
    public void Energy_that_only_root_may_read_is_unavailable_with_a_remedy()
    {
        foreach (var zone in (string[])["intel-rapl:0", "intel-rapl:0:1"])
        {
            _files.OpenErrors[$"/host/sys/class/powercap/{zone}/energy_uj"] = Errno.Access;
        }

        using var host = new FakeHost(_files, "rapl");
        host.Tick();
        Assert.Equal(CollectStatus.Unavailable, host.Results["rapl"].Status);
        Assert.NotNull(host.Results["rapl"].Remedy);
    }

    [Fact]
    public void The_state_of_the_clock_is_read_as_the_kernel_lays_it_out()
    {
        var timex = new byte[HostFiles.TimexBytes];
        BitConverter.TryWriteBytes(timex.AsSpan(8), -1500L);
        BitConverter.TryWriteBytes(timex.AsSpan(16), 65536L * 12);
        BitConverter.TryWriteBytes(timex.AsSpan(24), 16_000L);
        BitConverter.TryWriteBytes(timex.AsSpan(32), 20L);
        BitConverter.TryWriteBytes(timex.AsSpan(48), 7L);
        BitConverter.TryWriteBytes(timex.AsSpan(88), 10_000L);
        BitConverter.TryWriteBytes(timex.AsSpan(160), 37);
        BitConverter.TryWriteBytes(timex.AsSpan(40), 0x40);
        Assert.Equal(
            new TimeSync.ClockState(false, -1_500_000, 12_000, 16_000, 20, 0x40, 7, 10_000, 37), TimeSync.Parse(timex));
        BitConverter.TryWriteBytes(timex.AsSpan(40), 0x2001);
        Assert.Equal(
            new TimeSync.ClockState(true, -1500, 12_000, 16_000, 20, 0x2001, 7, 10_000, 37), TimeSync.Parse(timex));
    }

    [Fact]
    public void The_clock_of_another_machine_is_not_asked()
    {
        using var host = new FakeHost(_files, "timesync");
        Assert.Equal(0, host.Tick().Schema.Count);
        Assert.Equal(CollectStatus.Unavailable, host.Results["timesync"].Status);
    }

    [Fact]
    public void A_machine_that_has_nothing_gives_a_reason_for_each_source_and_no_value()
    {
        var names = KernelSamples.Fast.Concat(KernelSamples.Slow).Select(file => file.Collector).Distinct().ToArray();
        using var host = new FakeHost(new FakeFiles(), names);
        Assert.Equal(0, host.TickUntilSettled().Schema.Count);
        Assert.All(names, name => Assert.Equal(CollectStatus.Unavailable, host.Results[name].Status));
        Assert.All(names, name => Assert.EndsWith(".", host.Results[name].Reason, StringComparison.Ordinal));
    }

    private Frame Tick(string collector)
    {
        using var host = new FakeHost(_files, collector);
        var frame = host.Tick();
        Assert.Equal(CollectResult.Ok, host.Results[collector]);
        return frame;
    }

    private void Write(string path, string content) => _files.Contents[path] = Encoding.UTF8.GetBytes(content);
}
