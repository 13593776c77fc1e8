namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: the groups of processes and the cgroups of a real machine are told. Method: our server on this machine, which
/// looks at the test's own process and at its cgroup.
/// </summary>
public sealed class TablesTests
{
    [Fact]
    public async Task Processes_and_cgroups_of_this_machine_are_told_while_somebody_scrapes()
    {
        await using var server = await TestServer.StartAsync(intervalMs: 200);
        var scrape = await server.ScrapeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                scrape = await server.ScrapeAsync();
                return scrape.Types.ContainsKey("hostscope_process_groups")
                    && scrape.Types.ContainsKey("hostscope_cgroups");
            },
            "the tables have come");
        var own = File.ReadAllText("/proc/self/comm").TrimEnd('\n');
        Assert.True(Of(scrape, "hostscope_process_group_processes", own) >= 1);
        Assert.True(
            Of(scrape, "hostscope_process_group_resident_memory_bytes", own) >= Environment.WorkingSet / 4.0);
        var cpu = scrape.Families["hostscope_process_group_cpu_seconds_total"]
            .Where(sample => sample.Labels["group"] == own).Sum(sample => sample.Value);
        Assert.True(cpu > 0);
        Assert.NotEmpty(scrape.Families["hostscope_cgroup_info"]);
    }

    [Fact]
    public async Task Totals_of_groups_do_not_fall_from_scrape_to_scrape()
    {
        await using var server = await TestServer.StartAsync(intervalMs: 100);
        var before = new Dictionary<string, double>();
        var scrapes = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var scrape = await server.ScrapeAsync();
                foreach (var sample in scrape.Samples.Where(sample => scrape.Types[sample.Name] == "counter"
                    && sample.Name.StartsWith("hostscope_process_group_", StringComparison.Ordinal)))
                {
                    Assert.True(sample.Value >= before.GetValueOrDefault(sample.Key), sample.Key);
                    before[sample.Key] = sample.Value;
                }

                return ++scrapes >= 50;
            },
            "fifty scrapes");
        Assert.Contains(before.Keys, key => key.StartsWith("hostscope_process_group_", StringComparison.Ordinal));
    }

    private static double Of(Scrape scrape, string family, string group) =>
        scrape.Families[family].Single(sample => sample.Labels["group"] == group).Value;
}
