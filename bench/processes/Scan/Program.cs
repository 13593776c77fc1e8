using System.Globalization;
using System.Runtime.InteropServices;
using Hostscope.Collectors;
using Hostscope.Collectors.Processes;
using Hostscope.Model;

namespace Hostscope.Bench.Processes;

/// <summary>
/// Measures the process table on the machine it runs on, at one tick a second.
/// <code>
/// scan cost TICKS       mean CPU time per scan, after three scans of warm-up, and bytes allocated
/// scan balance TICKS    each tick: CPUs busy, of all processes, unattributed, short-lived; then their mean
/// scan rows TICKS       the processes of the interval that used CPU: pid, CPUs, bytes a second read and written, KB
/// </code>
/// </summary>
internal static partial class Program
{
    private const int WarmUp = 3;

    /// <summary>CLOCK_PROCESS_CPUTIME_ID: user and system time of all threads, as the C programs measure it.</summary>
    private const int ProcessCpuTime = 2;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    private static int Main(string[] args)
    {
        if (args.Length != 2 || !int.TryParse(args[1], Plain, out var ticks) || ticks < 1)
        {
            Console.Error.WriteLine("usage: scan cost|balance|rows TICKS");
            return 2;
        }

        using var host = new SampledHost();
        switch (args[0])
        {
            case "cost":
                Cost(host, ticks);
                return 0;
            case "balance":
                Balance(host, ticks);
                return 0;
            case "rows":
                Rows(host, ticks);
                return 0;
            default:
                Console.Error.WriteLine($"{args[0]}: cost, balance and rows are known.");
                return 2;
        }
    }

    private static void Cost(SampledHost host, int ticks)
    {
        double totalUs = 0;
        var result = CollectResult.Ok;
        long allocated = 0;
        var due = TimeProvider.System.GetTimestamp();
        for (var tick = 0; tick < ticks + WarmUp; tick++)
        {
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var before = CpuUs();
            result = host.Processes.Collect();
            if (tick >= WarmUp)
            {
                totalUs += CpuUs() - before;
                allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            }

            due = WaitForNext(due);
        }

        Console.WriteLine(string.Create(
            Plain,
            $"{"Hostscope",-14} {host.Processes.Table.Count,5} processes  {totalUs / ticks,8:F0} us/tick") +
            string.Create(Plain, $"  {allocated / ticks} B"));
        if (result.Reason is not null)
        {
            Console.WriteLine(string.Create(Plain, $"{host.Processes.Table.Hidden} hidden: {result.Reason}"));
        }
    }

    private static void Balance(SampledHost host, int ticks)
    {
        var first = host.Tick();
        var previous = first;
        double summed = 0;
        double rest = 0;
        var due = TimeProvider.System.GetTimestamp();
        for (var tick = 0; tick < ticks; tick++)
        {
            due = WaitForNext(due);
            var now = host.Tick();
            summed += Print($"{tick + 1,5}", previous, now, out var unattributed);
            rest += unattributed;
            previous = now;
        }

        var busy = DeriveProcesses.BusyCpus(first.Frame, previous.Frame);
        var both = (summed + rest) / ticks;
        Console.WriteLine(string.Create(
            Plain,
            $"mean of {ticks} ticks: processes {summed / ticks:F4} + unattributed {rest / ticks:F4} = {both:F4}"));
        Console.WriteLine(string.Create(Plain, $"host {busy:F4}, off {(both - busy) / busy * 100:F2} %"));
    }

    private static double Print(string name, Moment previous, Moment now, out double unattributed)
    {
        var rates = new ProcessRates[now.Table.Count];
        DeriveProcesses.Rates(previous.Table, now.Table, rates);
        var busy = DeriveProcesses.BusyCpus(previous.Frame, now.Frame);
        var attributed = DeriveProcesses.AttributedCpus(rates);
        unattributed = DeriveProcesses.Unattributed(previous.Frame, now.Frame, rates);
        var shortLived = DeriveProcesses.ShortLived(previous.Frame, now.Frame, previous.Table, now.Table);
        var off = busy > 0 ? (attributed + unattributed - busy) / busy * 100 : 0;
        Console.WriteLine(string.Create(
            Plain,
            $"{name}  host {busy:F4}  processes {attributed:F4}  unattributed {unattributed:F4}  ") +
            string.Create(Plain, $"off {off:F2} %  short-lived {shortLived}"));
        return attributed;
    }

    private static void Rows(SampledHost host, int ticks)
    {
        var first = host.Tick();
        var due = TimeProvider.System.GetTimestamp();
        for (var tick = 0; tick < ticks; tick++)
        {
            due = WaitForNext(due);
        }

        var last = host.Tick();
        var rates = new ProcessRates[last.Table.Count];
        DeriveProcesses.Rates(first.Table, last.Table, rates);
        for (var i = 0; i < rates.Length; i++)
        {
            var row = last.Table.Rows[i];
            if (rates[i].Cpu >= 0.005 || rates[i].WriteBytes > 0 || rates[i].ReadBytes > 0)
            {
                Console.WriteLine(string.Create(
                    Plain,
                    $"{row.Info.Pid,7} {rates[i].Cpu,7:F3} {rates[i].ReadBytes,12:F0} {rates[i].WriteBytes,12:F0} ") +
                    $"{row.RssBytes / 1024,9} {row.Info.Name} {row.Info.Arguments}");
            }
        }
    }

    private static long WaitForNext(long due)
    {
        due += TimeProvider.System.TimestampFrequency;
        var left = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), due);
        if (left > TimeSpan.Zero)
        {
            Thread.Sleep(left);
        }

        return due;
    }

    private static double CpuUs()
    {
        Span<long> time = stackalloc long[2];
        _ = GetTime(ProcessCpuTime, time);
        return (time[0] * 1e6) + (time[1] / 1e3);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Span<long> time);
}

/// <summary>A frame and the process table of the same tick.</summary>
internal sealed record Moment(Frame Frame, ProcessTable Table);

/// <summary>This machine as the sampler sees it.</summary>
internal sealed class SampledHost : IDisposable
{
    private readonly FrameBuilder _builder = new();
    private readonly CollectorContext _context;
    private readonly ICollector _cpu;
    private long _sequence;

    public SampledHost()
    {
        _context = new CollectorContext(new HostRoots(), _builder, TimeProvider.System);
        _cpu = Registry.Create(_context).Single(collector => collector.Name == "cpu");
        Processes = new ProcessCollector(_context, new ProcessOptions());
    }

    public ProcessCollector Processes { get; }

    /// <summary>One tick, copied.</summary>
    public Moment Tick()
    {
        _builder.Begin();
        var monotonicNs = TimeProvider.System.GetTimestamp() * (1_000_000_000 / TimeProvider.System.TimestampFrequency);
        _cpu.Collect();
        Processes.Collect();
        var moment = new Moment(new Frame(), new ProcessTable());
        moment.Frame.CopyFrom(_builder.Build(++_sequence, 0, monotonicNs));
        moment.Table.CopyFrom(Processes.Table);
        return moment;
    }

    public void Dispose() => _context.Dispose();
}
