using System.Text;
using CsCheck;
using Hostscope.Collectors.Processes;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: a process is read right whatever it calls itself, and no content makes a reader throw.
/// Method: hostile names in true files, every prefix of each file, and any bytes.
/// </summary>
public sealed class ProcessStatTests
{
    private const string Real =
        "9238 (bash) S 9237 9238 9238 34816 -1 4194560 3565 51302 17 8 123 45 30 8 20 -5 6 0 118899 5128192 931 "
        + "18446744073709551615 94912227852288 94912228641693 140735501663360 0 0 0 65536 4 1132560123 1 0 17 0\n";

    public static TheoryData<string> HostileNames =>
    [
        "a) R 1 (b", ")", "(", "", "a b c", "new\nline", "\u001b[31mred", "\u202Egpj.exe", "x) S 1 2 3 4 5 6 7 8 9",
        "ключ", "a\tb", "((((", "))))",
    ];

    [Fact]
    public void Each_field_is_the_one_that_the_kernel_documents()
    {
        Assert.True(ProcessStat.TryParse(Encoding.ASCII.GetBytes(Real), out var stat));
        Assert.Equal("bash", Encoding.ASCII.GetString(stat.Name));
        Assert.Equal(('S', 9237, 17), (stat.State, stat.ParentPid, stat.MajorFaults));
        Assert.Equal((123, 45), (stat.UserTicks, stat.SystemTicks));
        Assert.Equal((20, -5, 6), (stat.Priority, stat.Nice, stat.Threads));
        Assert.Equal((118899, 931), (stat.StartTicks, stat.RssPages));
        Assert.False(stat.IsKernelThread);
        Assert.False(stat.IsForked);
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void A_name_ends_at_the_last_parenthesis(string name)
    {
        var text = Encoding.UTF8.GetBytes(Real.Replace("bash", name, StringComparison.Ordinal));
        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.Equal(name, Encoding.UTF8.GetString(stat.Name));
        Assert.Equal(('S', 9237, 118899), (stat.State, stat.ParentPid, stat.StartTicks));
    }

    [Fact]
    public void A_name_of_4_KB_that_is_no_text_is_read_and_made_printable()
    {
        byte[] name = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i % 255 + 1))];
        var rest = Real[Real.IndexOf(')', StringComparison.Ordinal)..];
        byte[] text = [.. "7 ("u8, .. name, .. Encoding.ASCII.GetBytes(rest)];
        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.True(stat.Name.SequenceEqual(name));
        Assert.DoesNotContain(PrintableText.FromUtf8(stat.Name), char.IsControl);
    }

    [Theory]
    [InlineData("a\nb\u001b[2J", "a\uFFFDb\uFFFD[2J")]
    [InlineData("invoice\u202Efdp.exe", "invoice\uFFFDfdp.exe")]
    [InlineData("a\u2028b\u0085c\u007Fd", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("grüße 日本 🚀", "grüße 日本 🚀")]
    public void What_could_repaint_a_terminal_or_read_backwards_is_replaced(string raw, string expected) =>
        Assert.Equal(expected, PrintableText.FromUtf8(Encoding.UTF8.GetBytes(raw)));

    [Fact]
    public void Bytes_that_are_no_text_are_replaced() =>
        Assert.Equal("a\uFFFDb", PrintableText.FromUtf8([(byte)'a', 0xFF, (byte)'b']));

    [Theory]
    [InlineData("kworker/0:1-events", "kworker/0:1")]
    [InlineData("kworker/u8:3+flush-8:0", "kworker/u8:3")]
    [InlineData("kworker/R-kblockd", "kworker/R-kblockd")]
    [InlineData("kworker/1:0H", "kworker/1:0H")]
    public void A_worker_of_the_kernel_keeps_its_name_whatever_it_works_on(string name, string expected)
    {
        var text = Real.Replace("bash", name, StringComparison.Ordinal)
            .Replace("4194560", "69238880", StringComparison.Ordinal);
        Assert.True(ProcessStat.TryParse(Encoding.ASCII.GetBytes(text), out var stat));
        Assert.True(stat.IsKernelThread);
        Assert.Equal(expected, Encoding.ASCII.GetString(stat.Name));
    }

    [Fact]
    public void A_process_may_call_itself_like_a_worker_of_the_kernel_and_keeps_that_name()
    {
        var text = Encoding.ASCII.GetBytes(Real.Replace("bash", "kworker/0:1-evil", StringComparison.Ordinal));
        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.Equal("kworker/0:1-evil", Encoding.ASCII.GetString(stat.Name));
        Assert.False(stat.IsKernelThread);
    }

    [Fact]
    public void A_number_beyond_63_bits_is_absent_and_no_leap()
    {
        var text = Encoding.ASCII.GetBytes(Real.Replace(" 123 ", " 18446744073709551000 ", StringComparison.Ordinal));
        Assert.True(ProcessStat.TryParse(text, out var stat));
        Assert.Equal(Frame.Absent, stat.UserTicks);
    }

    [Fact]
    public void A_cut_file_is_refused_at_every_length()
    {
        var text = Encoding.ASCII.GetBytes(Real);
        for (var length = 0; length < text.Length; length++)
        {
            Assert.False(ProcessStat.TryParse(text.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void No_bytes_make_a_reader_throw() => Gen.Byte.Array[0, 600].Sample(bytes =>
    {
        ReadAll(bytes);
        byte[] likely = [.. "1 (a) S 1 "u8, .. bytes.Select(b => (byte)(" 0123456789)(\n-:/"[b % 17]))];
        ReadAll(likely);
    });

    [Theory]
    [InlineData("rchar: 1\nread_bytes: 1114112\nwrite_bytes: 729088\ncancelled_write_bytes: 3\n", 1114112, 729088)]
    [InlineData("rchar: 1\nwchar: 2\n", Frame.Absent, Frame.Absent)]
    public void Bytes_read_and_written_are_those_of_storage(string text, long read, long written)
    {
        Assert.True(ProcessIo.TryParse(Encoding.ASCII.GetBytes(text), out var io));
        Assert.Equal(new ProcessIo(read, written), io);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rchar: 1\nread_bytes: 11")]
    [InlineData("read_bytes: x\n")]
    public void An_io_that_is_cut_or_strange_gives_nothing(string text)
    {
        Assert.False(ProcessIo.TryParse(Encoding.ASCII.GetBytes(text), out var io));
        Assert.Equal(ProcessIo.None, io);
    }

    [Theory]
    [InlineData("0::/system.slice/nginx.service\n", "/system.slice/nginx.service")]
    [InlineData("9:name=systemd:/a.slice\n4:memory:/b\n0::/\n", "/a.slice")]
    [InlineData("9:name=systemd:/\n4:memory:/b:c\n1:cpu,cpuacct:/d\n0::/\n", "/b:c")]
    [InlineData("3:cpuset:/x\n1:cpu:/y\n0::/\n", "/y")]
    [InlineData("1:name=systemd:/\n0::/\n", "/")]
    public void The_cgroup_is_the_one_that_says_most(string text, string expected)
    {
        Assert.True(ProcessCgroup.TryParse(Encoding.ASCII.GetBytes(text), out var path));
        Assert.Equal(expected, Encoding.ASCII.GetString(path));
    }

    [Fact]
    public void The_user_is_the_effective_one()
    {
        Assert.True(ProcessStatus.TryParseUser("Name:\tnginx\nUid:\t0\t33\t0\t33\nGid:\t1\t2\t3\t4\n"u8, out var user));
        Assert.Equal(33u, user);
        Assert.False(ProcessStatus.TryParseUser("Name:\tUid\n"u8, out _));
    }

    [Theory]
    [InlineData("1\0", true, 1)]
    [InlineData("4194304\0", true, 4194304)]
    [InlineData("2147483647\0", true, int.MaxValue)]
    [InlineData("2147483648\0", false, 0)]
    [InlineData("99999999999\0", false, 0)]
    [InlineData("01\0", false, 0)]
    [InlineData("12a\0", false, 0)]
    [InlineData("self\0", false, 0)]
    [InlineData("\0", false, 0)]
    public void Only_numbers_are_processes(string name, bool isPid, int pid)
    {
        Assert.Equal(isPid, PidList.TryParsePid(Encoding.ASCII.GetBytes(name), out var parsed));
        Assert.True(!isPid || parsed == pid);
    }

    private static void ReadAll(byte[] bytes)
    {
        _ = ProcessStat.TryParse(bytes, out _);
        _ = ProcessIo.TryParse(bytes, out _);
        _ = ProcessCgroup.TryParse(bytes, out _);
        _ = ProcessStatm.TryParseResident(bytes, out _);
        _ = ProcessStatus.TryParseUser(bytes, out _);
        _ = HiddenProcesses.ParseMounts(bytes);
        _ = HiddenProcesses.TryParseTasks(bytes, out _);
        UserNames.Parse(bytes, []);
        Assert.DoesNotContain(PrintableText.FromUtf8(bytes), char.IsControl);
    }
}
