namespace Hostscope.Model;

/// <summary>
/// THE schema table: one row a metric. Codec, wire, history, documentation and page read it; none of them names a
/// metric of its own. A new metric is a collector, a row here, and a regenerated golden file.
/// </summary>
public static class Metrics
{
    private const MetricKind Gauge = MetricKind.Gauge;
    private const MetricKind Counter = MetricKind.Counter;

    /// <summary>
    /// USER_HZ: the kernel reports CPU time to user space in 1/100 s on every architecture we run on.
    /// </summary>
    public const int UserHz = 100;

    private static readonly List<Metric> Rows = [];

    // ---- CPU: /proc/stat ----

    /// <summary>
    /// CPU time of the whole machine per mode. The modes are not disjoint: see the row's description.
    /// </summary>
    public static readonly Metric CpuTime = Row(new("system.cpu.time", "s", Counter, ["cpu.mode"],
        "CPU time summed over all CPUs (/proc/stat, line cpu). user includes guest, nice includes guest_nice.")
    { Scale = UserHz });

    /// <summary>CPU time of one logical CPU per mode.</summary>
    public static readonly Metric CoreTime = Row(new("system.cpu.time", "s", Counter,
        ["cpu.logical_number", "cpu.mode"],
        "CPU time of one logical CPU (/proc/stat, lines cpuN), keyed by the kernel's CPU id.")
    { Scale = UserHz, Topic = Topics.Cores });

    /// <summary>Number of logical CPUs that are online.</summary>
    public static readonly Metric CpuCount = Row(new("system.cpu.logical.count", "{cpu}", Gauge, [],
        "Logical CPUs online (lines cpuN of /proc/stat).")
    { RollUp = RollUp.Last });

    // ---- What the scheduler did: /proc/stat ----

    /// <summary>Tasks by state, as far as /proc/stat counts them.</summary>
    public static readonly Metric ProcessCount = Row(new("system.process.count", "{process}", Gauge, ["process.state"],
        "Tasks running or ready to run, and blocked by I/O (/proc/stat, procs_running and procs_blocked)."));

    /// <summary>Processes and threads created since boot.</summary>
    public static readonly Metric ProcessCreated = Row(new("system.process.created", "{process}", Counter, [],
        "Processes and threads created (/proc/stat, processes)."));

    /// <summary>Context switches over all CPUs.</summary>
    public static readonly Metric ContextSwitches = Row(new("system.cpu.context_switches", "{switch}", Counter, [],
        "Context switches over all CPUs (/proc/stat, ctxt)."));

    /// <summary>Interrupts serviced.</summary>
    public static readonly Metric Interrupts = Row(new("system.cpu.interrupts", "{interrupt}", Counter, [],
        "Interrupts serviced over all CPUs (/proc/stat, first number of intr)."));

    // ---- Load: /proc/loadavg ----

    /// <summary>Load average over one minute, in runnable plus uninterruptible tasks.</summary>
    public static readonly Metric Load1 = Row(new("system.cpu.load_average.1m", "{task}", Gauge, [],
        "Load average over 1 minute (/proc/loadavg).")
    { Scale = 100 });

    /// <summary>Load average over five minutes.</summary>
    public static readonly Metric Load5 = Row(new("system.cpu.load_average.5m", "{task}", Gauge, [],
        "Load average over 5 minutes (/proc/loadavg).")
    { Scale = 100 });

    /// <summary>Load average over fifteen minutes.</summary>
    public static readonly Metric Load15 = Row(new("system.cpu.load_average.15m", "{task}", Gauge, [],
        "Load average over 15 minutes (/proc/loadavg).")
    { Scale = 100 });

    /// <summary>Processes and threads that exist.</summary>
    public static readonly Metric ThreadCount = Row(new("system.thread.count", "{thread}", Gauge, [],
        "Processes and threads that exist (/proc/loadavg, the number behind the slash)."));

    // ---- Memory: /proc/meminfo ----

