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

    /// <summary>Tasks by state. The states that /proc/stat does not count come with the process table.</summary>
    public static readonly Metric ProcessCount = Row(new("system.process.count", "{process}", Gauge, ["process.state"],
        "Tasks running or ready to run, and blocked by I/O (/proc/stat, procs_running and procs_blocked); processes " +
        "sleeping, idle, stopped and defunct (/proc/PID/stat), in ticks in which the process table is scanned."));

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

    /// <summary>Bytes that went through the page cache's devices: swapping, files and all.</summary>
    public static readonly Metric PagingDeviceIo = Row(new("linux.paging.device_io", "By", Counter,
        ["system.paging.direction"],
        "Bytes read from (in) and written to (out) block devices (/proc/vmstat, pgpgin and pgpgout).")
    { Topic = Topics.None });

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

    /// <summary>The counters of /proc/net/dev that are hardly ever anything but 0.</summary>
    public static readonly Metric NetworkDetails = Row(new("linux.network.interface.counters", "1", Counter,
        ["network.interface.name", "network.io.direction", "linux.network.counter"],
        "Further counters of an interface under the kernel's names (/proc/net/dev): fifo, frame, compressed, " +
        "multicast received; fifo, colls, carrier, compressed transmitted.")
    { Topic = Topics.None });

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

    /// <summary>Whether a file system can only be read.</summary>
    public static readonly Metric FilesystemReadOnly = Row(new("linux.filesystem.read_only", "1", Gauge,
        ["system.device", "system.filesystem.mountpoint", "system.filesystem.type"],
        "1 when the file system is mounted read-only, as after an error of its disk, 0 when not.")
    { RollUp = RollUp.Last });

    // ---- Uptime: /proc/uptime ----

    /// <summary>Time since boot, suspend included.</summary>
    public static readonly Metric Uptime = Row(new("system.uptime", "s", Gauge, [],
        "Time since boot (/proc/uptime).")
    { Scale = 100, RollUp = RollUp.Last });

    // ---- Pressure: /proc/pressure ----

    /// <summary>Time in which tasks waited for a resource: its rate is the share of time, 0 to 1.</summary>
    public static readonly Metric PressureStallTime = Row(new("system.pressure.stall_time", "s", Counter,
        ["system.pressure.resource", "system.pressure.stall"],
        "Time in which some task, or all tasks that were not idle (full), waited for cpu, memory, io or irq " +
        "(/proc/pressure, total).")
    { Scale = 1_000_000 });

    // ---- Network stack: /proc/net/snmp, snmp6, netstat, sockstat, sockstat6 ----

    /// <summary>Counters of the IP, ICMP, TCP and UDP layers under the kernel's names.</summary>
    public static readonly Metric NetworkStack = Row(new("linux.network.stack", "1", Counter,
        ["linux.netstat.protocol", "linux.netstat.field"],
        "Counter of a network protocol under the kernel's names, such as Tcp RetransSegs " +
        "(/proc/net/snmp, snmp6 and netstat)."));

    /// <summary>Connections by state, as far as the kernel counts them itself.</summary>
    public static readonly Metric NetworkConnections = Row(new("system.network.connection.count", "{connection}",
        Gauge, ["network.transport", "network.connection.state"],
        "TCP connections established, those in close_wait included (/proc/net/snmp, Tcp CurrEstab), and in " +
        "time_wait (/proc/net/sockstat, TCP tw)."));

    /// <summary>Whether the machine is a router.</summary>
    public static readonly Metric NetworkForwarding = Row(new("linux.network.forwarding", "1", Gauge, [],
        "1 when IPv4 packets of others are forwarded, 2 when not (/proc/net/snmp, Ip Forwarding).")
    { RollUp = RollUp.Last });

    /// <summary>Sockets under the kernel's names.</summary>
    public static readonly Metric Sockets = Row(new("linux.network.sockstat", "1", Gauge,
        ["linux.sockstat.protocol", "linux.sockstat.field"],
        "Sockets of a protocol under the kernel's names, such as TCP inuse; mem counts pages, memory bytes " +
        "(/proc/net/sockstat and sockstat6)."));

    // ---- Connection tracking: /proc/sys/net/netfilter, /proc/net/stat/nf_conntrack ----

    /// <summary>Connections that the packet filter tracks.</summary>
    public static readonly Metric ConntrackCount = Row(new("system.network.conntrack.count", "{entry}", Gauge, [],
        "Connections tracked by the packet filter (/proc/sys/net/netfilter/nf_conntrack_count)."));

    /// <summary>Connections that the packet filter can track.</summary>
    public static readonly Metric ConntrackLimit = Row(new("system.network.conntrack.max", "{entry}", Gauge, [],
        "Connections that can be tracked; packets of further ones are dropped " +
        "(/proc/sys/net/netfilter/nf_conntrack_max).")
    { RollUp = RollUp.Last });

    /// <summary>What happened in the table of tracked connections.</summary>
    public static readonly Metric ConntrackEvents = Row(new("linux.network.conntrack.events", "{event}", Counter,
        ["linux.conntrack.event"],
        "Events of connection tracking over all CPUs under the kernel's names (/proc/net/stat/nf_conntrack)."));

    // ---- Network links: /sys/class/net ----

    /// <summary>Whether a link carries a signal.</summary>
    public static readonly Metric LinkUp = Row(new("hw.network.up", "1", Gauge, ["network.interface.name"],
        "1 when the interface has a carrier, 0 when it has none (/sys/class/net, carrier).")
    { RollUp = RollUp.Last });

    /// <summary>Speed that a link has agreed on.</summary>
    public static readonly Metric LinkSpeed = Row(new("hw.network.bandwidth.limit", "By/s", Gauge,
        ["network.interface.name"],
        "Speed of the link, bytes per second in one direction (/sys/class/net, speed); absent when it has none.")
    { RollUp = RollUp.Last });

    /// <summary>How often a link went up or down.</summary>
    public static readonly Metric LinkChanges = Row(new("linux.network.interface.carrier_changes", "{change}",
        Counter, ["network.interface.name"],
        "How often the link went up or down (/sys/class/net, carrier_changes)."));

    /// <summary>Largest packet of an interface.</summary>
    public static readonly Metric LinkMtu = Row(new("linux.network.interface.mtu", "By", Gauge,
        ["network.interface.name"], "Largest packet that the interface takes (/sys/class/net, mtu).")
    { RollUp = RollUp.Last });

    /// <summary>How often a link went up, and how often down.</summary>
    public static readonly Metric LinkTransitions = Row(new("linux.network.interface.carrier_transitions", "{change}",
        Counter, ["network.interface.name", "linux.network.transition"],
        "How often the link went up and down (/sys/class/net, carrier_up_count and carrier_down_count).")
    { Topic = Topics.None });

    /// <summary>Settings of an interface.</summary>
    public static readonly Metric LinkAttribute = Row(new("linux.network.interface.attribute", "1", Gauge,
        ["network.interface.name", "linux.network.attribute"],
        "Setting of an interface that is a number (/sys/class/net): flags, iface_id, transmit_queue_length, ...; " +
        "up is 1 when operstate is up.")
    { Topic = Topics.None, RollUp = RollUp.Last });

    /// <summary>Words about an interface, as labels of a value that is always 1.</summary>
    public static readonly Metric LinkInfo = Row(new("linux.network.interface.info", "1", Gauge,
        ["network.interface.name", "linux.network.address", "linux.network.broadcast", "linux.network.duplex",
            "linux.network.alias", "linux.network.operstate"],
        "1, with what /sys/class/net says of the interface in words.")
    { Topic = Topics.None, RollUp = RollUp.Last });

    /// <summary>Packets as each CPU takes them from the cards.</summary>
    public static readonly Metric Softnet = Row(new("linux.network.softnet", "1", Counter,
        ["cpu.logical_number", "linux.softnet.counter"],
        "Packets a CPU processed and dropped, and how often it ran out of time (times_squeezed) " +
        "(/proc/net/softnet_stat).")
    { Topic = Topics.None });

    // ---- File descriptors: /proc/sys/fs/file-nr ----

    /// <summary>Open files of the whole machine.</summary>
    public static readonly Metric FileDescriptors = Row(new("linux.file_descriptor.count", "{file_descriptor}", Gauge,
        [], "Files open on the machine (/proc/sys/fs/file-nr)."));

    /// <summary>Open files that the machine allows.</summary>
    public static readonly Metric FileDescriptorLimit = Row(new("linux.file_descriptor.limit", "{file_descriptor}",
        Gauge, [], "Files that may be open on the machine (/proc/sys/fs/file-nr).")
    { RollUp = RollUp.Last });

    // ---- CPU frequency: /sys/devices/system/cpu/cpuN/cpufreq ----

    /// <summary>Frequency a logical CPU runs at.</summary>
    public static readonly Metric CpuFrequency = Row(new("system.cpu.frequency", "Hz", Gauge, ["cpu.logical_number"],
        "Frequency of a logical CPU (/sys/devices/system/cpu, cpufreq/scaling_cur_freq).")
    { Topic = Topics.Cores });

    /// <summary>Highest frequency of a logical CPU.</summary>
    public static readonly Metric CpuFrequencyLimit = Row(new("linux.cpu.frequency.limit", "Hz", Gauge,
        ["cpu.logical_number"],
        "Highest frequency of a logical CPU (/sys/devices/system/cpu, cpufreq/cpuinfo_max_freq).")
    { Topic = Topics.Cores, RollUp = RollUp.Last });

    // ---- Sensors: /sys/class/hwmon, thermal, powercap, power_supply ----

    /// <summary>A temperature.</summary>
    public static readonly Metric Temperature = Row(new("hw.temperature", "Cel", Gauge,
        ["hw.id", "hw.name", "hw.parent"],
        "Temperature of a sensor (/sys/class/hwmon, or /sys/class/thermal where hwmon has none).")
    { Scale = 1000 });

    /// <summary>A temperature at which something should be or is done about it.</summary>
    public static readonly Metric TemperatureLimit = Row(new("hw.temperature.limit", "Cel", Gauge,
        ["hw.id", "hw.name", "hw.parent", "hw.limit_type"],
        "Limit of a temperature sensor: high.degraded (max), high.critical (crit).")
    { Scale = 1000, RollUp = RollUp.Last });

    /// <summary>Speed of a fan.</summary>
    public static readonly Metric FanSpeed = Row(new("hw.fan.speed", "rpm", Gauge, ["hw.id", "hw.name", "hw.parent"],
        "Speed of a fan (/sys/class/hwmon, fanN_input)."));

    /// <summary>A voltage.</summary>
    public static readonly Metric Voltage = Row(new("hw.voltage", "V", Gauge, ["hw.id", "hw.name", "hw.parent"],
        "Voltage of a sensor (/sys/class/hwmon, inN_input).")
    { Scale = 1000 });

    /// <summary>A voltage at which something is wrong.</summary>
    public static readonly Metric VoltageLimit = Row(new("hw.voltage.limit", "V", Gauge,
        ["hw.id", "hw.name", "hw.parent", "hw.limit_type"],
        "Limit of a voltage: low.critical (lcrit), low.degraded (min), high.degraded (max), high.critical (crit).")
    { Scale = 1000, RollUp = RollUp.Last });

    /// <summary>Power drawn now.</summary>
    public static readonly Metric Power = Row(new("hw.power", "W", Gauge, ["hw.id", "hw.name", "hw.parent"],
        "Power measured by a sensor (/sys/class/hwmon, powerN_input) or a battery (/sys/class/power_supply).")
    { Scale = 1_000_000 });

    /// <summary>Energy used: its rate is the power.</summary>
    public static readonly Metric Energy = Row(new("hw.energy", "J", Counter, ["hw.id", "hw.name"],
        "Energy used by a part of the processor (RAPL: /sys/class/powercap, energy_uj); wraps within an hour or so.")
    { Scale = 1_000_000 });

    /// <summary>Charge of a battery.</summary>
    public static readonly Metric BatteryCharge = Row(new("hw.battery.charge", "1", Gauge, ["hw.id", "hw.name"],
        "Charge of a battery, 0 to 1 (/sys/class/power_supply, capacity).")
    { Scale = 100 });

    /// <summary>What a battery is doing.</summary>
    public static readonly Metric BatteryState = Row(new("hw.status", "1", Gauge, ["hw.id", "hw.name", "hw.state"],
        "1 for the state a battery is in, 0 for the others: charging, discharging, full, not_charging " +
        "(/sys/class/power_supply, status).")
    { RollUp = RollUp.Last });

    /// <summary>Whether a mains supply delivers.</summary>
    public static readonly Metric MainsOnline = Row(new("linux.power_supply.online", "1", Gauge, ["hw.id"],
        "1 when a mains or USB supply delivers power, 0 when not (/sys/class/power_supply, online).")
    { RollUp = RollUp.Last });

    // ---- Software RAID: /proc/mdstat ----

    /// <summary>Member disks of an array by state.</summary>
    public static readonly Metric RaidDisks = Row(new("linux.md.disks", "{disk}", Gauge,
        ["linux.md.device", "linux.md.disk.state"],
        "Disks of an array: required, active, failed, spare (/proc/mdstat). Fewer active than required: degraded.")
    { RollUp = RollUp.Last });

    /// <summary>What an array is doing.</summary>
    public static readonly Metric RaidState = Row(new("linux.md.state", "1", Gauge,
        ["linux.md.device", "linux.md.state"],
        "1 for the state an array is in, 0 for the others: active, inactive, recovering, resync, check, reshape " +
        "(/proc/mdstat).")
    { RollUp = RollUp.Last });

    /// <summary>Size of an array.</summary>
    public static readonly Metric RaidSize = Row(new("linux.md.size", "By", Gauge, ["linux.md.device"],
        "Bytes that an array holds (/proc/mdstat, blocks of 1 KiB).")
    { RollUp = RollUp.Last });

    /// <summary>How much of an array is in sync.</summary>
    public static readonly Metric RaidSynced = Row(new("linux.md.synced", "By", Gauge, ["linux.md.device"],
        "Bytes in sync: all, or, in a recovery, resync or check, those of each disk that are done (/proc/mdstat).")
    { RollUp = RollUp.Last });

    /// <summary>How far a rebuild or check of an array is.</summary>
    public static readonly Metric RaidSync = Row(new("linux.md.sync.progress", "1", Gauge,
        ["linux.md.device", "linux.md.sync.action"],
        "Progress, 0 to 1, of a recovery, resync, reshape or check (/proc/mdstat); absent when none is going on.")
    { Scale = 1000, RollUp = RollUp.Last });

    /// <summary>How fast a rebuild or check of an array is.</summary>
    public static readonly Metric RaidSyncSpeed = Row(new("linux.md.sync.speed", "By/s", Gauge,
        ["linux.md.device", "linux.md.sync.action"],
        "Speed of a recovery, resync, reshape or check for each disk (/proc/mdstat); absent when none is going on."));

    // ---- NUMA: /sys/devices/system/node ----

    /// <summary>Memory of a NUMA node.</summary>
    public static readonly Metric NumaMemory = Row(new("linux.numa.memory", "By", Gauge,
        ["linux.numa.node", "linux.meminfo.field"],
        "Memory of a NUMA node under the kernel's names (/sys/devices/system/node, meminfo)."));

    /// <summary>Where pages of a NUMA node came from and went to.</summary>
    public static readonly Metric NumaAllocations = Row(new("linux.numa.allocations", "{page}", Counter,
        ["linux.numa.node", "linux.numa.event"],
        "Pages allocated under the kernel's names: numa_hit, numa_miss, numa_foreign, interleave_hit, local_node, " +
        "other_node (/sys/devices/system/node, numastat)."));

    // ---- Time synchronisation: adjtimex(2) ----

    /// <summary>Whether the clock is synchronised.</summary>
    public static readonly Metric TimeSynchronized = Row(new("linux.time.synchronized", "1", Gauge, [],
        "1 when the clock is kept synchronised, 0 when not (adjtimex, STA_UNSYNC).")
    { RollUp = RollUp.Last });

    /// <summary>What is left of the correction that is going on.</summary>
    public static readonly Metric TimeOffset = Row(new("linux.time.offset", "s", Gauge, [],
        "Correction that the kernel is still working off (adjtimex, offset).")
    { Scale = 1_000_000_000 });

    /// <summary>Errors of the clock.</summary>
    public static readonly Metric TimeError = Row(new("linux.time.error", "s", Gauge, ["linux.time.error.kind"],
        "Error of the clock as its daemon sees it: estimated, maximum (adjtimex, esterror and maxerror).")
    { Scale = 1_000_000 });

    /// <summary>How much faster the clock is made to run.</summary>
    public static readonly Metric TimeFrequency = Row(new("linux.time.frequency_adjustment", "1", Gauge, [],
        "By how much the clock is made to run faster (adjtimex, freq): 0.000001 is one second in eleven days.")
    { Scale = 1_000_000_000 });

    /// <summary>Further state of the kernel's clock.</summary>
    public static readonly Metric TimeKernel = Row(new("linux.time.kernel", "1", Gauge, ["linux.timex.field"],
        "State of the kernel's clock (adjtimex): status bits, loop_time_constant, tick in seconds, tai in seconds.")
    { Scale = 1_000_000_000, Topic = Topics.None, RollUp = RollUp.Last });

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
