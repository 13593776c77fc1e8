using System.Text;
using Hostscope.Gateway.Prometheus;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: Prometheus' own checker finds nothing that it does not find in node_exporter. Method: Debian's promtool over
/// our answer and over node_exporter's.
/// </summary>
public sealed class PromtoolTests(ITestOutputHelper output)
{
    /// <summary>
    /// What promtool says of names that are node_exporter's, made of the kernel's: <c>node_memory_MemFree_bytes</c>.
    /// </summary>
    private const string CamelCase = "metric names should be written in 'snake_case' not 'camelCase'";

    [Fact]
    public async Task Promtool_has_no_complaint_but_of_names_that_are_node_exporters()
    {
        await using var server = await TestServer.StartAsync();
        await server.ScrapeAsync();
        await Eventually.TrueAsync(
            async () => (await server.ScrapeAsync()).Types.ContainsKey("node_filesystem_size_bytes"),
            "the slow sources have answered");
        var text = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var complaints = await CheckAsync(text);
        output.WriteLine(string.Join("\n", complaints));
        Assert.All(complaints, complaint =>
        {
            Assert.StartsWith("node_", complaint, StringComparison.Ordinal);
            Assert.EndsWith(CamelCase, complaint, StringComparison.Ordinal);
        });
        Assert.Empty(await CheckAsync(WithoutKernelNames(text)));
    }

    [Fact]
    public async Task Promtool_reads_every_label_value_that_a_device_can_have()
    {
        using var text = new TextFormat();
        var family = new Family("corpus", FamilyType.Gauge, "Escapes \\ and \n.");
        text.Header(family);
        foreach (var value in (string[])["", "\"", "\\", "\n", "\\n", "a\"b", "{}", "é☃𝄞", "\t", "\u0001", "\uFFFD"])
        {
            text.Sample(TextFormat.SeriesText("corpus", [("device", value)]), 1, 1);
        }

        Assert.Empty(await CheckAsync(Encoding.UTF8.GetString(text.Written)));
    }

    [Fact]
    public async Task Promtool_does_complain_of_what_is_wrong()
    {
        Assert.NotEmpty(await CheckAsync("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n"));
        Assert.NotEmpty(await CheckAsync("a{b=\"c} 1\n"));
    }

    private static async Task<string[]> CheckAsync(string text)
    {
        var (_, said) = await Tool.RunAsync("promtool", "prometheus", text, "check", "metrics");
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string WithoutKernelNames(string text) => string.Concat(text.Split('\n')
        .Where(line => line.Length > 0 && !IsKernelName(line.StartsWith('#') ? line.Split(' ')[2] : line))
        .Select(line => line + "\n"));

    private static bool IsKernelName(string name) =>
        name.StartsWith("node_memory_", StringComparison.Ordinal)
        || name.StartsWith("node_netstat_", StringComparison.Ordinal);
}
