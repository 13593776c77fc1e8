namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: scanning cgroups stays within a tenth of a CPU, and rates stay right when ticks are left out. Method: scans
/// whose cost a test sets.
/// </summary>
public sealed class ScanPaceTests
{
    [Fact]
    public void A_cheap_scan_is_made_in_every_tick()
    {
        using var host = Machine();
        host.CostPerScan = TimeSpan.FromMilliseconds(99);
        Assert.All(Scans(host, 20), Assert.True);
        Assert.Equal(1, host.Collector.Table.IntervalTicks);
    }

    [Fact]
    public void A_dear_scan_is_left_out_in_proportion_and_rates_are_over_the_longer_time()
    {
        using var host = Machine();
        host.CostPerScan = TimeSpan.FromMilliseconds(400);
        _ = Scans(host, 10);
        var scans = Scans(host, 40).ToList();
        Assert.Equal(10, scans.Count(isFresh => isFresh));
        while (!host.Collector.IsFresh)
        {
            host.Tick();
        }

        Assert.Equal(4, host.Collector.Table.IntervalTicks);
        host.AddUnified("", 2_000_000);
        do
        {
            host.Tick();
        }
        while (!host.Collector.IsFresh);
        Assert.Equal(0.5, host.Rates("/").CpuCores, 6);
    }

    [Fact]
    public void One_dear_scan_among_cheap_ones_leaves_out_nothing()
    {
        using var host = Machine();
        _ = Scans(host, 5).ToList();
        host.CostPerScan = TimeSpan.FromSeconds(3);
        Assert.All(Scans(host, 1), Assert.True);
        host.CostPerScan = TimeSpan.FromMilliseconds(1);
        Assert.All(Scans(host, 5), Assert.True);
    }

    [Fact]
    public void However_dear_a_scan_is_made_each_minute()
    {
        using var host = Machine();
        host.CostPerScan = TimeSpan.FromMinutes(1);
        _ = Scans(host, 3).ToList();
        Assert.Contains(true, Scans(host, 60));
    }

    private static CgroupHost Machine()
    {
        var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 0);
        return host;
    }

    private static List<bool> Scans(CgroupHost host, int ticks) => [.. Enumerable.Range(0, ticks).Select(_ =>
    {
        host.Tick();
        return host.Collector.IsFresh;
    })];
}