    /// <summary>Memory the kernel manages.</summary>
    public static readonly Metric MemoryLimit = Row(new("system.memory.limit", "By", Gauge, [],
        "Memory the kernel manages (/proc/meminfo, MemTotal).")
    { RollUp = RollUp.Last });

    /// <summary>A partition of <see cref="MemoryLimit"/>: its states add up to it exactly.</summary>
    public static readonly Metric MemoryUsage = Row(new("system.memory.usage", "By", Gauge, ["system.memory.state"],
        "Memory by use: used (programs), shared (Shmem), kernel (unreclaimable slab, stacks, page tables, per-CPU), " +
        "cached (page cache, buffers, reclaimable slab), free. The five add up to system.memory.limit."));

    /// <summary>The kernel's estimate of what a new program could have without swapping.</summary>
    public static readonly Metric MemoryAvailable = Row(new("system.memory.linux.available", "By", Gauge, [],
        "Estimate of memory available to new programs without swapping (/proc/meminfo, MemAvailable)."));

    /// <summary>Every line of /proc/meminfo as the kernel gives it.</summary>
    public static readonly Metric MemoryInfo = Row(new("linux.memory.meminfo", "By", Gauge, ["linux.meminfo.field"],
        "One line of /proc/meminfo under the kernel's name, in bytes where the kernel says kB."));

    // ---- Swap and paging: /proc/meminfo, /proc/vmstat ----

    /// <summary>Swap space by state.</summary>
    public static readonly Metric SwapUsage = Row(new("system.paging.usage", "By", Gauge, ["system.paging.state"],
        "Swap space used and free (/proc/meminfo, SwapTotal and SwapFree)."));

    /// <summary>Bytes swapped in and out.</summary>
    public static readonly Metric SwapIo = Row(new("system.paging.io", "By", Counter, ["system.paging.direction"],
        "Bytes swapped in and out (/proc/vmstat, pswpin and pswpout, times the page size)."));

    /// <summary>Page faults by kind.</summary>
    public static readonly Metric PageFaults = Row(new("system.paging.faults", "{fault}", Counter,
        ["system.paging.fault.type"], "Page faults: minor and major (/proc/vmstat, pgfault and pgmajfault)."));

    /// <summary>Processes killed because memory ran out.</summary>
    public static readonly Metric OomKills = Row(new("system.memory.oom_kills", "{kill}", Counter, [],
        "Processes that the kernel killed because memory ran out (/proc/vmstat, oom_kill; since Linux 4.13)."));

    // ---- Disks: /proc/diskstats ----

    /// <summary>Bytes transferred.</summary>
    public static readonly Metric DiskIo = Row(new("system.disk.io", "By", Counter,
        ["system.device", "disk.io.direction"], "Bytes read and written (/proc/diskstats, sectors times 512)."));

    /// <summary>Requests completed.</summary>
    public static readonly Metric DiskOperations = Row(new("system.disk.operations", "{operation}", Counter,
        ["system.device", "disk.io.direction"], "Requests completed (/proc/diskstats)."));

    /// <summary>Time requests took, summed over requests.</summary>
    public static readonly Metric DiskOperationTime = Row(new("system.disk.operation_time", "s", Counter,
        ["system.device", "disk.io.direction"], "Time spent by requests, summed over requests (/proc/diskstats).")
    { Scale = 1000 });

    /// <summary>Requests merged with a neighbour before they were issued.</summary>
    public static readonly Metric DiskMerged = Row(new("system.disk.merged", "{operation}", Counter,
        ["system.device", "disk.io.direction"], "Requests merged into another before issue (/proc/diskstats)."));

    /// <summary>Time during which the device had at least one request: its rate is the utilisation, 0 to 1.</summary>
    public static readonly Metric DiskIoTime = Row(new("system.disk.io_time", "s", Counter, ["system.device"],
        "Time with at least one request in flight (/proc/diskstats, io_ticks).")
    { Scale = 1000 });

