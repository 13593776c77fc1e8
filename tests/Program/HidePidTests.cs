using System.Globalization;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: where the kernel hides the processes of others, their number is said and everything else is whole. Method: the
/// published binary over a real /proc with hidepid: among the processes of all, which needs root, and beside a process
/// with more privileges, in namespaces that any user may make.
/// </summary>
public sealed class HidePidTests
{
    /// <summary>A minute of frames; the table is there after the first few.</summary>
    private const int MostFrames = 300;

    private const string Hidden = "hostscope_processes_hidden ";

    private static readonly string[] AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    /// <summary>Only root may mount a /proc in which there are processes of other users.</summary>
    public static TheoryData<string> Modes =>
        Environment.IsPrivilegedProcess ? ["invisible", "noaccess"] : ["noaccess"];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_hidden_processes_are_counted_and_the_machine_is_shown_whole(string mode)
    {
        using var scratch = new Scratch();
        await using var server = await Server.StartByAsync(
            mode == "invisible" ? AmongOthers(scratch) : InNamespaces(scratch),
            "--interval", "0.2", "--data-dir", scratch.File("data"));
        await using var viewer = await server.ViewAsync();
        using var http = new HttpClient();
        string[] metrics;
        var frames = 0;
        do
        {
            Assert.True(++frames < MostFrames, "The number of hidden processes is never told.");

            // The table is scanned once somebody has asked for it.
            await viewer.FirstAsync("frame");
            var text = await http.GetStringAsync(
                new Uri(server.Address, "/metrics"), TestContext.Current.CancellationToken);
            metrics = text.Split('\n');
        }
        while (!metrics.Any(line => line.StartsWith(Hidden, StringComparison.Ordinal)));

        var hidden = metrics.Single(line => line.StartsWith(Hidden, StringComparison.Ordinal))[Hidden.Length..];
        var count = long.Parse(hidden, CultureInfo.InvariantCulture);
        Assert.True(mode == "invisible" ? count > 0 : count == 1, $"{count} processes are hidden.");
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

    private static string[] AmongOthers(Scratch scratch) =>
    [
        "unshare", "-m", "sh", "-c",
        $"mount -t proc -o hidepid=invisible proc /proc && exec {string.Join(' ', AsNobody)} \"$0\" \"$@\"",
        BinaryForAll(scratch),
    ];

    /// <summary>
    /// There is one user in there, and one process that may not be looked into: the first, which keeps the privileges
    /// of the namespace while ours gives them up. Not as root, whose group sees through hidepid.
    /// </summary>
    private static string[] InNamespaces(Scratch scratch) =>
    [
        .. Environment.IsPrivilegedProcess ? AsNobody : [],
        "unshare", "--user", "--map-root-user", "--pid", "--mount", "--fork", "--kill-child", "sh", "-c",
        "mount -t proc -o hidepid=noaccess proc /proc && "
            + "setpriv --bounding-set=-all --inh-caps=-all -- \"$0\" \"$@\"; exit $?",
        BinaryForAll(scratch),
    ];

    private static string BinaryForAll(Scratch scratch)
    {
        var binary = scratch.File("hostscope");
        File.Copy(Server.Binary, binary);
        Scratch.SetMode(scratch.Path, "777");
        Scratch.SetMode(binary, "755");
        return binary;
    }
}
