using Hostscope.Service;

namespace Hostscope.Fuzz.Tests;

/// <summary>
/// Goal: of the program's memory only that is given back which the file can bring again, to the byte. Method: smaps of
/// a process as the kernel writes it, with every kind of mapping.
/// </summary>
public sealed class ProgramPagesTests
{
    private const string Smaps = """
        5581c0a00000-5581c0c3f000 r--p 00000000 fe:00 920001                     /usr/bin/hostscope
        Size:               2300 kB
        Anonymous:             0 kB
        VmFlags: rd mr mw me
        5581c0c3f000-5581c1a00000 r-xp 0023f000 fe:00 920001                     /usr/bin/hostscope
        Anonymous:             0 kB
        5581c1a00000-5581c1b00000 rw-p 00fff000 fe:00 920001                     /usr/bin/hostscope
        Anonymous:             0 kB
        5581c3000000-5581c3100000 rw-p 00000000 00:00 0                          [heap]
        Anonymous:           900 kB
        7f0000000000-7f0000400000 r-xp 00000000 fe:00 920002                     /usr/lib/a runtime/libcoreclr.so
        Anonymous:             4 kB
        7f0000400000-7f0000800000 r-xp 00000000 00:00 0
        Anonymous:             0 kB
        7f0000800000-7f0000900000 ---p 00000000 fe:00 920003                     /usr/lib/libc.so.6
        Anonymous:             0 kB
        7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
        Anonymous:             0 kB
        """;

    [Fact]
    public void What_is_of_a_file_and_was_never_written_is_given_back() => Assert.Equal(
        [((ulong)0x5581c0a00000, (ulong)0x23f000), ((ulong)0x5581c0c3f000, (ulong)0xdc1000)],
        ProgramPages.Untouched(Smaps.Split('\n')));
}
