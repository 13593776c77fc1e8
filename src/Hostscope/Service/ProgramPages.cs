using System.Runtime.InteropServices;

namespace Hostscope.Service;

/// <summary>
/// Gives back pages of the program's own files. The start runs through half of the binary, and each page of it stays
/// mapped for as long as the process lives, although a tick needs a third: 13 MB of resident memory for nothing. What
/// is used after all is mapped again from the page cache, without reading the disk.
/// </summary>
/// <remarks>
/// Only segments that nothing may write: their pages are those of the file. What the loader has relocated lies in
/// writable segments (PT_GNU_RELRO is a part of one) and is not touched.
/// </remarks>
internal static unsafe partial class ProgramPages
{
    /// <summary>After the start, its first ticks and the opening of the store.</summary>
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(30);

    /// <summary>Then what a question or a page load has run through; mapping a tick's pages again takes 1 ms.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(5);

    private const int LoadedSegment = 1; // PT_LOAD of elf(5)
    private const int Writable = 2; // PF_W
    private const int DontNeed = 4; // MADV_DONTNEED of madvise(2)

    /// <summary>Gives pages back, until what this returns is disposed of.</summary>
    public static IDisposable KeepReleasing(TimeProvider clock) =>
        clock.CreateTimer(_ => Release(), null, AfterStart, Between);

    /// <summary>Gives back what is mapped now; how many segments there were.</summary>
    public static int Release()
    {
        var segments = 0;
        return ForEachObject(&ReleaseObject, &segments) == 0 ? segments : 0;
    }

    [UnmanagedCallersOnly]
    private static int ReleaseObject(LoadedObject* loaded, nuint size, int* segments)
    {
        // The kernel's own object is no file. The runtime of `./dev run` has written its barriers for the collector in
        // its own code, and without them the next collection ends the process.
        var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)loaded->Name);
        if (name.StartsWith("linux-"u8) || name.EndsWith("/libcoreclr.so"u8))
        {
            return 0;
        }

        var page = (nuint)Environment.SystemPageSize;
        for (var i = 0; i < loaded->SegmentCount; i++)
        {
            ref readonly var segment = ref ((Segment*)loaded->Segments)[i];
            if (segment.Type == LoadedSegment && (segment.Flags & Writable) == 0)
            {
                var start = (loaded->Base + (nuint)segment.Address) & ~(page - 1);
                var end = (loaded->Base + (nuint)(segment.Address + segment.MemoryBytes) + page - 1) & ~(page - 1);
                *segments += Advise(start, end - start, DontNeed) == 0 ? 1 : 0; // A locked one stays.
            }
        }

        return 0;
    }

    /// <summary>struct dl_phdr_info of dl_iterate_phdr(3), as far as it is needed; addresses as numbers.</summary>
    private readonly record struct LoadedObject(nuint Base, nuint Name, nuint Segments, ushort SegmentCount);

    /// <summary>Elf64_Phdr of elf(5).</summary>
    private readonly record struct Segment(
        uint Type,
        uint Flags,
        ulong Offset,
        ulong Address,
        ulong PhysicalAddress,
        ulong FileBytes,
        ulong MemoryBytes,
        ulong Alignment);

    [LibraryImport("libc", EntryPoint = "dl_iterate_phdr")]
    private static partial int ForEachObject(delegate* unmanaged<LoadedObject*, nuint, int*, int> each, int* segments);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