    /// <summary>Time weighted by requests in flight: its rate is the mean queue length.</summary>
    public static readonly Metric DiskWeightedIoTime = Row(new("system.disk.weighted_io_time", "s", Counter,
        ["system.device"], "Time multiplied by the requests in flight (/proc/diskstats, time_in_queue).")
    { Scale = 1000 });

    /// <summary>Requests in flight now.</summary>
    public static readonly Metric DiskPending = Row(new("system.disk.pending_operations", "{operation}", Gauge,
        ["system.device"], "Requests in flight at the moment of the sample (/proc/diskstats)."));

    // ---- Network: /proc/net/dev ----

    /// <summary>Bytes received and transmitted.</summary>
    public static readonly Metric NetworkIo = Row(new("system.network.io", "By", Counter,
        ["network.interface.name", "network.io.direction"], "Bytes received and transmitted (/proc/net/dev)."));

    /// <summary>Packets received and transmitted.</summary>
    public static readonly Metric NetworkPackets = Row(new("system.network.packet.count", "{packet}", Counter,
        ["network.interface.name", "network.io.direction"], "Packets received and transmitted (/proc/net/dev)."));

    /// <summary>Errors of the interface.</summary>
    public static readonly Metric NetworkErrors = Row(new("system.network.errors", "{error}", Counter,
        ["network.interface.name", "network.io.direction"], "Errors of the interface (/proc/net/dev, errs)."));

    /// <summary>Packets dropped by the interface.</summary>
    public static readonly Metric NetworkDropped = Row(new("system.network.packet.dropped", "{packet}", Counter,
        ["network.interface.name", "network.io.direction"], "Packets dropped (/proc/net/dev, drop)."));

    // ---- Filesystems: statvfs(3) on each mount of /proc/self/mountinfo ----

    /// <summary>Space by state: used, free (to everyone), reserved (free to root only).</summary>
    public static readonly Metric FilesystemUsage = Row(new("system.filesystem.usage", "By", Gauge,
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.state"],
        "Space of a file system (statvfs): used, free, reserved for root."));

    /// <summary>Inodes by state: used, free.</summary>
    public static readonly Metric FilesystemInodes = Row(new("system.filesystem.inodes.usage", "{inode}", Gauge,
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type", "system.filesystem.state"],
        "Inodes of a file system (statvfs): used, free."));

    /// <summary>Whether the file system answered: 1, or 0 when statvfs has not come back for 3 s.</summary>
    public static readonly Metric FilesystemResponding = Row(new("system.filesystem.responding", "1", Gauge,
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type"],
        "1 when statvfs answered, 0 when it has not come back for 3 s (a hung mount).")
    { RollUp = RollUp.Last });

    // ---- Uptime: /proc/uptime ----

    /// <summary>Time since boot, suspend included.</summary>
    public static readonly Metric Uptime = Row(new("system.uptime", "s", Gauge, [],
        "Time since boot (/proc/uptime).")
    { Scale = 100, RollUp = RollUp.Last });

    // ---- Our own cost ----

    /// <summary>Wall time a collector took in this tick.</summary>
    public static readonly Metric CollectorDuration = Row(new("hostscope.collector.duration", "s", Gauge,
        ["hostscope.collector"], "Wall time the collector took in this tick.")
    { Scale = 1_000_000 });

    /// <summary>1 when the collector gave its values in this tick, 0 when it failed.</summary>
    public static readonly Metric CollectorSuccess = Row(new("hostscope.collector.success", "1", Gauge,
        ["hostscope.collector"], "1 when the collector gave its values in this tick, 0 when it failed.")
    { RollUp = RollUp.Last });

    /// <summary>How long after its due time the tick began.</summary>
    public static readonly Metric TickLateness = Row(new("hostscope.tick.lateness", "s", Gauge, [],
        "How long after its due time the tick began.")
    { Scale = 1_000_000 });

    /// <summary>Every row, in the order of this table.</summary>
    public static IReadOnlyList<Metric> All => Rows;

    private static Metric Row(Metric metric)
    {
        metric.Index = Rows.Count;
        Rows.Add(metric);
        return metric;
    }
}
