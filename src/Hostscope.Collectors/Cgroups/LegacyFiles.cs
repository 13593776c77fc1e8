using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>The files of a cgroup v1 (Documentation/admin-guide/cgroup-v1).</summary>
internal static class LegacyFiles
{
    /// <summary>
    /// From here on a limit is none: the kernel's own "no limit" is the largest signed number, rounded down to a page
    /// (4 to 64 KiB).
    /// </summary>
    private const long NoLimitBytes = long.MaxValue - 0xffff;

    /// <summary>Reads cpuacct.usage, nanoseconds: <c>224137381535</c>.</summary>
    public static bool CpuUsage(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var ns);
        reading.Sample.CpuUsageUs = CgroupText.Divided(ns, 1000);
        return isGood;
    }

    /// <summary>Reads cpuacct.stat, in USER_HZ ticks.</summary>
    /// <remarks>
    /// <code>
    /// user 17318
    /// system 5094
    /// </code>
    /// </remarks>
    public static bool CpuModes(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        const long UsPerTick = 1_000_000 / Metrics.UserHz;
        long user = Frame.Absent, system = Frame.Absent;
        var isGood = !text.IsEmpty;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            isGood &= lines switch
            {
                _ when lines.IsCut => false,
                _ when CgroupText.Keyed(line, "user"u8, ref user) is { } known => known,
                _ when CgroupText.Keyed(line, "system"u8, ref system) is { } known => known,
                _ => true,
            };
        }

        reading.Sample.CpuUserUs = Fields.Times(user, UsPerTick);
        reading.Sample.CpuSystemUs = Fields.Times(system, UsPerTick);
        return isGood;
    }

    /// <summary>Reads cpu.stat.</summary>
    /// <remarks>
    /// Of v1, where the time is nanoseconds:
    /// <code>
    /// nr_periods 128
    /// nr_throttled 37
    /// throttled_time 1843009412
    /// </code>
    /// </remarks>
    public static bool CpuStat(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var throttledNs = Frame.Absent;
        var isGood = !text.IsEmpty;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            isGood &= !lines.IsCut && (CgroupText.Keyed(line, "throttled_time"u8, ref throttledNs) ?? true);
        }

        reading.Sample.ThrottledUs = CgroupText.Divided(throttledNs, 1000);
        return isGood;
    }

    /// <summary>Reads cpu.cfs_quota_us, microseconds: <c>150000</c>, or <c>-1</c> for no limit.</summary>
    public static bool CpuQuota(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        if (text.SequenceEqual("-1\n"u8))
        {
            return true;
        }

        return CgroupText.Number(text, out reading.QuotaUs);
    }

    /// <summary>Reads cpu.cfs_period_us, microseconds, after the quota: <c>100000</c>.</summary>
    public static bool CpuPeriod(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var periodUs);
        reading.Sample.CpuLimitMilli = CgroupText.LimitMilli(reading.QuotaUs, periodUs);
        return isGood;
    }

    /// <summary>Reads memory.limit_in_bytes: <c>4294967296</c>, or <c>9223372036854771712</c> for no limit.</summary>
    public static bool MemoryLimit(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var bytes);
        reading.Sample.MemoryLimitBytes = bytes >= NoLimitBytes ? Frame.Absent : bytes;
        return isGood;
    }

    /// <summary>Reads memory.oom_control; its last line is there since Linux 4.13.</summary>
    /// <remarks>
    /// <code>
    /// oom_kill_disable 0
    /// under_oom 0
    /// oom_kill 3
    /// </code>
    /// </remarks>
    public static bool OomControl(ReadOnlySpan<byte> text, ref CgroupReading reading) =>
        UnifiedFiles.MemoryEvents(text, ref reading);

    /// <summary>Reads blkio.throttle.io_service_bytes, over all devices that are not stacked on others.</summary>
    /// <remarks>
    /// New kernels count a device only once throttling is set up for it. Without a line of a device the I/O of the
    /// group is therefore unknown, not 0, even though there is a total:
    /// <code>
    /// 254:0 Read 33554432
    /// 254:0 Write 16777216
    /// 254:0 Sync 50331648
    /// 254:0 Async 0
    /// 254:0 Discard 0
    /// 254:0 Total 50331648
    /// Total 50331648
    /// </code>
    /// </remarks>
    public static bool BlockIo(ReadOnlySpan<byte> text, ref CgroupReading reading, StackedDevices stacked)
    {
        long read = Frame.Absent, written = Frame.Absent;
        var isGood = true;
        var lines = new Lines(text);
        while (isGood && lines.Next(out var line))
        {
            var words = new Words(line);
            if (lines.IsCut || !words.Next(out var device))
            {
                isGood = false;
            }
            else if (CgroupText.IsDevice(device) && !stacked.Contains(device))
            {
                isGood = words.Next(out var direction) && words.NextRaw(out var bytes)
                    && Add(direction, bytes, ref read, ref written);
            }
        }

        reading.Sample.ReadBytes = isGood ? read : Frame.Absent;
        reading.Sample.WriteBytes = isGood ? written : Frame.Absent;
        return isGood;
    }

    private static bool Add(ReadOnlySpan<byte> direction, long bytes, ref long read, ref long written)
    {
        if (direction.SequenceEqual("Read"u8))
        {
            read = CgroupText.Sum(read, bytes);
        }
        else if (direction.SequenceEqual("Write"u8))
        {
            written = CgroupText.Sum(written, bytes);
        }

        return true;
    }
}
