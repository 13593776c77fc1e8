using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>What was read of one cgroup in one tick.</summary>
internal struct CgroupReading
{
    /// <summary>The row of the table.</summary>
    public CgroupSample Sample;

    /// <summary>v1 keeps quota and period in two files: the quota, microseconds, until the period is read.</summary>
    public long QuotaUs;

    private SteadyCount _cpuUsage;
    private SteadyCount _cpuUser;
    private SteadyCount _cpuSystem;
    private SteadyCount _throttled;
    private SteadyCount _oomKills;
    private SteadyCount _read;
    private SteadyCount _written;
    private SteadyCount _cpuStall;
    private SteadyCount _memoryStall;
    private SteadyCount _ioStall;

    /// <summary>Makes every value absent.</summary>
    /// <param name="info">What does not change about the group.</param>
    /// <param name="keepsLimits">Keeps the limits, which are not read in every tick.</param>
    public void Reset(CgroupInfo info, bool keepsLimits)
    {
        var cpuLimit = keepsLimits ? Sample.CpuLimitMilli : Frame.Absent;
        var memoryLimit = keepsLimits ? Sample.MemoryLimitBytes : Frame.Absent;
        Sample = CgroupSample.AllAbsent(info);
        Sample.CpuLimitMilli = cpuLimit;
        Sample.MemoryLimitBytes = memoryLimit;
        QuotaUs = Frame.Absent;
    }

    /// <summary>Takes out what may only be the flicker of a counter.</summary>
    public void Steady()
    {
        Sample.CpuUsageUs = _cpuUsage.Take(Sample.CpuUsageUs);
        Sample.CpuUserUs = _cpuUser.Take(Sample.CpuUserUs);
        Sample.CpuSystemUs = _cpuSystem.Take(Sample.CpuSystemUs);
        Sample.ThrottledUs = _throttled.Take(Sample.ThrottledUs);
        Sample.OomKills = _oomKills.Take(Sample.OomKills);
        Sample.ReadBytes = _read.Take(Sample.ReadBytes);
        Sample.WriteBytes = _written.Take(Sample.WriteBytes);
        Sample.CpuStallUs = _cpuStall.Take(Sample.CpuStallUs);
        Sample.MemoryStallUs = _memoryStall.Take(Sample.MemoryStallUs);
        Sample.IoStallUs = _ioStall.Take(Sample.IoStallUs);
    }
}

/// <summary>Takes what one file of a cgroup says.</summary>
/// <param name="text">The file, whole.</param>
/// <param name="reading">Takes the values.</param>
/// <returns>False when the file is not as the kernel documents it; values that were understood are taken.</returns>
internal delegate bool CgroupParser(ReadOnlySpan<byte> text, ref CgroupReading reading);
