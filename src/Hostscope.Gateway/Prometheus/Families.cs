using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// THE table of what <c>/metrics</c> tells: which row of <see cref="Metrics"/> becomes which family. Names, types,
/// labels and units are node_exporter's, so that rules and dashboards made for it work unchanged; where it has no
/// family for a row, the name begins with <c>hostscope_</c>.
/// </summary>
internal static partial class Families
{
    /// <summary>Every rule.</summary>
    public static IReadOnlyList<Rule> All { get; } =
        [.. Cpu, .. Memory, .. Disks, .. Filesystems, .. Network, .. Stack, .. Sensors, .. Clock, .. Own];

    /// <summary>
    /// Rows that no rule reads, with the reason. A row that is neither here nor in a rule fails a test.
    /// </summary>
    public static IReadOnlyDictionary<Metric, string> NotShown { get; } = new Dictionary<Metric, string>
    {
        [Metrics.CpuTime] = "the sum of node_cpu_seconds_total over cpu",
        [Metrics.CpuCount] = "count of node_cpu_seconds_total by cpu",
        [Metrics.MemoryLimit] = "node_memory_MemTotal_bytes",
        [Metrics.MemoryUsage] = "made of node_memory_*_bytes, which are all there",
        [Metrics.MemoryAvailable] = "node_memory_MemAvailable_bytes",
        [Metrics.SwapUsage] = "node_memory_SwapTotal_bytes and node_memory_SwapFree_bytes",
        [Metrics.Uptime] = "node_time_seconds minus node_boot_time_seconds",
    };

    private const FamilyType Gauge = FamilyType.Gauge;
    private const FamilyType Counter = FamilyType.Counter;
    private const FamilyType Untyped = FamilyType.Untyped;
    private const long KibibyteBytes = 1024;

    /// <summary>
    /// What counts of pages are multiplied with. The kernel that the frame comes from is the one we run on: this is the
    /// exporter of the local machine.
    /// </summary>
    private static long PageBytes => Environment.SystemPageSize;

    private static Rule[] Cpu =>
    [
        .. CpuModes.Select(mode => new Rule(
            Metrics.CoreTime, "node_cpu_seconds_total", Counter, "Seconds the CPUs spent in each mode.")
        {
            Where = Is("cpu.mode", mode),
            Labels = [("cpu", "cpu.logical_number"), ("mode", "cpu.mode")],
        }),
        GuestTime("guest", "user"),
        GuestTime("guest_nice", "nice"),
        Plain(Metrics.ContextSwitches, "node_context_switches_total", Counter, "Total number of context switches."),
        Plain(Metrics.Interrupts, "node_intr_total", Counter, "Total number of interrupts serviced."),
        Plain(Metrics.ProcessCreated, "node_forks_total", Counter, "Total number of forks."),
        new(Metrics.ProcessCount, "node_procs_running", Gauge, "Number of processes in runnable state.")
        { Where = Is("process.state", "running") },
        new(Metrics.ProcessCount, "node_procs_blocked", Gauge,
            "Number of processes blocked waiting for I/O to complete.")
        { Where = Is("process.state", "blocked") },
        Plain(Metrics.Load1, "node_load1", Gauge, "1m load average."),
        Plain(Metrics.Load5, "node_load5", Gauge, "5m load average."),
        Plain(Metrics.Load15, "node_load15", Gauge, "15m load average."),
        Plain(Metrics.ThreadCount, "node_processes_threads", Gauge, "Allocated threads in system"),
        new(Metrics.CpuFrequency, "node_cpu_scaling_frequency_hertz", Gauge,
            "Current scaled CPU thread frequency in hertz.")
        { Labels = [("cpu", "cpu.logical_number")] },
        new(Metrics.CpuFrequencyLimit, "node_cpu_frequency_max_hertz", Gauge, "Maximum cpu thread frequency in hertz.")
        { Labels = [("cpu", "cpu.logical_number")] },
        Stall("cpu", "some", "cpu_waiting", "Total time in seconds that processes have waited for CPU time"),
        Stall("io", "some", "io_waiting", "Total time in seconds that processes have waited due to IO congestion"),
        Stall("io", "full", "io_stalled",
            "Total time in seconds no process could make progress due to IO congestion"),
        Stall("memory", "some", "memory_waiting", "Total time in seconds that processes have waited for memory"),
        Stall("memory", "full", "memory_stalled",
            "Total time in seconds no process could make progress due to memory congestion"),
        Stall("irq", "full", "irq_stalled",
            "Total time in seconds no process could make progress due to IRQ congestion"),
    ];

