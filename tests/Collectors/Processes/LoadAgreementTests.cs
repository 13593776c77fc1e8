using System.Diagnostics;
using System.Globalization;
using Hostscope.Collectors.Processes;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: what the table says of a process under load is what others say of it, and the processes with what none of
/// them accounts for are the host. Method: a child that computes and a child that writes, watched for the same five
/// seconds by us, ps(1), top(1) and pidstat(1). Other programs disturb every measurement: one of a few must agree.
/// </summary>
public sealed class LoadAgreementTests : IDisposable
{
    private const int Rounds = 4;
    private const int Seconds = 5;

    private readonly FrameBuilder _builder = new();
    private readonly CollectorContext _context;
    private readonly ICollector _cpu;
    private readonly ProcessCollector _processes;
    private readonly string _file = Path.Combine(AppContext.BaseDirectory, $"load-{Environment.ProcessId}");
    private long _sequence;

    public LoadAgreementTests()
    {
        _context = new CollectorContext(new HostRoots(), _builder, TimeProvider.System);
        _cpu = Registry.Create(_context).Single(collector => collector.Name == "cpu");
        _processes = new ProcessCollector(_context, new ProcessOptions());
    }

    public void Dispose()
    {
        _context.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task Cpu_memory_and_io_agree_with_ps_top_and_pidstat_and_the_sum_is_the_host()
    {
        // Each turn writes 64 KiB to storage: pages count when they become dirty.
        using var busy = Process.Start("sh", ["-c", "while :; do :; done"]);
        using var writer = Process.Start("sh", ["-c", $"while :; do printf %065536d 0 > '{_file}'; done"]);
        try
        {
            var differences = new List<string>();
            for (var round = 0; round < Rounds; round++)
            {
                differences.Clear();
                differences.AddRange(await CompareAsync(busy.Id, writer.Id));
                if (differences.Count == 0)
                {
                    return;
                }
            }

            Assert.Empty(differences);
        }
        finally
        {
            busy.Kill();
            writer.Kill();
            await busy.WaitForExitAsync(CancellationToken.None);
            await writer.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<List<string>> CompareAsync(int busyPid, int writerPid)
    {
        var before = Tick();
        var pidstat = RunAsync("pidstat", "-u", "-d", "-r", "-h", "-p", $"{busyPid},{writerPid}", $"{Seconds}", "1");
        var top = RunAsync("top", "-b", "-d", $"{Seconds}", "-n", "2", "-w", "200", "-p", $"{busyPid}");
        var statistics = await pidstat;
        var ps = await RunAsync("ps", "-o", "cputimes=,rss=", "-p", $"{busyPid}");
        var after = Tick();
        var rates = new ProcessRates[after.Table.Count];
        DeriveProcesses.Rates(before.Table, after.Table, rates);
        var rows = after.Table.Rows.ToArray();
        var (at, atWriter) = (rows.ToList().FindIndex(row => row.Info.Pid == busyPid),
            rows.ToList().FindIndex(row => row.Info.Pid == writerPid));
        var (row, rate, written) = (rows[at], rates[at], rates[atWriter]);
        Assert.True(rate.Cpu > 0.02 && written.WriteBytes > 50_000, $"The children are not busy: {rate}, {written}.");

        var (columns, ofWriter) = (Pidstat(statistics, busyPid), Pidstat(statistics, writerPid));
        var lastOfTop = (await top).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var psWords = ps.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var result = new List<string>();
        Near(result, "CPU of pidstat", rate.Cpu, Number(columns["%CPU"]) / 100, 0.05, 0.02);
        Near(result, "CPU of top", rate.Cpu, Number(lastOfTop[8]) / 100, 0.05, 0.02);
        Near(result, "CPU time of ps", (row.UserTicks + row.SystemTicks) / 100.0, Number(psWords[0]), 0.01, 1);
        Near(result, "bytes written of pidstat", written.WriteBytes, Number(ofWriter["kB_wr/s"]) * 1024, 0.1, 100_000);
        Near(result, "bytes read of pidstat", written.ReadBytes, Number(ofWriter["kB_rd/s"]) * 1024, 0.1, 100_000);
        Near(result, "RSS of pidstat", row.RssBytes, Number(columns["RSS"]) * 1024, 0.05, 262_144);
        Near(result, "RSS of ps", row.RssBytes, Number(psWords[1]) * 1024, 0.05, 262_144);

        // A hypervisor's steal is in the time of the processes and not in that of the host's CPUs.
        var busy = DeriveProcesses.BusyCpus(before.Frame, after.Frame);
        var sum = DeriveProcesses.AttributedCpus(rates)
            + DeriveProcesses.Unattributed(before.Frame, after.Frame, rates);
        Near(result, "the host's CPU", sum, busy, 0.01, Stolen(before.Frame, after.Frame));
        return result;
    }

    private (Frame Frame, ProcessTable Table) Tick()
    {
        _builder.Begin();
        Assert.Equal(CollectResult.Ok, _cpu.Collect());
        _processes.Collect();
        var table = new ProcessTable();
        table.CopyFrom(_processes.Table);
        var frame = new Frame();
        frame.CopyFrom(_builder.Build(++_sequence, table.UnixMs, table.MonotonicNs));
        return (frame, table);
    }

    private static double Stolen(Frame before, Frame after)
    {
        var (from, to) = (before.Raw(Metrics.CpuTime, "steal"), after.Raw(Metrics.CpuTime, "steal"));
        return from == Frame.Absent || to == Frame.Absent
            ? 0
            : (to - from) / 100.0 / ((after.MonotonicNs - before.MonotonicNs) / 1e9);
    }

    private static void Near(
        List<string> into, string what, double ours, double theirs, double tolerance, double least)
    {
        if (!(Math.Abs(ours - theirs) <= Math.Max(theirs * tolerance, least)))
        {
            into.Add(FormattableString.Invariant($"{what}: ours {ours}, theirs {theirs}"));
        }
    }

    /// <summary>The figures of a process by the heads of their columns.</summary>
    /// <remarks>
    /// <code>
    /// Linux 6.12.41 (host) 	2026-11-24 	_x86_64_	(2 CPU)
    ///
    /// # Time        UID       PID    %usr %system  %guest   %wait    %CPU   CPU  minflt/s ...  Command
    /// 21:14:03        0     41231   12.00   86.00    0.00    1.00   98.00     1      0.00 ...  sh
    /// </code>
    /// </remarks>
    private static Dictionary<string, string> Pidstat(string text, int pid)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var head = Array.FindIndex(lines, line => line.StartsWith('#'));
        Assert.True(head >= 0, text);
        var names = lines[head][1..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var values = lines[(head + 1)..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Single(words => words[2] == pid.ToString(CultureInfo.InvariantCulture));
        return names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["LC_ALL"] = "C";
        start.Environment["S_TIME_FORMAT"] = "ISO";
        start.Environment["TERM"] = "dumb";
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return text;
    }
}
