namespace Hostscope.Model;

/// <summary>
/// What a process did per second between two tables; <see cref="Derive.Absent"/> where that is not known.
/// </summary>
/// <param name="Cpu">CPUs busy: 1.5 is one and a half CPUs.</param>
/// <param name="ReadBytes">Bytes fetched from storage per second.</param>
/// <param name="WriteBytes">Bytes sent to storage per second.</param>
public readonly record struct ProcessRates(double Cpu, double ReadBytes, double WriteBytes);

/// <summary>
/// Turns two process tables into rates, and says what no process accounts for. Pure, like <see cref="Derive"/>: the
/// live view and the past go through the same lines.
/// </summary>
public static class DeriveProcesses
{
    private const double NsPerTick = 1e9 / Metrics.UserHz;

    /// <summary>Fills <paramref name="rates"/> with the rates of each row of <paramref name="current"/>.</summary>
    /// <remarks>
    /// A process is the same one when its id and its start time are. One that is not in the earlier table was born
    /// since, as the kernel leaves none out, and everything it has used belongs to the interval. It can also have
    /// become visible since (hidepid), and then everything it ever used would appear as the work of a second. Births
    /// tell them apart: who was born since started no earlier than the youngest process of the earlier table, give or
    /// take the time that its scan took; one that is older than that by more than the interval has no rates the first
    /// time.
    /// </remarks>
    /// <param name="previous">An earlier table of the same host; <c>null</c> when there is none: no rates.</param>
    /// <param name="current">The table to derive.</param>
    /// <param name="rates">At least as many as <paramref name="current"/> has rows.</param>
    public static void Rates(ProcessTable? previous, ProcessTable current, Span<ProcessRates> rates)
    {
        ArgumentNullException.ThrowIfNull(current);
        var absent = new ProcessRates(Derive.Absent, Derive.Absent, Derive.Absent);
        if (previous is null)
        {
            rates[..current.Count].Fill(absent);
            return;
        }

        var elapsedNs = current.MonotonicNs - previous.MonotonicNs;
        var bornSince = EarliestBirthSince(previous, elapsedNs);
        var before = previous.Rows;
        var now = current.Rows;
        var old = 0;
        for (var i = 0; i < now.Length; i++)
        {
            ref readonly var row = ref now[i];
            if (TryFind(before, row.Info, ref old))
            {
                ref readonly var earlier = ref before[old];
                rates[i] = Between(CpuTicks(earlier), earlier.ReadBytes, earlier.WriteBytes, row, elapsedNs);
            }
            else
            {
                rates[i] = row.Info.StartTicks >= bornSince ? Between(0, 0, 0, row, elapsedNs) : absent;
            }
        }
    }

    /// <summary>
    /// CPUs that the host was busy with, and that no process of the table accounts for: interrupts outside of any
    /// process, the last moments of processes that have ended, and the whole of those that lived between two scans.
    /// </summary>
    /// <param name="previous">The frame of the earlier table (same <see cref="Frame.Sequence"/>).</param>
    /// <param name="current">The frame of the table.</param>
    /// <param name="rates">What <see cref="Rates"/> gave for the table.</param>
    /// <returns>
    /// At least 0: ticks of 10 ms on both sides can make the sum over processes the larger one. Absent when the host's
    /// CPU time is.
    /// </returns>
    public static double Unattributed(Frame? previous, Frame current, ReadOnlySpan<ProcessRates> rates)
    {
        var busy = BusyCpus(previous, current);
        return double.IsNaN(busy) ? Derive.Absent : Math.Max(0, busy - AttributedCpus(rates));
    }

    /// <summary>CPUs busy with the processes of a table, those without a rate left out.</summary>
    public static double AttributedCpus(ReadOnlySpan<ProcessRates> rates)
    {
        var sum = 0.0;
        foreach (ref readonly var rate in rates)
        {
            sum += double.IsNaN(rate.Cpu) ? 0 : rate.Cpu;
        }

        return sum;
    }

    /// <summary>
    /// CPUs that the host was busy with between two frames: user, nice, system, irq and softirq. Not idle and iowait,
    /// not steal, in which another machine had the CPU, and not guest, which user contains.
    /// </summary>
    /// <returns>At least 0, or <see cref="Derive.Absent"/> when a frame does not have it.</returns>
    public static double BusyCpus(Frame? previous, Frame current)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (previous is null)
        {
            return Derive.Absent;
        }

