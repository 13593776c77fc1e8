namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: rules and dashboards made for node_exporter work with us. Method: Debian's node_exporter and our server on the
/// same machine, asked at the same time; then on a folder of files that describe hardware which this machine lacks.
/// </summary>
public sealed class NodeExporterTests(ITestOutputHelper output)
{
    private const string Program = "prometheus-node-exporter";

    /// <summary>Rounds in one of which a gauge must be near ours: some leap from second to second.</summary>
    private const int Rounds = 10;

    private const double GaugeTolerance = 0.05;

    /// <summary>We print 3.312 where node_exporter, which multiplies by 0.001, prints 3.3120000000000003.</summary>
    private const double Rounding = 1e-15;

    /// <summary>node_exporter's collectors of what <see cref="FakeMachine"/> has.</summary>
    private static readonly string[] Collectors =
    [
        "cpu", "cpufreq", "filefd", "hwmon", "loadavg", "mdadm", "meminfo_numa", "netclass", "netdev",
        "powersupplyclass", "pressure", "rapl", "sockstat", "softnet", "stat", "vmstat",
    ];

    /// <summary>One family of each source that answers on a thread of its own.</summary>
    private static readonly string[] Slow =
    [
        "node_cpu_scaling_frequency_hertz", "node_hwmon_temp_celsius", "node_network_info", "node_network_mtu_bytes",
        "node_power_supply_capacity",
    ];

    [Fact]
    public async Task On_this_machine_both_say_the_same()
    {
        await using var server = await TestServer.StartAsync();
        var port = Tool.FreePort();
        using var exporter = await Tool.ServeAsync(
            Program, Program, $"http://127.0.0.1:{port}/metrics", $"--web.listen-address=127.0.0.1:{port}");
        await SettledAsync(server);
        HashSet<string>? far = null;
        Comparison comparison;
        var round = 0;
        do
        {
            comparison = await CompareAsync(server, port);
            Assert.Empty(comparison.WrongCounters());
            var now = comparison.FarGauges(GaugeTolerance).ToDictionary(line => line.Split(": ours")[0]);
            far = far is null ? [.. now.Keys] : [.. far.Intersect(now.Keys)];
        }
        while (far.Count > 0 && ++round < Rounds);
        Assert.Empty(far);
        AssertSameShape(comparison);
    }

    [Fact]
    public async Task On_a_machine_with_hardware_that_ours_has_not_both_say_the_same()
    {
        using var machine = new FakeMachine();
        await using var server = await TestServer.StartAsync(machine.Roots, intervalMs: 100);
        var port = Tool.FreePort();
        using var exporter = await Tool.ServeAsync(
            Program, Program, $"http://127.0.0.1:{port}/metrics",
            [
                $"--web.listen-address=127.0.0.1:{port}", $"--path.procfs={machine.Roots.Proc}",
                $"--path.sysfs={machine.Roots.Sys}", "--collector.disable-defaults",
                "--no-collector.netdev.netlink", "--collector.netdev.device-exclude=none",
                .. Collectors.Select(name => $"--collector.{name}"),
            ]);
        await Eventually.TrueAsync(
            async () => Slow.All((await server.ScrapeAsync()).Types.ContainsKey), "the slow sources have answered");

        // A path is a label of some families; of a real machine it begins with /sys on both sides.
        var comparison = await CompareAsync(server, port, theirs =>
            theirs.Replace(machine.Roots.Sys, "/sys", StringComparison.Ordinal));
        Assert.Empty(comparison.WrongCounters());
        Assert.Empty(comparison.FarGauges(Rounding));
        AssertSameShape(comparison);
        Assert.Empty(comparison.MissingSeries());
    }

    private void AssertSameShape(Comparison comparison)
    {
        output.WriteLine($"{comparison.Common.Count} families compared, {comparison.CountSeries()} series:");
        output.WriteLine(string.Join("\n", comparison.Common));
        output.WriteLine($"{comparison.Missing.Count} families that only node_exporter has:");
        output.WriteLine(string.Join("\n", comparison.Missing));
        output.WriteLine("Differences:");
        output.WriteLine(string.Join("\n", comparison.Differences()));
        output.WriteLine("Series of common families that only node_exporter has:");
        output.WriteLine(string.Join("\n", comparison.MissingSeries()));
        output.WriteLine("Series of common families that only we have:");
        output.WriteLine(string.Join("\n", comparison.ExtraSeries()));
        var undocumented = comparison.Missing.Where(name => !MissingFamilies.IsDocumented(name));
        Assert.Empty(comparison.Differences());
        Assert.Empty(undocumented);
    }

    private static async Task<Comparison> CompareAsync(
        TestServer server, int port, Func<string, string>? change = null)
    {
        using var http = new HttpClient();
        var before = await server.ScrapeAsync();
        var theirs = await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        var after = await server.ScrapeAfterAsync(TimeProvider.System.GetUtcNow());
        return new Comparison(before, Scrape.Parse(change?.Invoke(theirs) ?? theirs), after);
    }

    /// <summary>Slow sources answer a tick later than the others; file systems are the last of them here.</summary>
    private static Task SettledAsync(TestServer server) => Eventually.TrueAsync(
        async () => (await server.ScrapeAsync()).Types.ContainsKey("node_filesystem_size_bytes"),
        "the slow sources have answered");
}
