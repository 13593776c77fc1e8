using System.Text;
using Hostscope.Gateway.Prometheus;
using Hostscope.Model;

namespace Hostscope.Prometheus.Tests;

/// <summary>Goal: what does not change is told in the machine's own words. Method: hosts made by hand.</summary>
public sealed class HostFamiliesTests
{
    [Fact]
    public void Words_are_labels_and_a_machine_without_words_has_no_samples()
    {
        var host = new HostInfo { Id = "a", Name = "a" };
        Assert.Equal(["node_time_seconds"], Write(host).Types.Keys);
        var scrape = Write(host with
        {
            BootUnixMs = 1_764_000_000_000,
            Words = new HostWords(
                new Dictionary<string, string> { ["sysname"] = "Linux", ["release"] = "6.1.0-28-amd64" },
                new Dictionary<string, string> { ["ID"] = "debian", ["VERSION_ID"] = "12", ["NAME"] = "Debian" },
                new Dictionary<string, string> { ["sys_vendor"] = "Dell Inc.", ["bios_date"] = "01/02/2025" }),
        });
        Assert.Equal(1_764_000_000, scrape.Families["node_boot_time_seconds"].Single().Value);
        var uname = scrape.Families["node_uname_info"].Single().Labels;
        Assert.Equal(("Linux", "6.1.0-28-amd64", ""), (uname["sysname"], uname["release"], uname["machine"]));
        Assert.Equal("debian", scrape.Families["node_os_info"].Single().Labels["id"]);
        Assert.Equal("", scrape.Families["node_os_info"].Single().Labels["variant"]);
        Assert.Equal(12, scrape.Families["node_os_version"].Single().Value);
        Assert.Equal("Dell Inc.", scrape.Families["node_dmi_info"].Single().Labels["system_vendor"]);
    }

    [Theory]
    [InlineData("12", 12_000_000_000)]
    [InlineData("24.04", 24_040_000_000)]
    [InlineData("3.19.1", 3_190_000_000L)]
    [InlineData("22.04.3 LTS", 22_040_000_000)]
    [InlineData("9.", 9_000_000_000)]
    [InlineData("rolling", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("20251124201530999", null)]
    public void The_version_is_its_major_and_minor_number(string? text, long? expected) =>
        Assert.Equal(expected, HostFamilies.TryVersion(text, out var number) ? number : null);

    private static Scrape Write(HostInfo host)
    {
        using var text = new TextFormat();
        HostFamilies.Write(text, host, 1_764_000_001_500);
        return Scrape.Parse(Encoding.UTF8.GetString(text.Written));
    }
}
