using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>What was read of one cgroup in one tick.</summary>
internal struct CgroupReading
{
    /// <summary>The row of the table.</summary>
    public CgroupSample Sample;

    /// <summary>v1 keeps quota and period in two files: the quota, microseconds, until the period is read.</summary>
    public long QuotaUs;

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
}

/// <summary>Takes what one file of a cgroup says.</summary>
/// <param name="text">The file, whole.</param>
/// <param name="reading">Takes the values.</param>
/// <returns>False when the file is not as the kernel documents it; values that were understood are taken.</returns>
internal delegate bool CgroupParser(ReadOnlySpan<byte> text, ref CgroupReading reading);
