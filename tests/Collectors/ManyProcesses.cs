using System.Globalization;
using System.Text;

namespace Hostscope.Collectors.Tests;

/// <summary>Files that are made when they are asked for, for a tree that would be too large to keep.</summary>
internal interface IGeneratedFiles
{
    /// <summary>The content of a file, <c>null</c> when there is none.</summary>
    byte[]? Content(string instant, string path);

    /// <summary>What a folder holds, <c>null</c> when there is none.</summary>
    IReadOnlyList<(string Name, bool IsDirectory)>? Names(string instant, string path);
}

/// <summary>
/// Thousands of processes in sixty services, the same in every run. Until <c>t1</c> every 97th has ended, and as many
/// have come: the first under the number of one that ended, the others under new ones.
/// </summary>
internal sealed class ManyProcesses(int count) : IGeneratedFiles
{
    private const int FirstPid = 300;
    private const int Services = 60;
    private const string Slice = "/host/sys/fs/cgroup/system.slice";

    private static readonly string[] ProcessFiles = ["cgroup", "cmdline", "io", "stat", "statm", "status"];

    private readonly Dictionary<string, IReadOnlyList<(string Name, bool IsDirectory)>> _listings = new()
    {
        ["t0"] = Pids("t0", count),
        ["t1"] = Pids("t1", count),
    };

    private int Born => count / 97;

    public byte[]? Content(string instant, string path)
    {
        var words = path.Split('/');
        var text = words switch
        {
            ["", "host", "proc", var pid, var file] when IsThere(instant, pid, out var number) =>
                OfProcess(instant, number, file),
            ["", "host", "sys", "fs", "cgroup", "cpu.stat"] => Times(2_000_000_000L + Ticks(instant, 60_000)),
            ["", "host", "sys", "fs", "cgroup", "system.slice", "cpu.stat"] =>
                Times(1_900_000_000L + Ticks(instant, 50_000)),
            ["", "host", "sys", "fs", "cgroup", "system.slice", var group, var file] when ServiceOf(group) is { } of =>
                OfService(instant, of, file),
            _ => null,
        };
        return text is null ? null : Encoding.UTF8.GetBytes(text);
    }

    public IReadOnlyList<(string Name, bool IsDirectory)>? Names(string instant, string path) => path switch
    {
        "/host/proc" => _listings[instant],
        "/host/sys/fs/cgroup" => [("cpu.stat", false), ("system.slice", true)],
        Slice => [("cpu.stat", false), .. Enumerable.Range(0, Services).Select(of => ($"app{of:00}.service", true))],
        _ when path.StartsWith(Slice + "/", StringComparison.Ordinal) && ServiceOf(path[(Slice.Length + 1)..]) >= 0 =>
            [("cpu.stat", false), ("memory.current", false), ("pids.current", false)],
        _ when path.Split('/') is ["", "host", "proc", var pid] && IsThere(instant, pid, out _) =>
            [.. ProcessFiles.Select(name => (name, false))],
        _ => null,
    };

    private static List<(string Name, bool IsDirectory)> Pids(string instant, int count) =>
    [
        .. Enumerable.Range(FirstPid, count + (count / 97))
            .Where(pid => pid < FirstPid + count
                ? instant == "t0" || pid % 97 != 0 || pid == FirstEnded
                : instant == "t1" && pid > FirstPid + count)
            .Select(pid => (pid.ToString(CultureInfo.InvariantCulture), true)),
    ];

    private static int FirstEnded => (FirstPid + 96) / 97 * 97;

    private static long Ticks(string instant, long inASecond) => instant == "t1" ? inASecond : 0;

    private static int? ServiceOf(string group) => group.StartsWith("app", StringComparison.Ordinal)
        && group.EndsWith(".service", StringComparison.Ordinal)
        && int.TryParse(group[3..^8], CultureInfo.InvariantCulture, out var of) && of < Services ? of : null;

    private static string Times(long us) =>
        Invariant($"usage_usec {us}\nuser_usec {us / 2}\nsystem_usec {us - (us / 2)}\n");

    private static string? OfService(string instant, int of, string file) => file switch
    {
        "cpu.stat" => Times((of * 1_000_003L) + Ticks(instant, of * 500)),
        "memory.current" => Invariant($"{(of + 1) * 4096 * 1024L}\n"),
        "pids.current" => "84\n",
        _ => null,
    };

    private bool IsThere(string instant, string name, out int pid) =>
        int.TryParse(name, CultureInfo.InvariantCulture, out pid) && pid >= FirstPid && pid <= FirstPid + count + Born
        && _listings[instant].Any(entry => entry.Name == name);

    private string? OfProcess(string instant, int pid, string file)
    {
        var isNew = pid > FirstPid + count || (pid == FirstEnded && instant == "t1");
        var user = isNew ? 0 : (pid * 7919L % 90_000) + Ticks(instant, pid % 1000 == 0 ? 5 + (pid % 7) : 0);
        var start = isNew ? 4_612_050 : 1_000 + pid;
        var pages = 200 + (pid % 1000);
        var of = pid % Services;
        return file switch
        {
            "stat" => Invariant(
                $"{pid} (worker-{pid % 20}) S 1 {pid} {pid} 0 -1 4194304 35 0 {pid % 5} 0 {user} {user / 4} 0 0 20 0 ")
                + Invariant($"{1 + (pid % 3)} 0 {start} 5128192 {pages} 18446744073709551615 1\n"),
            "statm" => Invariant($"{pages * 3} {pages} 90 12 0 400 0\n"),
            "status" => Invariant($"Name:\tworker-{pid % 20}\nUid:\t{of}\t{of}\t{of}\t{of}\n"),
            "cmdline" => Invariant($"/usr/bin/worker-{pid % 20}\0--number\0{pid}\0"),
            "cgroup" => Invariant($"0::/system.slice/app{of:00}.service\n"),
            "io" => Invariant($"rchar: 1\nwchar: 2\nread_bytes: {pid * 4096}\n")
                + Invariant($"write_bytes: {(pid * 512L) + Ticks(instant, pid % 250 == 0 ? 8192 : 0)}\n")
                + "cancelled_write_bytes: 0\n",
            _ => null,
        };
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
