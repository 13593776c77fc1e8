using System.Text;
using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: a file of /proc is read whole or the reason is known, whatever the kernel does meanwhile.
/// Method: fake files that answer with errors, short reads and changed content; the real kernel where it can be had.
/// </summary>
public sealed class ProcFileTests
{
    private const string Path = "/host/proc/x";

    private readonly FakeFiles _files = new();
    private readonly ReadBuffer _buffer = new();

    [Fact]
    public void A_file_is_read_whole_and_anew_each_time_through_one_descriptor()
    {
        using var file = new ProcFile(_files, Path);

        _files.Contents[Path] = "one\n"u8.ToArray();
        Assert.True(file.Read(_buffer).IsOk);
        Assert.Equal("one\n", Text());

        _files.Contents[Path] = "two, longer\n"u8.ToArray();
        Assert.True(file.Read(_buffer).IsOk);
        Assert.Equal("two, longer\n", Text());
        Assert.Equal(1, _files.Opens[Path]);
    }

    [Fact]
    public void Short_reads_do_not_end_a_file_of_records()
    {
        _files.Contents[Path] = Encoding.ASCII.GetBytes(new string('a', 10_000));
        _files.LongestRead = 7;
        using var file = new ProcFile(_files, Path, ReadShape.Records);

        Assert.True(file.Read(_buffer).IsOk);
        Assert.Equal(10_000, _buffer.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 << 10)]
    [InlineData((16 << 10) + 1)]
    [InlineData(100_000)]
    internal void A_file_of_any_length_below_the_bound_is_read_in_either_shape(int length)
    {
        _files.Contents[Path] = new byte[length];
        foreach (var shape in Enum.GetValues<ReadShape>())
        {
            using var file = new ProcFile(_files, Path, shape);
            Assert.True(file.Read(_buffer).IsOk);
            Assert.Equal(length, _buffer.Length);
        }
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(10_000_000, false)]
    public void A_file_beyond_the_bound_is_too_large_and_one_that_fits_is_not(int length, bool fits)
    {
        _files.Contents[Path] = new byte[length];
        var buffer = new ReadBuffer(maxBytes: 100);
        using var file = new ProcFile(_files, Path);

        var result = file.Read(buffer);

        Assert.Equal(fits ? ReadStatus.Ok : ReadStatus.TooLarge, result.Status);
        Assert.Equal(fits ? length : 0, buffer.Length);
    }

    [Theory]
    [InlineData(Errno.NoEntry, ReadStatus.Missing)]
    [InlineData(Errno.NoProcess, ReadStatus.Missing)]
    [InlineData(Errno.NoDevice, ReadStatus.Missing)]
    [InlineData(Errno.Access, ReadStatus.Denied)]
    [InlineData(Errno.NotPermitted, ReadStatus.Denied)]
    [InlineData(Errno.InputOutput, ReadStatus.IoError)]
    [InlineData(Errno.IsDirectory, ReadStatus.IoError)]
    internal void Errors_of_opening_and_of_reading_say_who_is_to_blame(int errno, ReadStatus expected)
    {
        _files.Contents[Path] = "x\n"u8.ToArray();
        using var file = new ProcFile(_files, Path);

        _files.OpenErrors[Path] = errno;
        Assert.Equal(new ReadResult(expected, errno), file.Read(_buffer));

        _files.OpenErrors.Clear();
        _files.ReadErrors[Path] = errno;
        Assert.Equal(new ReadResult(expected, errno), file.Read(_buffer));
        Assert.Equal(0, _buffer.Length);
        Assert.Equal(0, _files.OpenCount);

        _files.ReadErrors.Clear();
        Assert.True(file.Read(_buffer).IsOk);
    }

    [Fact]
    public void A_descriptor_that_has_become_useless_is_replaced_within_the_same_read()
    {
        var files = new StaleOnceFiles();
        using var file = new ProcFile(files, Path);
        Assert.True(file.Read(_buffer).IsOk);

        files.IsStale = true;
        Assert.True(file.Read(_buffer).IsOk);
        Assert.Equal(2, files.OpenedTimes);
    }

