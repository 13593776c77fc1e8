namespace Hostscope.Model;

/// <summary>
/// What people read of one cgroup at one tick, besides the levels of its <see cref="CgroupSample"/>;
/// <see cref="Derive.Absent"/> where there is none.
/// </summary>
public struct CgroupRates
{
    /// <summary>CPUs busy with its tasks: 1.5 is one and a half CPUs.</summary>
    public double CpuCores { get; set; }

    /// <summary>
    /// Share of time, 0 to 1, in which its CPU limit held it back. The kernel adds up the CPUs on which it was held
    /// back; several at once count as all of the time.
    /// </summary>
    public double ThrottledShare { get; set; }

    /// <summary>Bytes read from devices, per second.</summary>
    public double ReadBytesPerSecond { get; set; }

    /// <summary>Bytes written to devices, per second.</summary>
    public double WriteBytesPerSecond { get; set; }

    /// <summary>Share of time, 0 to 1, in which some of its tasks waited for a CPU.</summary>
    public double CpuStallShare { get; set; }

    /// <summary>Share of time, 0 to 1, in which some of its tasks waited for memory.</summary>
    public double MemoryStallShare { get; set; }

    /// <summary>Share of time, 0 to 1, in which some of its tasks waited for I/O.</summary>
    public double IoStallShare { get; set; }

    /// <summary>Rates with every value absent.</summary>
    public static readonly CgroupRates AllAbsent = new()
    {
        CpuCores = Derive.Absent,
        ThrottledShare = Derive.Absent,
        ReadBytesPerSecond = Derive.Absent,
        WriteBytesPerSecond = Derive.Absent,
        CpuStallShare = Derive.Absent,
        MemoryStallShare = Derive.Absent,
        IoStallShare = Derive.Absent,
    };
}

/// <summary>
/// Turns two cgroup tables of raw values into rates, as <see cref="Derive"/> does with frames: pure, and the only
/// implementation for the live view and the past.
/// </summary>
public static class DeriveCgroups
{
    private const long UsPerSecond = 1_000_000;

    /// <summary>
    /// Fills <paramref name="rates"/> with the rates of each row of <paramref name="current"/>. Groups are matched by
    /// path; one that is new, or that went and came again with lower counters, has absent rates once.
    /// </summary>
    /// <param name="previous">
    /// An earlier table of the same host, not necessarily the one before; <c>null</c> when there is none.
    /// </param>
    /// <param name="current">The table to derive.</param>
    /// <param name="rates">At least as many as <paramref name="current"/> has rows.</param>
    public static void Rates(CgroupTable? previous, CgroupTable current, Span<CgroupRates> rates)
    {
        ArgumentNullException.ThrowIfNull(current);
        var elapsedNs = previous is null ? 0 : current.MonotonicNs - previous.MonotonicNs;
        var before = previous is null ? default : previous.Rows;
        var after = current.Rows;

        // Both are ordered by path: one walk through the two of them.
        var at = 0;
        for (var i = 0; i < after.Length; i++)
        {
            var order = -1;
            while (at < before.Length && (order = ComparePaths(before[at].Info, after[i].Info)) < 0)
            {
                at++;
            }

            rates[i] = at < before.Length && order == 0
                ? Between(before[at], after[i], elapsedNs)
                : CgroupRates.AllAbsent;
        }
    }

    /// <summary>The rates of one group between two samples.</summary>
    /// <param name="before">The earlier sample.</param>
    /// <param name="after">The later sample.</param>
    /// <param name="elapsedNs">Monotonic time between the two, nanoseconds.</param>
    public static CgroupRates Between(in CgroupSample before, in CgroupSample after, long elapsedNs) => new()
    {
        CpuCores = Derive.Rate(before.CpuUsageUs, after.CpuUsageUs, elapsedNs, UsPerSecond),
        ThrottledShare = Share(before.ThrottledUs, after.ThrottledUs, elapsedNs),
        ReadBytesPerSecond = Derive.Rate(before.ReadBytes, after.ReadBytes, elapsedNs, 1),
        WriteBytesPerSecond = Derive.Rate(before.WriteBytes, after.WriteBytes, elapsedNs, 1),
        CpuStallShare = Share(before.CpuStallUs, after.CpuStallUs, elapsedNs),
        MemoryStallShare = Share(before.MemoryStallUs, after.MemoryStallUs, elapsedNs),
        IoStallShare = Share(before.IoStallUs, after.IoStallUs, elapsedNs),
    };

    /// <summary>
    /// A time in which something was so, as a share; what is over 1 is what reading takes. NaN stays.
    /// </summary>
    private static double Share(long beforeUs, long afterUs, long elapsedNs) =>
        Math.Min(1, Derive.Rate(beforeUs, afterUs, elapsedNs, UsPerSecond));

    /// <summary>Mostly the same object: a path is compared only where groups came or went.</summary>
    private static int ComparePaths(CgroupInfo a, CgroupInfo b) =>
        ReferenceEquals(a, b) ? 0 : string.CompareOrdinal(a.Path, b.Path);
}
