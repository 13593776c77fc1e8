using System.Globalization;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: what a known machine's files mean is written down, and a change of it is seen in review.
/// Method: the whole path over each recorded host, collect(t0), collect(t1), derive, as text beside the host: the
/// series sorted, the process table, the cgroup table.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Hosts => [.. Fixtures.Hosts];

    [Theory]
    [MemberData(nameof(Hosts))]
    public void A_recorded_host_means_what_its_golden_files_say(string host)
    {
        foreach (var (name, lines) in Describe(host))
        {
            var actual = string.Concat(lines.Select(line => line + "\n"));
            var golden = Path.Combine(Fixtures.Folder, host, name);
            if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            {
                File.WriteAllText(golden, actual);
            }

            Assert.True(File.Exists(golden), $"{golden} is missing: run the tests with UPDATE_GOLDEN=1 to write it.");
            Assert.Equal(File.ReadAllText(golden), actual);
        }
    }

    /// <summary>A frame with the rates since another one, a line for each series, sorted.</summary>
    internal static IEnumerable<string> Lines(Frame before, Frame after)
    {
        var values = new double[after.Schema.Count];
        Derive.Values(before, after, values);
        var lines = new List<string>();
        for (var i = 0; i < values.Length; i++)
        {
            var series = after.Schema.Series[i];
            var raw = after.Values[i] == Frame.Absent ? "-" : after.Values[i].ToString(CultureInfo.InvariantCulture);
            var value = double.IsNaN(values[i]) ? "-" : values[i].ToString("G10", CultureInfo.InvariantCulture);
            lines.Add($"{series.Key} {raw} {value} {series.Metric.Unit}");
        }

        return lines.Order(StringComparer.Ordinal);
    }

    private static List<(string File, List<string> Lines)> Describe(string host)
    {
        var files = new FakeFiles(Path.Combine(Fixtures.Folder, host))
        {
            Generated = host == "5000-processes" ? new ManyProcesses(5000) : null,
        };
        using var fake = new FakeHost(files);
        fake.ScanTables();
        var t0 = Fixtures.Instant(host, "t0");
        var t1 = Fixtures.Instant(host, "t1");
        fake.Time.SetUtcNow(t0.Wall);
        var before = fake.TickUntilSettled();
        var info = HostFacts.Read(FakeFiles.Roots, files);
        var processes = new ProcessTable();
        processes.CopyFrom(fake.Processes!.Table);
        var cgroups = new CgroupTable();
        cgroups.CopyFrom(fake.Cgroups!.Table);

        files.Instant = "t1";
        fake.Time.Advance(t1.Monotonic - t0.Monotonic);
        var after = fake.TickUntilSettled();

        List<(string, List<string>)> texts =
            [("golden.txt", [.. Lines(before, after), .. Unavailable(fake), .. Facts(info)])];
        if (fake.Processes.Table.Count > 0)
        {
            texts.Add(("golden-processes.txt",
                [.. GoldenTables.Processes((before, processes), (after, fake.Processes.Table))]));
        }

        if (fake.Cgroups.Table.Count > 0)
        {
            texts.Add(("golden-cgroups.txt", [.. GoldenTables.Cgroups(cgroups, fake.Cgroups.Table)]));
        }

        return texts;
    }

    private static IEnumerable<string> Unavailable(FakeHost fake) => fake.Results
        .Where(pair => pair.Value.Status != CollectStatus.Ok)
        .Select(pair => $"collector {pair.Key}: {pair.Value.Status}: {pair.Value.Reason}"
            + (pair.Value.Remedy is null ? "" : $" | {pair.Value.Remedy}"))
        .Order(StringComparer.Ordinal);

    private static string[] Facts(HostInfo info) =>
    [
        $"host id: {info.Id}", $"host name: {info.Name}",
        .. info.Addresses.Select(a => $"host address: {a.Interface ?? "-"} {a.Address}/{a.PrefixLength?.ToString(
            CultureInfo.InvariantCulture) ?? "-"}"),
        $"host os: {info.OsName} | {info.OsVersion} | {info.OsPrettyName}", $"host kernel: {info.Kernel}",
        $"host architecture: {info.Architecture}", $"host cpu: {info.CpuModel}",
        $"host sockets, cores, threads: {info.CpuSockets}, {info.CpuCores}, {info.CpuThreads}",
        $"host memory, swap: {info.MemoryBytes}, {info.SwapBytes}", $"host boot: {info.BootUnixMs}",
        $"host virtualization: {info.Virtualization}", $"host container: {info.Container}",
        $"host time zone: {info.TimeZone}", $"host hardware: {info.Hardware}",
    ];
}
