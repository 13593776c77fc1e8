using System.Diagnostics;
using System.Globalization;
using Hostscope.Collectors.Processes;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: on the machine that runs the tests the table agrees with what the kernel says to others, at no allocation.
/// Method: this process, a child, and ps(1).
/// </summary>
public sealed class RealProcessesTests : IDisposable
{
    private const StringComparison Exactly = StringComparison.Ordinal;

    private readonly CollectorContext _context = new(new HostRoots(), new FrameBuilder(), TimeProvider.System);
    private readonly ProcessTable _table = new();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void A_scan_allocates_nothing_once_every_process_has_been_seen()
    {
        using var scanner = new ProcessScanner(_context);

        // Other programs start and end meanwhile, which allocates: one scan in many that found no change shows it.
        var fewest = long.MaxValue;
        for (var i = 0; i < 200 && fewest != 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            scanner.Scan(_table);
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, fewest);
        Assert.True(_table.Count > 1);
    }

    [Fact]
    public void This_process_is_in_the_table_as_it_knows_itself()
    {
        using var scanner = new ProcessScanner(_context);
        Assert.NotEqual(CollectStatus.Unavailable, scanner.Scan(_table).Status);
        var self = _table.Rows.ToArray().Single(row => row.Info.Pid == Environment.ProcessId);
        using var known = Process.GetCurrentProcess();
        Assert.Equal(Environment.UserName, self.Info.User);
        Assert.InRange(self.RssBytes, known.WorkingSet64 / 2, known.WorkingSet64 * 2);
        Assert.InRange((self.UserTicks + self.SystemTicks) / 100.0, 0, known.TotalProcessorTime.TotalSeconds + 0.02);
        Assert.True(self.Threads > 1);
        Assert.NotEqual(Frame.Absent, self.ReadBytes);
        Assert.StartsWith("/", self.Info.Cgroup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_appears_with_its_secret_masked_and_goes()
    {
        using var scanner = new ProcessScanner(_context);
        using (var child = Process.Start("sleep", ["600"]))
        using (var other = Process.Start("sh", ["-c", "while :; do read x; done", "--password=geheim1"]))
        {
            FakeHost.WaitFor(
                () => Find(scanner, other.Id)?.Info.Arguments is { } text && text.EndsWith("=***", Exactly),
                "the child did not appear");
            var row = Find(scanner, child.Id)!.Value;
            Assert.Equal(("sleep", "600"), (row.Info.Name, row.Info.Arguments));
            Assert.Equal(Environment.ProcessId, row.Info.ParentPid);
            child.Kill();
            other.Kill();
            child.WaitForExit();
            other.WaitForExit();
            Assert.Null(Find(scanner, child.Id));
        }
    }

    [Fact]
    public void The_table_agrees_with_ps()
    {
        using var scanner = new ProcessScanner(_context);
        scanner.Scan(_table);
        var before = _table.Rows.ToArray().ToDictionary(row => row.Info.Pid);
        var listed = Ps();
        scanner.Scan(_table);
        var after = _table.Rows.ToArray().ToDictionary(row => row.Info.Pid);
        var compared = 0;
        foreach (var (pid, words) in listed)
        {
            // Only what was the same before and after can be compared with what ps saw in between.
            if (!before.TryGetValue(pid, out var row) || !after.TryGetValue(pid, out var later)
                || !ReferenceEquals(row.Info, later.Info) || row.Threads != later.Threads
                || row.UserTicks + row.SystemTicks != later.UserTicks + later.SystemTicks)
            {
                continue;
            }

            compared++;
            Assert.Equal(row.Info.ParentPid, int.Parse(words[1], CultureInfo.InvariantCulture));
            var rss = long.Parse(words[2], CultureInfo.InvariantCulture) * 1024;
            Assert.InRange(rss, (row.RssBytes * 0.9) - 1_000_000, (row.RssBytes * 1.1) + 1_000_000);
            Assert.Equal(row.Threads, int.Parse(words[3], CultureInfo.InvariantCulture));
            Assert.Equal(row.Nice.ToString(CultureInfo.InvariantCulture), words[4] == "-" ? "0" : words[4]);
            if (row.Info.Name.All(char.IsAscii) && !row.Info.Name.Any(char.IsControl))
            {
                Assert.StartsWith(row.Info.Name, words[5], StringComparison.Ordinal); // ps writes others with '?'.
            }
        }

        Assert.True(compared * 2 > listed.Count, $"{compared} of {listed.Count} could be compared.");
    }

    private static Dictionary<int, string[]> Ps()
    {
        var start = new ProcessStartInfo("ps", ["-eo", "pid=,ppid=,rss=,nlwp=,ni=,comm="])
        {
            RedirectStandardOutput = true,
        };
        using var ps = Process.Start(start)!;
        var text = ps.StandardOutput.ReadToEnd();
        ps.WaitForExit();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToDictionary(words => int.Parse(words[0], CultureInfo.InvariantCulture));
    }

    private ProcessSample? Find(ProcessScanner scanner, int pid)
    {
        scanner.Scan(_table);
        var found = _table.Rows.ToArray().Where(row => row.Info.Pid == pid).ToList();
        return found.Count == 0 ? null : found[0];
    }
}
