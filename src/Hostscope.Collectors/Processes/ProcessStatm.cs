using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>The exact resident memory from /proc/PID/statm.</summary>
internal static class ProcessStatm
{
    /// <summary>Reads the second number: total, resident, shared, text, lib, data and dirty pages.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, table "Contents of the statm files":
    /// <code>
    /// 1248 1136 812 301 0 246 0
    /// </code>
    /// Since Linux 6.2 the memory of a process is counted on each CPU on its own, and stat leaves out what the CPUs
    /// have not yet handed in, which is up to 64 pages with two CPUs and a hundred megabytes with a hundred; statm adds
    /// all up.
    /// </remarks>
    /// <param name="text">The file.</param>
    /// <param name="pages">Resident memory, pages.</param>
    /// <returns>False when it is not as documented.</returns>
    public static bool TryParseResident(ReadOnlySpan<byte> text, out long pages)
    {
        pages = Frame.Absent;
        var words = new Words(Fields.Trim(text));
        return words.Skip(1) && words.NextRaw(out pages) && pages != Frame.Absent;
    }
}
