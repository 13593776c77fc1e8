using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// The files of a cgroup v2 (Documentation/admin-guide/cgroup-v2.rst). Every value counts the group with all groups
/// below it.
/// </summary>
internal static class UnifiedFiles
{
    /// <summary>Reads cpu.stat.</summary>
    /// <remarks>
    /// The throttling lines are there when the cpu controller is on for the group; times are microseconds:
    /// <code>
    /// usage_usec 218439007
    /// user_usec 168743434
    /// system_usec 49695573
    /// nice_usec 0
    /// nr_periods 0
    /// nr_throttled 0
    /// throttled_usec 0
    /// </code>
    /// </remarks>
    public static bool CpuStat(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        long usage = Frame.Absent, user = Frame.Absent, system = Frame.Absent, throttled = Frame.Absent;
        var isGood = !text.IsEmpty;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            isGood &= lines switch
            {
                _ when lines.IsCut => false,
                _ when CgroupText.Keyed(line, "usage_usec"u8, ref usage) is { } known => known,
                _ when CgroupText.Keyed(line, "user_usec"u8, ref user) is { } known => known,
                _ when CgroupText.Keyed(line, "system_usec"u8, ref system) is { } known => known,
                _ when CgroupText.Keyed(line, "throttled_usec"u8, ref throttled) is { } known => known,
                _ => true,
            };
        }

        reading.Sample.CpuUsageUs = usage;
        reading.Sample.CpuUserUs = user;
        reading.Sample.CpuSystemUs = system;
        reading.Sample.ThrottledUs = throttled;
        return isGood;
    }

    /// <summary>Reads cpu.max: quota and period in microseconds, <c>150000 100000</c> or <c>max 100000</c>.</summary>
    public static bool CpuMax(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var lines = new Lines(text);
        if (!lines.Next(out var line) || lines.IsCut)
        {
            return false;
        }

        var words = new Words(line);
        if (!words.Next(out var quota) || !words.NextRaw(out var periodUs))
        {
            return false;
        }

        if (quota.SequenceEqual("max"u8))
        {
            return true;
        }

        var isNumber = Fields.TryRaw(quota, out var quotaUs);
        reading.Sample.CpuLimitMilli = CgroupText.LimitMilli(quotaUs, periodUs);
        return isNumber;
    }

    /// <summary>Reads memory.current: <c>2040109465</c>.</summary>
    public static bool MemoryCurrent(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var bytes);
        reading.Sample.MemoryBytes = bytes;
        return isGood;
    }

    /// <summary>Reads memory.max: <c>4294967296</c> or <c>max</c>.</summary>
    public static bool MemoryMax(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var bytes);
        reading.Sample.MemoryLimitBytes = bytes;
        return isGood;
    }

    /// <summary>Reads memory.events.</summary>
    /// <remarks>
    /// <code>
    /// low 0
    /// high 0
    /// max 112
    /// oom 3
    /// oom_kill 3
    /// oom_group_kill 0
    /// </code>
    /// </remarks>
    public static bool MemoryEvents(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var kills = Frame.Absent;
        var isGood = !text.IsEmpty;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            isGood &= !lines.IsCut && (CgroupText.Keyed(line, "oom_kill"u8, ref kills) ?? true);
        }

        reading.Sample.OomKills = kills;
        return isGood;
    }

    /// <summary>Reads pids.current, of v1 as well: <c>12</c>.</summary>
    public static bool PidsCurrent(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var isGood = CgroupText.Number(text, out var tasks);
        reading.Sample.Tasks = tasks;
        return isGood;
    }

    /// <summary>Reads cpu.pressure.</summary>
    public static bool CpuPressure(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var badLine = Pressure.Parse(text, out var some, out _);
        reading.Sample.CpuStallUs = some;
        return badLine == 0;
    }

    /// <summary>Reads memory.pressure.</summary>
    public static bool MemoryPressure(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var badLine = Pressure.Parse(text, out var some, out _);
        reading.Sample.MemoryStallUs = some;
        return badLine == 0;
    }

    /// <summary>Reads io.pressure.</summary>
    public static bool IoPressure(ReadOnlySpan<byte> text, ref CgroupReading reading)
    {
        var badLine = Pressure.Parse(text, out var some, out _);
        reading.Sample.IoStallUs = some;
        return badLine == 0;
    }

    /// <summary>Reads io.stat, over all devices that are not stacked on others.</summary>
    /// <remarks>
    /// A device comes with its first request, so a group without a line has read and written nothing. Linux 5.13 and
    /// 5.14 forget the newline behind a device that has nothing to tell:
    /// <code>
    /// 254:0 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
    /// 7:0 253:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021
    /// </code>
    /// </remarks>
    public static bool IoStat(ReadOnlySpan<byte> text, ref CgroupReading reading, StackedDevices stacked)
    {
        long read = 0, written = 0;
        var isGood = true;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var counts = false;
            var words = new Words(line);
            isGood &= !lines.IsCut;
            while (isGood && words.Next(out var word))
            {
                if (word.IndexOf((byte)'=') < 0)
                {
                    isGood = CgroupText.IsDevice(word);
                    counts = !stacked.Contains(word);
                }
                else if (counts)
                {
                    isGood = AddIo(word, ref read, ref written);
                }
            }
        }

        reading.Sample.ReadBytes = isGood ? read : Frame.Absent;
        reading.Sample.WriteBytes = isGood ? written : Frame.Absent;
        return isGood;
    }

    private static bool AddIo(ReadOnlySpan<byte> word, ref long read, ref long written)
    {
        long bytes;
        if (word.StartsWith("rbytes="u8))
        {
            var isNumber = Fields.TryRaw(word["rbytes=".Length..], out bytes);
            read = CgroupText.Sum(read, bytes);
            return isNumber;
        }

        if (word.StartsWith("wbytes="u8))
        {
            var isNumber = Fields.TryRaw(word["wbytes=".Length..], out bytes);
            written = CgroupText.Sum(written, bytes);
            return isNumber;
        }

        return true;
    }
}
