using System.Globalization;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// The process and the cgroup table at two instants, as text: what was read of each row, then what is derived of it. Of
/// a table that is too long to be read in review, the sum by name and each hundredth row.
/// </summary>
internal static class GoldenTables
{
    /// <summary>Rows up to which a table is written whole.</summary>
    private const int WholeUpTo = 200;

    private const int OneOf = 100;

    public static IEnumerable<string> Processes(
        (Frame Frame, ProcessTable Table) before, (Frame Frame, ProcessTable Table) after)
    {
        var rates = new ProcessRates[after.Table.Count];
        DeriveProcesses.Rates(before.Table, after.Table, rates);
        var rows = after.Table.Rows.ToArray();
        yield return $"{rows.Length} processes, {Raw(after.Table.Hidden)} hidden, "
            + $"every {after.Table.IntervalTicks} tick";
        yield return $"CPUs busy {Text(DeriveProcesses.BusyCpus(before.Frame, after.Frame))}, "
            + $"with these processes {Text(DeriveProcesses.AttributedCpus(rates))}, "
            + $"with none {Text(DeriveProcesses.Unattributed(before.Frame, after.Frame, rates))}";
        yield return "born and gone between: "
            + Raw(DeriveProcesses.ShortLived(before.Frame, after.Frame, before.Table, after.Table));
        var lines = rows.Select((row, i) => Line(row, rates[i])).ToArray();
        if (lines.Length > WholeUpTo)
        {
            foreach (var name in rows.GroupBy(row => row.Info.Name).OrderBy(name => name.Key, StringComparer.Ordinal))
            {
                yield return FormattableString.Invariant($"{name.Key}: {name.Count()} processes, ")
                    + FormattableString.Invariant($"{name.Sum(row => row.UserTicks + row.SystemTicks)} ticks, ")
                    + FormattableString.Invariant($"{name.Sum(row => row.RssBytes)} bytes");
            }
        }

        foreach (var line in Some(lines))
        {
            yield return line;
        }
    }

    public static IEnumerable<string> Cgroups(CgroupTable before, CgroupTable after)
    {
        var rates = new CgroupRates[after.Count];
        DeriveCgroups.Rates(before, after, rates);
        yield return FormattableString.Invariant($"{after.Count} groups, every {after.IntervalTicks} tick");
        foreach (var line in Some([.. after.Rows.ToArray().Select((row, i) => Line(row, rates[i]))]))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Some(string[] lines) =>
        lines.Where((_, i) => lines.Length <= WholeUpTo || i % OneOf == 0);

    private static string Line(in ProcessSample row, in ProcessRates rates)
    {
        var info = row.Info;
        return FormattableString.Invariant($"{info.Pid} started {info.StartTicks} parent {info.ParentPid} ")
            + FormattableString.Invariant($"user {info.UserId} {info.User ?? "-"} state {row.State} ")
            + FormattableString.Invariant($"threads {row.Threads} priority {row.Priority} nice {row.Nice} ")
            + $"ticks {Raw(row.UserTicks)} {Raw(row.SystemTicks)} rss {Raw(row.RssBytes)} "
            + $"read {Raw(row.ReadBytes)} written {Raw(row.WriteBytes)} faults {Raw(row.MajorFaults)} | "
            + $"cpu {Text(rates.Cpu)} read {Text(rates.ReadBytes)} written {Text(rates.WriteBytes)} | "
            + $"{info.Cgroup ?? "-"} | {(info.IsKernelThread ? "kernel " : "")}{info.Name} | {info.Arguments ?? "-"}";
    }

    private static string Line(in CgroupSample row, in CgroupRates rates) =>
        $"{row.Info.Path} {row.Info.Kind} {row.Info.Name} "
            + $"cpu {Raw(row.CpuUsageUs)} {Raw(row.CpuUserUs)} {Raw(row.CpuSystemUs)} "
            + $"throttled {Raw(row.ThrottledUs)} of {Raw(row.CpuLimitMilli)} "
            + $"memory {Raw(row.MemoryBytes)} of {Raw(row.MemoryLimitBytes)} killed {Raw(row.OomKills)} "
            + $"read {Raw(row.ReadBytes)} written {Raw(row.WriteBytes)} tasks {Raw(row.Tasks)} "
            + $"waited {Raw(row.CpuStallUs)} {Raw(row.MemoryStallUs)} {Raw(row.IoStallUs)} | "
            + $"cpu {Text(rates.CpuCores)} throttled {Text(rates.ThrottledShare)} "
            + $"read {Text(rates.ReadBytesPerSecond)} written {Text(rates.WriteBytesPerSecond)} "
            + $"waited {Text(rates.CpuStallShare)} {Text(rates.MemoryStallShare)} {Text(rates.IoStallShare)}";

    private static string Raw(long value) =>
        value == Frame.Absent ? "-" : value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double value) =>
        double.IsNaN(value) ? "-" : value.ToString("G10", CultureInfo.InvariantCulture);
}
