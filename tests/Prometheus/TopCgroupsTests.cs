using System.Text;
using Hostscope.Gateway.Prometheus;
using Hostscope.Model;

namespace Hostscope.Prometheus.Tests;

/// <summary>Goal: cgroups that exist are told with the kernel's totals. Method: tables made by hand.</summary>
public sealed class TopCgroupsTests
{
    [Fact]
    public void A_cgroup_is_told_with_what_it_has_and_without_what_it_has_not()
    {
        var cgroups = new TopCgroups(places: 5);
        cgroups.Add(Table(1, Row("/system.slice/a.service", cpuUs: 1_500_000, memory: 4096)));
        var scrape = Write(cgroups);
        Assert.Equal(1.5, Value(scrape, "hostscope_cgroup_cpu_seconds_total{path=/system.slice/a.service}"));
        Assert.Equal(4096, Value(scrape, "hostscope_cgroup_memory_bytes{path=/system.slice/a.service}"));
        Assert.Equal(1, Value(scrape, "hostscope_cgroup_info{kind=unit,name=a.service,path=/system.slice/a.service}"));
        Assert.Equal(1, Value(scrape, "hostscope_cgroups{}"));
        Assert.DoesNotContain("hostscope_cgroup_memory_limit_bytes", scrape.Types.Keys);
    }

    [Fact]
    public void A_cgroup_that_is_gone_is_told_no_more()
    {
        var cgroups = new TopCgroups(places: 5);
        cgroups.Add(Table(1, Row("/a", 1, 1), Row("/b", 1, 1)));
        cgroups.Add(Table(2, Row("/b", 2, 1)));
        Assert.Equal(["/b"], cgroups.Shown.Select(row => row.Info.Path));
    }

    [Fact]
    public void Only_so_many_are_told_the_largest_first()
    {
        var cgroups = new TopCgroups(places: 3);
        cgroups.Add(Table(1,
            [.. Enumerable.Range(100, 800).Select(i => Row($"/c{i}", cpuUs: i, memory: i))]));
        Assert.Equal(["/c897", "/c898", "/c899"], cgroups.Shown.Select(row => row.Info.Path));
        Assert.Equal(800, cgroups.Count);
    }

    private static double Value(Scrape scrape, string key) => scrape.Samples.Single(sample => sample.Key == key).Value;

    private static Scrape Write(TopCgroups cgroups)
    {
        using var text = new TextFormat();
        TableFamilies.Write(text, cgroups);
        return Scrape.Parse(Encoding.UTF8.GetString(text.Written));
    }

    internal static CgroupTable Table(long second, params CgroupSample[] rows)
    {
        var table = new CgroupTable { MonotonicNs = second * 1_000_000_000 };
        foreach (var row in rows)
        {
            table.Add(row);
        }

        return table;
    }

    internal static CgroupSample Row(string path, long cpuUs, long memory)
    {
        var row = CgroupSample.AllAbsent(new CgroupInfo(path, path.Split('/')[^1], CgroupKind.Unit));
        row.CpuUsageUs = cpuUs;
        row.MemoryBytes = memory;
        return row;
    }
}
