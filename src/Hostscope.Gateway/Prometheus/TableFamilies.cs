using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// Families of our own from the process and cgroup tables. The label values are names and paths; how many there are is
/// bounded by <see cref="TopN{T}"/>, so the number of series is places times families.
/// </summary>
internal static class TableFamilies
{
    private static readonly Family Groups = Gauge("process_groups", "Names of processes, shown here or not.");

    private static readonly Family HiddenProcesses =
        Gauge("processes_hidden", "Processes that the kernel hides from Hostscope (hidepid).");

    private static readonly Family CgroupCount = Gauge("cgroups", "Cgroups, shown here or not.");

    private static readonly Column<ProcessGroup>[] GroupColumns =
    [
        new(Counter("process_group_major_page_faults_total", "Page faults that had to wait for a device."),
            group => group.Totals.MajorFaults),
        new(Gauge("process_group_processes", "Processes of the name."), group => group.Processes),
        new(Counter("process_group_read_bytes_total", "Bytes fetched from storage."),
            group => group.HasIo ? group.Totals.ReadBytes : Frame.Absent),
        new(Gauge("process_group_resident_memory_bytes",
            "Resident memory; shared pages are counted in each process that has them."), group => group.RssBytes),
        new(Gauge("process_group_threads", "Threads of the processes of the name."), group => group.Threads),
        new(Counter("process_group_written_bytes_total", "Bytes sent to storage."),
            group => group.HasIo ? group.Totals.WriteBytes : Frame.Absent),
    ];

    private static readonly Family GroupCpu = Counter("process_group_cpu_seconds_total",
        "CPU time of the processes of the name, those that ended included, by mode.");

    private static readonly Family CgroupInfo =
        Gauge("cgroup_info", "What people call a cgroup, and what it is; the value is always 1.");

    private static readonly Column<CgroupSample>[] CgroupColumns =
    [
        new(Gauge("cgroup_cpu_limit_cpus", "CPUs it may use at once."), row => row.CpuLimitMilli, 1000),
        new(Counter("cgroup_cpu_seconds_total", "CPU time."), row => row.CpuUsageUs, 1_000_000),
        new(Counter("cgroup_cpu_system_seconds_total", "CPU time in kernel mode."), row => row.CpuSystemUs, 1_000_000),
        new(Counter("cgroup_cpu_throttled_seconds_total", "Time it was held back by its CPU limit."),
            row => row.ThrottledUs, 1_000_000),
        new(Counter("cgroup_cpu_user_seconds_total", "CPU time in user mode."), row => row.CpuUserUs, 1_000_000),
        new(Counter("cgroup_cpu_waiting_seconds_total", "Time some of its tasks waited for a CPU."),
            row => row.CpuStallUs, 1_000_000),
        new(Counter("cgroup_io_waiting_seconds_total", "Time some of its tasks waited for I/O."),
            row => row.IoStallUs, 1_000_000),
        new(Gauge("cgroup_memory_bytes", "Memory charged to it, page cache included."), row => row.MemoryBytes),
        new(Gauge("cgroup_memory_limit_bytes", "Memory it may have."), row => row.MemoryLimitBytes),
        new(Counter("cgroup_memory_waiting_seconds_total", "Time some of its tasks waited for memory."),
            row => row.MemoryStallUs, 1_000_000),
        new(Counter("cgroup_oom_kills_total", "Its processes that were killed for want of memory."),
            row => row.OomKills),
        new(Counter("cgroup_read_bytes_total", "Bytes read from devices."), row => row.ReadBytes),
        new(Gauge("cgroup_tasks", "Processes and threads in it."), row => row.Tasks),
        new(Counter("cgroup_written_bytes_total", "Bytes written to devices."), row => row.WriteBytes),
    ];

    /// <summary>Every family that can be written here.</summary>
    public static IEnumerable<Family> All =>
    [
        Groups, HiddenProcesses, CgroupCount, GroupCpu, CgroupInfo,
        .. GroupColumns.Select(column => column.Family), .. CgroupColumns.Select(column => column.Family),
    ];

    /// <summary>Writes the groups of processes.</summary>
    public static void Write(TextFormat text, ProcessGroups groups)
    {
        Single(text, HiddenProcesses, groups.Hidden);
        Single(text, Groups, groups.Count);
        var shown = groups.Shown.ToList();
        if (shown.Count == 0)
        {
            return;
        }

        text.Header(GroupCpu);
        foreach (var group in shown)
        {
            text.Sample(Series(GroupCpu, ("group", group.Name), ("mode", "system")),
                group.Totals.SystemTicks, Metrics.UserHz);
            text.Sample(Series(GroupCpu, ("group", group.Name), ("mode", "user")),
                group.Totals.UserTicks, Metrics.UserHz);
        }

        Write(text, GroupColumns, shown, "group", group => group.Name);
    }

    /// <summary>Writes the cgroups.</summary>
    public static void Write(TextFormat text, TopCgroups cgroups)
    {
        Single(text, CgroupCount, cgroups.Count);
        var shown = cgroups.Shown.ToList();
        if (shown.Count == 0)
        {
            return;
        }

        text.Header(CgroupInfo);
        foreach (var row in shown)
        {
            text.Sample(Series(CgroupInfo, ("kind", NameOf(row.Info.Kind)), ("name", row.Info.Name),
                ("path", row.Info.Path)), 1, 1);
        }

        Write(text, CgroupColumns, shown, "path", row => row.Info.Path);
    }

    private static void Write<T>(
        TextFormat text, Column<T>[] columns, List<T> rows, string label, Func<T, string> labelOf)
    {
        foreach (var column in columns)
        {
            var hasHeader = false;
            foreach (var row in rows)
            {
                var value = column.Value(row);
                if (value == Frame.Absent)
                {
                    continue;
                }

                if (!hasHeader)
                {
                    text.Header(column.Family);
                    hasHeader = true;
                }

                text.Sample(Series(column.Family, (label, labelOf(row))), value, column.Scale);
            }
        }
    }

    private static void Single(TextFormat text, Family family, long value)
    {
        if (value != Frame.Absent)
        {
            text.Header(family);
            text.Sample(Series(family), value, 1);
        }
    }

    private static byte[] Series(Family family, params ReadOnlySpan<(string, string)> labels) =>
        TextFormat.SeriesText(family.Name, labels);

    private static string NameOf(CgroupKind kind) => kind switch
    {
        CgroupKind.Root => "root",
        CgroupKind.Slice => "slice",
        CgroupKind.Unit => "unit",
        CgroupKind.Container => "container",
        _ => "group",
    };

    private static Family Gauge(string name, string help) => new($"hostscope_{name}", FamilyType.Gauge, help);

    private static Family Counter(string name, string help) => new($"hostscope_{name}", FamilyType.Counter, help);

    /// <summary>A family with one sample a row.</summary>
    private sealed record Column<T>(Family Family, Func<T, long> Value, long Scale = 1);
}
