using System.Text.Json;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: a real Prometheus stores the same of us as of node_exporter. Method: Debian's Prometheus scrapes both once a
/// second for several scrapes; then its API is asked what it has.
/// </summary>
public sealed class PrometheusServerTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Scrapes = 5;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hostscope-prometheus-");
    private readonly HttpClient _http = new();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Prometheus_stores_the_same_families_of_us_and_of_node_exporter()
    {
        await using var server = await TestServer.StartAsync();
        var nodePort = Tool.FreePort();
        using var exporter = await Tool.ServeAsync(
            "prometheus-node-exporter", "prometheus-node-exporter", $"http://127.0.0.1:{nodePort}/metrics",
            $"--web.listen-address=127.0.0.1:{nodePort}");
        var port = Tool.FreePort();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "prometheus.yml"), $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: hostscope
                static_configs: [targets: ['{server.Address.Authority}']]
              - job_name: node
                static_configs: [targets: ['127.0.0.1:{nodePort}']]
            """, TestContext.Current.CancellationToken);
        var prometheus = new Uri($"http://127.0.0.1:{port}");
        using var tool = await Tool.ServeAsync(
            "prometheus", "prometheus", $"{prometheus}-/ready", $"--config.file={_folder.FullName}/prometheus.yml",
            $"--storage.tsdb.path={_folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}");
        await Eventually.TrueAsync(
            async () => (await QueryAsync(prometheus, $"sum_over_time(up[10m]) >= {Scrapes}")).Count == 2,
            $"{Scrapes} good scrapes of both");

        Assert.Empty(await QueryAsync(prometheus, "up == 0"));
        await AssertSameMetadataAsync(prometheus);
        await AssertSameSeriesAsync(prometheus);
        await AssertRatesAsync(prometheus);
    }

    private async Task AssertSameMetadataAsync(Uri prometheus)
    {
        var ours = await MetadataAsync(prometheus, "hostscope");
        var theirs = await MetadataAsync(prometheus, "node");
        var common = ours.Keys.Intersect(theirs.Keys).Order(StringComparer.Ordinal).ToList();
        output.WriteLine($"{common.Count} families that Prometheus has of both:");
        output.WriteLine(string.Join("\n", common));
        Assert.True(common.Count >= 150, $"only {common.Count} families in common");
        Assert.All(common, name => Assert.Equal(theirs[name], ours[name]));
    }

    private async Task AssertSameSeriesAsync(Uri prometheus)
    {
        // What node_exporter has of a CPU, disk or interface and we have not.
        foreach (var name in (string[])
            ["node_cpu_seconds_total", "node_load1", "node_memory_MemTotal_bytes", "node_disk_io_time_seconds_total",
                "node_network_receive_bytes_total", "node_filesystem_size_bytes", "node_boot_time_seconds"])
        {
            Assert.NotEmpty(await QueryAsync(prometheus, $"{name}{{job='node'}}"));
            Assert.Empty(await QueryAsync(prometheus,
                $"{name}{{job='node',device!~'zram.*'}} unless ignoring(job,instance) {name}{{job='hostscope'}}"));
        }
    }

    /// <summary>Facts are equal, and what dashboards derive from counters is near.</summary>
    private async Task AssertRatesAsync(Uri prometheus)
    {
        foreach (var name in (string[])
            ["node_memory_MemTotal_bytes", "node_filesystem_size_bytes", "node_boot_time_seconds"])
        {
            Assert.Empty(await QueryAsync(prometheus,
                $"{name}{{job='node'}} != ignoring(job,instance) {name}{{job='hostscope'}}"));
        }

        var busy = "sum by (job) (rate(node_cpu_seconds_total{mode!='idle'}[30s]))";
        var values = (await QueryAsync(prometheus, busy)).ToDictionary(row => row.Metric["job"], row => row.Value);
        output.WriteLine($"busy CPUs: ours {values["hostscope"]}, node_exporter's {values["node"]}");
        Assert.InRange(values["hostscope"], values["node"] - 0.5, values["node"] + 0.5);
    }

    private async Task<Dictionary<string, (string Type, string Help)>> MetadataAsync(Uri prometheus, string job)
    {
        var uri = $"{prometheus}api/v1/targets/metadata?match_target={Uri.EscapeDataString($"{{job=\"{job}\"}}")}";
        using var json = JsonDocument.Parse(await _http.GetStringAsync(uri));
        return json.RootElement.GetProperty("data").EnumerateArray().ToDictionary(
            row => row.GetProperty("metric").GetString()!,
            row => (row.GetProperty("type").GetString()!, row.GetProperty("help").GetString()!));
    }

    private async Task<List<(Dictionary<string, string> Metric, double Value)>> QueryAsync(Uri prometheus, string query)
    {
        using var json = JsonDocument.Parse(
            await _http.GetStringAsync($"{prometheus}api/v1/query?query={Uri.EscapeDataString(query)}"));
        return
        [
            .. json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(row => (
                row.GetProperty("metric").EnumerateObject()
                    .ToDictionary(label => label.Name, label => label.Value.GetString()!),
                double.Parse(
                    row.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))),
        ];
    }
}
