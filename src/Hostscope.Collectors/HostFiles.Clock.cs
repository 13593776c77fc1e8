using System.Runtime.InteropServices;

namespace Hostscope.Collectors;

/// <summary>The one question about the clock that no file answers.</summary>
public partial class HostFiles
{
    /// <summary>Longest answer of adjtimex(2): struct timex on a 64-bit machine.</summary>
    internal const int TimexBytes = 208;

    /// <summary>Asks for the state of the clock and changes nothing (adjtimex(2) with no mode set).</summary>
    /// <param name="timex">Takes struct timex, <see cref="TimexBytes"/> long; zero it before.</param>
    /// <returns>The state, 0 to 5, or a negated errno.</returns>
    public virtual int AdjustClock(Span<byte> timex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timex.Length, TimexBytes);
        return Result(AdjTimeX(timex));
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int AdjTimeX(Span<byte> timex);
}
