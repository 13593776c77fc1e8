using System.Globalization;
using System.Runtime.Versioning;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: where the kernel hides the processes of others, their number is said and everything else is whole. Method: the
/// published binary as the user nobody, over a real /proc with hidepid=2 in a mount namespace of its own.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class HidePidTests
{
    private const string Hidden = "hostscope_processes_hidden ";

    [Fact]
    public async Task The_hidden_processes_are_counted_and_the_machine_is_shown_whole()
    {
        Assert.True(Environment.IsPrivilegedProcess, "A /proc of one's own with hidepid needs root.");
        using var scratch = new Scratch();
        var binary = Path.Combine(scratch.Path, "hostscope");
        File.Copy(Server.Binary, binary);
        File.SetUnixFileMode(scratch.Path, File.GetUnixFileMode(scratch.Path)
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        string[] command =
        [
            "unshare", "-m", "sh", "-c",
            "mount -t proc -o hidepid=2 proc /proc && "
                + "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" \"$@\"",
            binary,
        ];
        await using var server = await Server.StartByAsync(command, "--interval", "0.2");
        await using var viewer = await server.ViewAsync();
        using var http = new HttpClient();
        string[] metrics;
        do
        {
            // The table is scanned once somebody has asked for it.
            await viewer.FirstAsync("frame");
            var text = await http.GetStringAsync(
                new Uri(server.Address, "/metrics"), TestContext.Current.CancellationToken);
            metrics = text.Split('\n');
        }
        while (!metrics.Any(line => line.StartsWith(Hidden, StringComparison.Ordinal)));

        var hidden = metrics.Single(line => line.StartsWith(Hidden, StringComparison.Ordinal))[Hidden.Length..];
        Assert.True(long.Parse(hidden, CultureInfo.InvariantCulture) > 0, $"{hidden} processes are hidden.");
        Assert.All(
            ["node_cpu_seconds_total{", "node_memory_MemTotal_bytes ", "node_load1 ", "node_boot_time_seconds ",
                "node_disk_reads_completed_total{", "node_network_receive_bytes_total{"],
            name => Assert.Contains(metrics, line => line.StartsWith(name, StringComparison.Ordinal)));
        var hello = await server.HelloAsync();
        var capability = hello.GetProperty("capabilities").EnumerateArray()
            .Single(capability => capability.GetProperty("name").GetString() == "processes");
        Assert.False(capability.GetProperty("available").GetBoolean());
        Assert.Contains("hidepid", capability.GetProperty("reason").GetString(), StringComparison.Ordinal);
        await server.EndWellAsync();
    }
}