        var sum = 0.0;
        var found = false;
        var elapsedNs = current.MonotonicNs - previous.MonotonicNs;
        foreach (var series in current.Schema.Series)
        {
            if (!ReferenceEquals(series.Metric, Metrics.CpuTime) || !IsBusy(series.LabelValues[0]))
            {
                continue;
            }

            var rate = Derive.Rate(
                previous.ValueOf(series.Id), current.ValueOf(series.Id), elapsedNs, series.Metric.Scale);
            if (!double.IsNaN(rate))
            {
                sum += rate;
                found = true;
            }
        }

        return found ? sum : Derive.Absent;
    }

    /// <summary>
    /// Processes and threads that were born and gone between two scans: those that the kernel created, less those that
    /// the table shows to have come. The kernel counts both in one number, and so does this; a thread that ended in a
    /// process whose threads became no fewer is among them.
    /// </summary>
    /// <param name="previousFrame">The frame of the earlier table.</param>
    /// <param name="currentFrame">The frame of the table.</param>
    /// <param name="previous">The earlier table.</param>
    /// <param name="current">The table.</param>
    /// <returns>At least 0, or <see cref="Frame.Absent"/> when it cannot be told.</returns>
    public static long ShortLived(
        Frame? previousFrame, Frame currentFrame, ProcessTable? previous, ProcessTable current)
    {
        ArgumentNullException.ThrowIfNull(currentFrame);
        ArgumentNullException.ThrowIfNull(current);
        if (previousFrame is null || previous is null)
        {
            return Frame.Absent;
        }

        long createdBefore = Frame.Absent, created = Frame.Absent;
        foreach (var series in currentFrame.Schema.Series)
        {
            if (ReferenceEquals(series.Metric, Metrics.ProcessCreated))
            {
                createdBefore = previousFrame.ValueOf(series.Id);
                created = currentFrame.ValueOf(series.Id);
            }
        }

        if (created == Frame.Absent || createdBefore == Frame.Absent || created < createdBefore)
        {
            return Frame.Absent;
        }

        var seen = 0L;
        var before = previous.Rows;
        var old = 0;
        foreach (ref readonly var row in current.Rows)
        {
            seen += TryFind(before, row.Info, ref old) ? Math.Max(0, row.Threads - before[old].Threads) : row.Threads;
        }

        return Math.Max(0, created - createdBefore - seen);
    }

    /// <summary>Steps through the earlier rows to a process; both tables are in the order of process ids.</summary>
    /// <param name="rows">The earlier rows.</param>
    /// <param name="process">The process to find.</param>
    /// <param name="at">Where the search begins, and where the process is or would be.</param>
    private static bool TryFind(ReadOnlySpan<ProcessSample> rows, ProcessInfo process, ref int at)
    {
        while (at < rows.Length && rows[at].Info.Pid < process.Pid)
        {
            at++;
        }

        return at < rows.Length && rows[at].Info.Pid == process.Pid
            && rows[at].Info.StartTicks == process.StartTicks;
    }

    private static double EarliestBirthSince(ProcessTable previous, long elapsedNs)
    {
        var youngest = 0L;
        foreach (ref readonly var row in previous.Rows)
        {
            youngest = Math.Max(youngest, row.Info.StartTicks);
        }

        return youngest - (elapsedNs / NsPerTick);
    }

    private static ProcessRates Between(
        long cpuTicks, long readBytes, long writeBytes, in ProcessSample now, long elapsedNs) => new(
        Derive.Rate(cpuTicks, CpuTicks(now), elapsedNs, Metrics.UserHz),
        Derive.Rate(readBytes, now.ReadBytes, elapsedNs, 1),
        Derive.Rate(writeBytes, now.WriteBytes, elapsedNs, 1));

    private static long CpuTicks(in ProcessSample sample) =>
        sample.UserTicks == Frame.Absent || sample.SystemTicks == Frame.Absent
            ? Frame.Absent
            : sample.UserTicks + sample.SystemTicks;

    private static bool IsBusy(string mode) => mode is "user" or "nice" or "system" or "irq" or "softirq";
}
