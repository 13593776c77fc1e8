using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hostscope.Service;

/// <summary>
/// Gives back pages of the program's own files. The start runs through half of the binary, and each page of it stays
/// mapped for as long as the process lives, although a tick needs a third: 13 MB of resident memory for nothing. What
/// is used after all is mapped again from the page cache, without reading the disk.
/// </summary>
/// <remarks>
/// Only what is the file's, to the byte: a mapping that may not be written, and of which the kernel has made no copy
/// (<c>Anonymous</c> in <c>/proc/[pid]/smaps</c>). A debugger, for one, puts breakpoints into code; such
/// mappings stay as they are.
/// <code>
/// 7f1c2a428000-7f1c2a57d000 r-xp 00028000 fe:00 1055                       /usr/lib/x86_64-linux-gnu/libc.so.6
/// Size:               1364 kB
/// Rss:                 980 kB
/// Anonymous:             0 kB
/// VmFlags: rd ex mr mw me
/// </code>
/// </remarks>
internal static partial class ProgramPages
{
    /// <summary>After the start, its first ticks and the opening of the store.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(30);

    /// <summary>Then what a question or a page load has run through.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(5);

    private const int DontNeed = 4; // MADV_DONTNEED of madvise(2)

    /// <summary>
    /// Gives pages back, until what this returns is disposed of. Not under a runtime that compiles: it may write into
    /// its code between the look and the release.
    /// </summary>
    /// <returns><c>null</c> when nothing is ever given back.</returns>
    public static IDisposable? KeepReleasing(TimeProvider clock) => RuntimeFeature.IsDynamicCodeSupported
        ? null : clock.CreateTimer(_ => Release(), null, AfterStart, Between);

    /// <summary>Mappings that may be given back.</summary>
    /// <param name="smaps">Lines of <c>/proc/self/smaps</c> (proc(5)).</param>
    /// <returns>First address and length of each, bytes.</returns>
    public static IEnumerable<(ulong Start, ulong Length)> Untouched(IEnumerable<string> smaps)
    {
        (ulong Start, ulong Length)? file = null;
        foreach (var line in smaps)
        {
            if (IsHead(line))
            {
                file = ReadFile(line);
            }
            else if (file is { } mapping && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                file = null;
                if (line.EndsWith(" 0 kB", StringComparison.Ordinal))
                {
                    yield return mapping;
                }
            }
        }
    }

    private static void Release()
    {
        try
        {
            foreach (var (start, length) in Untouched(File.ReadAllLines("/proc/self/smaps")))
            {
                _ = Advise((nuint)start, (nuint)length, DontNeed); // A locked one stays.
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without a view of itself it keeps what it has.
        }
    }

    /// <summary>Keys of a mapping begin with a capital letter, addresses are small hexadecimal digits.</summary>
    private static bool IsHead(string line) => line.Length > 0 && char.IsAsciiHexDigitLower(line[0]);

    /// <summary>The mapping that a line begins, when it is of a file and may not be written.</summary>
    private static (ulong Start, ulong Length)? ReadFile(string line)
    {
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        var ends = fields[0].Split('-');
        return fields is [_, ['r', '-', ..], _, _, _, ['/', ..]] && ends.Length == 2
            && ulong.TryParse(ends[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            && ulong.TryParse(ends[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end)
            && end > start
            ? (start, end - start) : null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