    [Fact]
    public void The_text_of_a_failure_names_the_file_and_is_made_once()
    {
        using var file = new ProcFile(_files, Path);
        var first = file.Failure(file.Read(_buffer));
        var second = file.Failure(file.Read(_buffer));

        Assert.Equal(CollectStatus.Unavailable, first.Status);
        Assert.Contains(Path, first.Reason, StringComparison.Ordinal);
        Assert.Same(first.Reason, second.Reason);
        Assert.Contains(
            "Input/output error", file.Failure(new ReadResult(ReadStatus.IoError, 5)).Reason, StringComparison.Ordinal);
        Assert.Contains("line 7", file.Understood(7).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_kernel_itself_is_read_the_same_way()
    {
        using var stat = new ProcFile(HostFiles.Kernel, "/proc/stat", ReadShape.Whole);
        using var missing = new ProcFile(HostFiles.Kernel, "/proc/no-such-file");
        using var folder = new ProcFile(HostFiles.Kernel, "/proc");

        Assert.True(stat.Read(_buffer).IsOk);
        Assert.StartsWith("cpu  ", Text(), StringComparison.Ordinal);
        Assert.EndsWith("\n", Text(), StringComparison.Ordinal);
        Assert.Equal(ReadStatus.Missing, missing.Read(_buffer).Status);
        Assert.Equal(new ReadResult(ReadStatus.IoError, Errno.IsDirectory), folder.Read(_buffer));
    }

    [Fact]
    public void Reading_allocates_nothing_after_the_first_time()
    {
        using var stat = new ProcFile(HostFiles.Kernel, "/proc/stat", ReadShape.Whole);
        using var dev = new ProcFile(HostFiles.Kernel, "/proc/net/dev");
        var path = HostFiles.PathBytes("/proc/self/stat");
        stat.Read(_buffer);
        dev.Read(_buffer);
        ProcFile.ReadOnce(HostFiles.Kernel, HostFiles.NoDirectory, path, _buffer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            stat.Read(_buffer);
            dev.Read(_buffer);
            ProcFile.ReadOnce(HostFiles.Kernel, HostFiles.NoDirectory, path, _buffer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_directory_gives_its_entries_and_can_be_scanned_again()
    {
        var descriptor = HostFiles.Kernel.Open(HostFiles.NoDirectory, "/proc/self\0"u8);
        Assert.True(descriptor >= 0);
        var first = Names(descriptor);
        Assert.Equal(0, HostFiles.Kernel.RewindDirectory(descriptor));
        var second = Names(descriptor);
        HostFiles.Kernel.Close(descriptor);

        Assert.Contains("status", first);
        Assert.Contains("mountinfo", first);
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_link_tells_its_target_and_what_is_none_says_so()
    {
        var target = new byte[4096];
        Assert.True(HostFiles.Kernel.ReadLink("/proc/self\0"u8, target) > 0);
        Assert.Equal(-Errno.Invalid, HostFiles.Kernel.ReadLink("/proc/stat\0"u8, target));
        Assert.True(HostFiles.Kernel.Exists("/proc/stat\0"u8));
        Assert.False(HostFiles.Kernel.Exists("/proc/no-such-file\0"u8));
        Assert.Throws<ArgumentException>(() => HostFiles.Kernel.Exists("/proc"u8));
    }

    private static List<string> Names(int directory)
    {
        var names = new List<string>();
        var buffer = new byte[512];
        int length;
        while ((length = HostFiles.Kernel.ReadDirectory(directory, buffer)) > 0)
        {
            var entries = new DirectoryEntries(buffer.AsSpan(0, length));
            while (entries.Next(out var name, out _))
            {
                Assert.Equal(0, name[^1]);
                names.Add(Encoding.UTF8.GetString(name[..^1]));
            }
        }

        return names;
    }

    private string Text() => Encoding.UTF8.GetString(_buffer.Content);

    /// <summary>One file whose descriptor can become useless, as after a device was unplugged.</summary>
    private sealed class StaleOnceFiles : HostFiles
    {
        private int _descriptor;

        public bool IsStale { get; set; }

        public int OpenedTimes { get; private set; }

        public override int Open(int directory, ReadOnlySpan<byte> path)
        {
            OpenedTimes++;
            IsStale = false;
            return ++_descriptor;
        }

        public override int Read(int descriptor, Span<byte> buffer, long offset) =>
            IsStale ? -Errno.Stale : 0;

        public override void Close(int descriptor)
        {
        }
    }
}
