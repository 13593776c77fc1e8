namespace Hostscope.Model;

/// <summary>What a cgroup is to people.</summary>
public enum CgroupKind
{
    /// <summary>Some other group.</summary>
    Group,

    /// <summary>A systemd slice: a branch of the tree.</summary>
    Slice,

    /// <summary>A systemd service, socket, mount or scope.</summary>
    Unit,

    /// <summary>A container of an engine (Docker, Podman, containerd, CRI-O, LXC, nspawn).</summary>
    Container,

    /// <summary>The root of the tree.</summary>
    Root,
}

/// <summary>
/// What seldom changes about a cgroup. Immutable: a container whose name becomes known gets a new object, so that "the
/// same object" means "nothing changed".
/// </summary>
/// <param name="Path">Path in the tree, such as <c>/system.slice/nginx.service</c>.</param>
/// <param name="Name">What people call it: <c>nginx.service</c>, or a container's name or short id.</param>
/// <param name="Kind">What it is.</param>
public sealed record CgroupInfo(string Path, string Name, CgroupKind Kind);

/// <summary>One cgroup at one tick: raw values, <see cref="Frame.Absent"/> where there is none.</summary>
public struct CgroupSample
{
    /// <summary>What seldom changes.</summary>
    public CgroupInfo Info { get; set; }

    /// <summary>CPU time, microseconds (cpu.stat, usage_usec).</summary>
    public long CpuUsageUs { get; set; }

    /// <summary>CPU time in user mode, microseconds.</summary>
    public long CpuUserUs { get; set; }

    /// <summary>CPU time in kernel mode, microseconds.</summary>
    public long CpuSystemUs { get; set; }

    /// <summary>Time it was held back by its CPU limit, microseconds (cpu.stat, throttled_usec).</summary>
    public long ThrottledUs { get; set; }

    /// <summary>CPU limit in thousandths of a CPU (cpu.max); absent when there is none.</summary>
    public long CpuLimitMilli { get; set; }

    /// <summary>Memory charged, bytes, page cache included (memory.current).</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Memory limit, bytes (memory.max); absent when there is none.</summary>
    public long MemoryLimitBytes { get; set; }

    /// <summary>How often a process of it was killed for want of memory (memory.events, oom_kill).</summary>
    public long OomKills { get; set; }

    /// <summary>Bytes read from devices (io.stat, rbytes).</summary>
    public long ReadBytes { get; set; }

    /// <summary>Bytes written to devices (io.stat, wbytes).</summary>
    public long WriteBytes { get; set; }

    /// <summary>Processes and threads in it (pids.current).</summary>
    public long Tasks { get; set; }

    /// <summary>Time in which some of its tasks waited for a CPU, microseconds (cpu.pressure, some total).</summary>
    public long CpuStallUs { get; set; }

    /// <summary>
    /// Time in which some of its tasks waited for memory, microseconds (memory.pressure, some total).
    /// </summary>
    public long MemoryStallUs { get; set; }

    /// <summary>Time in which some of its tasks waited for I/O, microseconds (io.pressure, some total).</summary>
    public long IoStallUs { get; set; }

    /// <summary>A sample with every value absent.</summary>
    public static CgroupSample AllAbsent(CgroupInfo info) => new()
    {
        Info = info,
        CpuUsageUs = Frame.Absent,
        CpuUserUs = Frame.Absent,
        CpuSystemUs = Frame.Absent,
        ThrottledUs = Frame.Absent,
        CpuLimitMilli = Frame.Absent,
        MemoryBytes = Frame.Absent,
        MemoryLimitBytes = Frame.Absent,
        OomKills = Frame.Absent,
        ReadBytes = Frame.Absent,
        WriteBytes = Frame.Absent,
        Tasks = Frame.Absent,
        CpuStallUs = Frame.Absent,
        MemoryStallUs = Frame.Absent,
        IoStallUs = Frame.Absent,
    };
}

/// <summary>
/// The cgroups of one tick, ordered by path (ordinal). Mutable and re-used like <see cref="Frame"/>: whoever receives
/// one copies what it keeps.
/// </summary>
public sealed class CgroupTable
{
    private CgroupSample[] _rows = [];

    /// <summary>Number of the tick it belongs to.</summary>
    public long Sequence { get; set; }

    /// <summary>Wall-clock time of the scan, Unix milliseconds.</summary>
    public long UnixMs { get; set; }

    /// <summary>Monotonic time of the scan, nanoseconds.</summary>
    public long MonotonicNs { get; set; }

    /// <summary>
    /// Ticks between scans: 1 unless the scan stretched its interval to stay within its CPU budget.
    /// </summary>
    public int IntervalTicks { get; set; } = 1;

    /// <summary>Number of cgroups in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The rows, ordered by path.</summary>
    public ReadOnlySpan<CgroupSample> Rows => _rows.AsSpan(0, Count);

    /// <summary>Empties the table; its memory stays for the next tick.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a row. Rows must be added in the order of their paths.</summary>
    public void Add(in CgroupSample sample)
    {
        if (Count == _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(64, _rows.Length * 2));
        }

        _rows[Count++] = sample;
    }

    /// <summary>Makes this table equal to another. Allocates only when it holds more groups than ever.</summary>
    public void CopyFrom(CgroupTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_rows.Length < other.Count)
        {
            _rows = new CgroupSample[other.Count + (other.Count / 4)];
        }

        other.Rows.CopyTo(_rows);
        if (Count > other.Count)
        {
            _rows.AsSpan(other.Count, Count - other.Count).Clear();
        }

        Count = other.Count;
        Sequence = other.Sequence;
        UnixMs = other.UnixMs;
        MonotonicNs = other.MonotonicNs;
        IntervalTicks = other.IntervalTicks;
    }
}