    /// <summary>Modes that partition time; guest and guest_nice are part of user and nice.</summary>
    private static string[] CpuModes => ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];

    private static Rule[] Memory =>
    [
        new(Metrics.MemoryInfo, "node_memory_{linux.meminfo.field}_bytes", Gauge,
            "Memory information field {linux.meminfo.field}_bytes.")
        { Where = series => !IsHugePageCount(series) },

        // The fields of /proc/meminfo without the unit kB: numbers of pages.
        new(Metrics.MemoryInfo, "node_memory_{linux.meminfo.field}", Gauge,
            "Memory information field {linux.meminfo.field}.")
        { Where = IsHugePageCount },
        new(Metrics.NumaMemory, "node_memory_numa_{linux.meminfo.field}", Gauge,
            "Memory information field {linux.meminfo.field}.")
        { Labels = [("node", "linux.numa.node")] },
        new(Metrics.NumaAllocations, "node_memory_numa_{linux.numa.event}_total", Counter,
            "Memory information field {linux.numa.event}_total.")
        { Labels = [("node", "linux.numa.node")] },
        Vmstat(Metrics.OomKills, "oom_kill"),
        Vmstat(Metrics.PageFaults, "pgfault") with { Terms = 2 },
        Vmstat(Metrics.PageFaults, "pgmajfault") with { Where = Is("system.paging.fault.type", "major") },
        Vmstat(Metrics.SwapIo, "pswpin") with
        { Where = Is("system.paging.direction", "in"), Divide = PageBytes },
        Vmstat(Metrics.SwapIo, "pswpout") with
        { Where = Is("system.paging.direction", "out"), Divide = PageBytes },
        Vmstat(Metrics.PagingDeviceIo, "pgpgin") with
        { Where = Is("system.paging.direction", "in"), Divide = KibibyteBytes },
        Vmstat(Metrics.PagingDeviceIo, "pgpgout") with
        { Where = Is("system.paging.direction", "out"), Divide = KibibyteBytes },
    ];

    private static Rule[] Clock =>
    [
        Plain(Metrics.TimeSynchronized, "node_timex_sync_status", Gauge,
            "Is clock synchronized to a reliable server (1 = yes, 0 = no)."),
        Plain(Metrics.TimeOffset, "node_timex_offset_seconds", Gauge,
            "Time offset in between local system and reference clock."),
        new(Metrics.TimeError, "node_timex_estimated_error_seconds", Gauge, "Estimated error in seconds.")
        { Where = Is("linux.time.error.kind", "estimated") },
        new(Metrics.TimeError, "node_timex_maxerror_seconds", Gauge, "Maximum error in seconds.")
        { Where = Is("linux.time.error.kind", "maximum") },
        new(Metrics.TimeFrequency, "node_timex_frequency_adjustment_ratio", Gauge, "Local clock frequency adjustment.")
        { Add = 1 },
        Timex("status", "status", "Value of the status array bits."),
        Timex("loop_time_constant", "loop_time_constant", "Phase-locked loop time constant."),
        Timex("tick", "tick_seconds", "Seconds between clock ticks."),
        Timex("tai", "tai_offset_seconds", "International Atomic Time (TAI) offset."),
    ];

    private static Rule[] Own =>
    [
        new(Metrics.CollectorDuration, "node_scrape_collector_duration_seconds", Gauge,
            "node_exporter: Duration of a collector scrape.")
        { Labels = [("collector", "hostscope.collector")] },
        new(Metrics.CollectorSuccess, "node_scrape_collector_success", Gauge,
            "node_exporter: Whether a collector succeeded.")
        { Labels = [("collector", "hostscope.collector")] },
        Plain(Metrics.TickLateness, "hostscope_tick_lateness_seconds", Gauge,
            "How long after its due time the last tick began."),
    ];

    private static Rule Plain(Metric metric, string name, FamilyType type, string help) =>
        new(metric, name, type, help);

    private static Rule GuestTime(string mode, string shown) =>
        new(Metrics.CoreTime, "node_cpu_guest_seconds_total", Counter,
            "Seconds the CPUs spent in guests (VMs) for each mode.")
        {
            Where = Is("cpu.mode", mode),
            Labels = [("cpu", "cpu.logical_number"), new LabelRule("mode", _ => shown)],
        };

    private static Rule Stall(string resource, string stall, string name, string help) =>
        new(Metrics.PressureStallTime, $"node_pressure_{name}_seconds_total", Counter, help)
        {
            Where = series => Rule.ValueOf(series, "system.pressure.resource") == resource
                && Rule.ValueOf(series, "system.pressure.stall") == stall,
        };

    private static Rule Timex(string field, string name, string help) =>
        new(Metrics.TimeKernel, $"node_timex_{name}", Gauge, help) { Where = Is("linux.timex.field", field) };

    private static Rule Vmstat(Metric metric, string field) =>
        new(metric, $"node_vmstat_{field}", Untyped, $"/proc/vmstat information field {field}.");

    private static bool IsHugePageCount(Series series) =>
        Rule.ValueOf(series, "linux.meminfo.field").StartsWith("HugePages_", StringComparison.Ordinal);

    private static Func<Series, bool> Is(string label, params string[] values) =>
        series => values.Contains(Rule.ValueOf(series, label));
}
