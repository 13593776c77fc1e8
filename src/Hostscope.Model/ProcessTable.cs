namespace Hostscope.Model;

/// <summary>
/// What seldom changes about a process. Immutable: a change (another name after exec, another cgroup) makes a new
/// object, so that "the same object" means "nothing changed".
/// </summary>
public sealed record ProcessInfo
{
    /// <summary>
    /// Process id. Re-used by the kernel: only together with <see cref="StartTicks"/> does it identify.
    /// </summary>
    public required int Pid { get; init; }

    /// <summary>Start time in USER_HZ ticks since boot (/proc/PID/stat, field 22).</summary>
    public required long StartTicks { get; init; }

    /// <summary>Parent process id; 0 when there is none.</summary>
    public int ParentPid { get; init; }

    /// <summary>Command name as the kernel keeps it, at most 15 bytes; control bytes replaced.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Arguments without the first, secrets masked, at most 4 KiB; empty for a kernel thread; <c>null</c> when they may
    /// not be read.
    /// </summary>
    public string? Arguments { get; init; }

    /// <summary>Effective user id; -1 when unknown.</summary>
    public int UserId { get; init; } = -1;

    /// <summary>User name, or the id in digits when the machine does not know a name.</summary>
    public string? User { get; init; }

    /// <summary>Path of its cgroup, such as <c>/system.slice/nginx.service</c>; <c>null</c> when unknown.</summary>
    public string? Cgroup { get; init; }

    /// <summary>True for a thread of the kernel.</summary>
    public bool IsKernelThread { get; init; }
}

/// <summary>One process at one tick: raw values, <see cref="Frame.Absent"/> where there is none.</summary>
public struct ProcessSample
{
    /// <summary>What seldom changes.</summary>
    public ProcessInfo Info { get; set; }

    /// <summary>
    /// State letter of /proc/PID/stat: R running, S sleeping, D uninterruptible, Z zombie, T stopped, I idle.
    /// </summary>
    public char State { get; set; }

    /// <summary>Nice value, -20 to 19.</summary>
    public int Nice { get; set; }

    /// <summary>Priority as the kernel gives it (negative: real time).</summary>
    public int Priority { get; set; }

    /// <summary>Threads.</summary>
    public int Threads { get; set; }

    /// <summary>CPU time in user mode, USER_HZ ticks, of the process with its ended threads.</summary>
    public long UserTicks { get; set; }

    /// <summary>CPU time in kernel mode, USER_HZ ticks.</summary>
    public long SystemTicks { get; set; }

    /// <summary>Resident memory, bytes.</summary>
    public long RssBytes { get; set; }

    /// <summary>
    /// Bytes fetched from storage (/proc/PID/io, read_bytes); absent where reading it is not allowed.
    /// </summary>
    public long ReadBytes { get; set; }

    /// <summary>Bytes sent to storage (/proc/PID/io, write_bytes); absent where reading it is not allowed.</summary>
    public long WriteBytes { get; set; }

    /// <summary>Major page faults.</summary>
    public long MajorFaults { get; set; }
}

/// <summary>
/// The processes of one tick, ordered by process id. Mutable and re-used like <see cref="Frame"/>: whoever receives
/// one copies what it keeps.
/// </summary>
public sealed class ProcessTable
{
    private ProcessSample[] _rows = [];

    /// <summary>Number of the tick it belongs to; the <see cref="Frame"/> of that tick has the same.</summary>
    public long Sequence { get; set; }

    /// <summary>Wall-clock time of the scan, Unix milliseconds.</summary>
    public long UnixMs { get; set; }

    /// <summary>Monotonic time of the scan, nanoseconds.</summary>
    public long MonotonicNs { get; set; }

    /// <summary>Number of processes in the table.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Processes that the kernel hides from us (hidepid): running tasks it counts minus those it lets us see;
    /// 0 when it hides none, <see cref="Frame.Absent"/> when that cannot be told.
    /// </summary>
    public long Hidden { get; set; } = Frame.Absent;

    /// <summary>
    /// Ticks between scans: 1 unless the scan stretched its interval to stay within its CPU budget.
    /// </summary>
    public int IntervalTicks { get; set; } = 1;

    /// <summary>The rows, ordered by process id.</summary>
    public ReadOnlySpan<ProcessSample> Rows => _rows.AsSpan(0, Count);

    /// <summary>Empties the table; its memory stays for the next tick.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a row, to be filled by the caller. Rows must be added in the order of their process ids.</summary>
    public ref ProcessSample Add()
    {
        if (Count == _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(256, _rows.Length * 2));
        }

        return ref _rows[Count++];
    }

    /// <summary>Takes back the row added last: the process was gone before it could be read.</summary>
    public void RemoveLast() => Count--;

    /// <summary>Makes this table equal to another. Allocates only when it holds more processes than ever.</summary>
    public void CopyFrom(ProcessTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_rows.Length < other.Count)
        {
            _rows = new ProcessSample[other.Count + (other.Count / 4)];
        }

        other.Rows.CopyTo(_rows);
        if (Count > other.Count)
        {
            // Rows that fell away must not keep the texts of processes that are gone.
            _rows.AsSpan(other.Count, Count - other.Count).Clear();
        }

        Count = other.Count;
        Sequence = other.Sequence;
        UnixMs = other.UnixMs;
        MonotonicNs = other.MonotonicNs;
        Hidden = other.Hidden;
        IntervalTicks = other.IntervalTicks;
    }
}
