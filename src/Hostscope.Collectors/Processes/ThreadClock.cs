using System.Runtime.InteropServices;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// CPU time of the calling thread. The scan is measured by it and not by the wall clock: on a machine so busy that the
/// sampling thread has to wait, the scan is slow without being dear, and that is when people want it.
/// </summary>
internal static partial class ThreadClock
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID.</summary>
    private const int ThreadCpuTime = 3;

    /// <summary>CPU time that this thread has used.</summary>
    public static TimeSpan Now()
    {
        // struct timespec of 64-bit Linux: seconds, nanoseconds.
        Span<long> time = stackalloc long[2];
        return GetTime(ThreadCpuTime, time) == 0
            ? new TimeSpan((time[0] * TimeSpan.TicksPerSecond) + (time[1] / TimeSpan.NanosecondsPerTick))
            : TimeSpan.Zero;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Span<long> time);
}
