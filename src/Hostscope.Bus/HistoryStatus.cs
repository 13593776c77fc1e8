namespace Hostscope.Bus;

/// <summary>Whether the past is being kept.</summary>
public enum RecordingState
{
    /// <summary>The store is being opened.</summary>
    Starting,

    /// <summary>Each tick is kept.</summary>
    Recording,

    /// <summary>
    /// Ticks are not kept now (disk full, an I/O error, a directory that cannot be written); it is tried again every
    /// 10 s. The live view is not affected.
    /// </summary>
    Paused,

    /// <summary>The directory is not ours to write: another instance records there, or a newer version did.</summary>
    Refused,

    /// <summary>Recording has ended, or this past is a file that does not grow.</summary>
    Ended,
}

/// <summary>What is kept of a host's past, and whether recording works.</summary>
public sealed record HistoryStatus
{
    /// <summary>Whether ticks are being kept.</summary>
    public required RecordingState State { get; init; }

    /// <summary>Why ticks are not being kept, in words for people; <c>null</c> while they are.</summary>
    public string? Reason { get; init; }

    /// <summary>When the state began, Unix milliseconds.</summary>
    public long SinceUnixMs { get; init; }

    /// <summary>Time of the newest tick that is kept; <c>null</c> when there is none.</summary>
    public long? NewestUnixMs { get; init; }

    /// <summary>Time of the oldest data that is kept, of whatever resolution; <c>null</c> when there is none.</summary>
    public long? OldestUnixMs { get; init; }

    /// <summary>The resolutions, finest first.</summary>
    public IReadOnlyList<HistoryTier> Tiers { get; init; } = [];

    /// <summary>Bytes of all files of the store, the write-ahead log and quarantined files included.</summary>
    public long Bytes { get; init; }

    /// <summary>Of <see cref="Bytes"/>: files set aside because they were damaged.</summary>
    public long QuarantinedBytes { get; init; }

    /// <summary>Most bytes the store may take; 0 when this past is a file.</summary>
    public long BudgetBytes { get; init; }

    /// <summary>
    /// Bytes of a day at the rate of the last 24 hours, all resolutions; <c>null</c> in the first minutes.
    /// </summary>
    public long? BytesPerDay { get; init; }

    /// <summary>
    /// Days of one-second detail that fit the budget and the age limit at that rate; <c>null</c> in the first minutes.
    /// </summary>
    public double? DaysAtThisRate { get; init; }

    /// <summary>Ticks kept since the start.</summary>
    public long TicksRecorded { get; init; }

    /// <summary>Ticks not kept since the start; each time there is an event that says when and why.</summary>
    public long TicksLost { get; init; }

    /// <summary>
    /// Longest time between syncs: what a power cut may cost, milliseconds. 0 when this past is a file.
    /// </summary>
    public int SyncIntervalMs { get; init; }
}

/// <summary>One resolution of the past.</summary>
/// <param name="ResolutionMs">Milliseconds between its points.</param>
/// <param name="OldestUnixMs">Its oldest point; <c>null</c> when it has none.</param>
/// <param name="NewestUnixMs">Its newest point; <c>null</c> when it has none.</param>
/// <param name="Bytes">Bytes of its files.</param>
/// <param name="MaxAgeMs">Age at which its points are dropped; 0 when this past is a file.</param>
public sealed record HistoryTier(long ResolutionMs, long? OldestUnixMs, long? NewestUnixMs, long Bytes, long MaxAgeMs);

/// <summary>What happened.</summary>
public enum HistoryEventKind
{
    /// <summary>Recording began.</summary>
    RecorderStarted = 1,

    /// <summary>Recording ended in an orderly way.</summary>
    RecorderStopped = 2,

    /// <summary>The machine was booted since the last recording.</summary>
    Boot = 3,

    /// <summary>The wall clock was set, or the machine slept: wall and monotonic time moved apart.</summary>
    ClockStep = 4,

    /// <summary>Ticks were not recorded although the machine ran.</summary>
    Gap = 5,

    /// <summary>Old data was dropped to keep within the budget, the age or the free-disk floor.</summary>
    Retention = 6,

    /// <summary>A damaged file was set aside.</summary>
    Quarantine = 7,

    /// <summary>A process of note began.</summary>
    ProcessStarted = 8,

    /// <summary>A process of note ended.</summary>
    ProcessExited = 9,

    /// <summary>The kernel killed a process because memory ran out.</summary>
    OomKill = 10,

    /// <summary>A cgroup appeared: a service or a container was started.</summary>
    CgroupAppeared = 11,

    /// <summary>A cgroup went away.</summary>
    CgroupGone = 12,

    /// <summary>A file system passed 90, 95 or 99 % of its space.</summary>
    FilesystemFilling = 13,

    /// <summary>A network interface appeared or got its carrier.</summary>
    LinkUp = 14,

    /// <summary>A network interface went away or lost its carrier.</summary>
    LinkDown = 15,

    /// <summary>A person's note.</summary>
    Mark = 16,
}

/// <summary>One number of an event: <c>cpuMs</c>, <c>readBytes</c>, <c>lifetimeMs</c>.</summary>
/// <param name="Name">What it is, with its unit last.</param>
/// <param name="Value">The number.</param>
public readonly record struct HistoryFact(string Name, long Value);

/// <summary>Something that happened on a host.</summary>
/// <param name="Id">Grows with each event of a host in the order of recording.</param>
/// <param name="UnixMs">When, Unix milliseconds.</param>
/// <param name="Kind">What.</param>
/// <param name="Subject">
/// What it happened to: a process, a cgroup's path, a mount point; empty when to the recorder.
/// </param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Facts">Numbers that belong to it.</param>
public sealed record HistoryEvent(
    long Id, long UnixMs, HistoryEventKind Kind, string Subject, string Text, IReadOnlyList<HistoryFact> Facts);
