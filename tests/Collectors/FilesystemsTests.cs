using System.Text;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: a file system that does not answer never delays a tick, takes at most two threads however many there are, is
/// said not to answer after 3 s, and recovers by itself.
/// Method: fake file systems that block until the test lets them go, and a clock that the test drives.
/// </summary>
public sealed class FilesystemsTests : IDisposable
{
    private const string Disk = "27 1 254:0 / / rw - ext4 /dev/vda rw\n";
    private const string SecondDisk = "28 27 254:16 / /data rw - xfs /dev/vdb rw\n";
    private static readonly FilesystemSpace Space = new(4096, 1000, 400, 300, 50, 20);

    private readonly FakeFiles _files = new();
    private readonly FakeHost _host;
    private readonly Filesystems _filesystems;
    private readonly Dictionary<string, ManualResetEventSlim> _hung = [];
    private int _waiting;

    public FilesystemsTests()
    {
        _files.Filesystems = Answer;
        _host = new FakeHost(_files, "filesystems");
        _filesystems = _host.Collectors.OfType<Filesystems>().Single();
    }

    [Fact]
    public void Space_and_inodes_add_up()
    {
        Mounted(Disk);
        var frame = _host.TickUntilSettled();

        string[] root = ["/dev/vda", "/", "ext4"];
        Assert.Equal(600 * 4096, frame.Raw(Metrics.FilesystemUsage, [.. root, "used"]));
        Assert.Equal(300 * 4096, frame.Raw(Metrics.FilesystemUsage, [.. root, "free"]));
        Assert.Equal(100 * 4096, frame.Raw(Metrics.FilesystemUsage, [.. root, "reserved"]));
        Assert.Equal(30, frame.Raw(Metrics.FilesystemInodes, [.. root, "used"]));
        Assert.Equal(20, frame.Raw(Metrics.FilesystemInodes, [.. root, "free"]));
        Assert.Equal(1, frame.Raw(Metrics.FilesystemResponding, root));
        Assert.Equal(1, _filesystems.Threads);
    }

    [Fact]
    public void A_hung_server_is_said_not_to_answer_while_the_disks_go_on_and_recovers()
    {
        Mounted(Disk + Nfs("/a"));
        Hang("/a");
        _host.Tick();
        WaitForHung(1);

        Assert.Equal(Frame.Absent, Responding(TickAfter(TimeSpan.FromSeconds(2)), "/a"));
        Assert.Equal(0, Responding(TickAfter(TimeSpan.FromSeconds(1)), "/a"));
        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == 1
            && Responding(frame, "/a") == 0);
        Assert.Equal(2, _filesystems.Threads);

        LetGo("/a");
        Until(frame => Responding(frame, "/a") == 1);
    }

    [Fact]
    public void Three_hung_servers_take_two_threads_at_most_and_every_tick_returns()
    {
        Mounted(Disk + Nfs("/a") + Nfs("/b") + Nfs("/c"));
        Hang("/a");
        Hang("/b");
        Hang("/c");
        _host.Tick();
        WaitForHung(1);

        for (var second = 0; second < 20; second++)
        {
            TickAfter(TimeSpan.FromSeconds(1));
            Assert.True(_filesystems.Threads <= 2);
            Assert.Equal(1, Volatile.Read(ref _waiting));
        }

        // Nobody has asked the other two, so nothing is known of them.
        var frame = _host.Tick();
        Assert.Equal(0, Responding(frame, "/a"));
        Assert.Equal(Frame.Absent, Responding(frame, "/b"));

        LetGo("/a");
        WaitForHung(1);
        Until(frame => Responding(frame, "/a") == 1);
        LetGo("/b");
        LetGo("/c");
        Until(frame => Responding(frame, "/a") == 1 && Responding(frame, "/b") == 1 && Responding(frame, "/c") == 1);
        Assert.Equal(2, _filesystems.Threads);
    }

    [Fact]
    public void When_a_disk_hangs_the_second_thread_looks_after_the_other_disks()
    {
        Mounted(SecondDisk + Disk);
        Hang("/data");
        _host.Tick();
        WaitForHung(1);
        TickAfter(Filesystems.AnswerWithin);

        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == 1);
        for (var second = 0; second < 10; second++)
        {
            TickAfter(TimeSpan.FromSeconds(10));
            Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == 1
                && frame.Raw(Metrics.FilesystemResponding, "/dev/vdb", "/data", "xfs") == 0);
        }

        Assert.Equal(2, _filesystems.Threads);
        LetGo("/data");
        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vdb", "/data", "xfs") == 1);
    }

    [Fact]
    public void Hung_disks_and_servers_together_stop_the_news_and_not_the_ticks()
    {
        Mounted(SecondDisk + Disk + Nfs("/a") + Nfs("/b"));
        Hang("/data");
        Hang("/a");
        Hang("/b");
        _host.Tick();
        WaitForHung(2);

        var frame = TickAfter(TimeSpan.FromSeconds(10));
        Assert.Equal(2, _filesystems.Threads);
        Assert.Equal(0, Responding(frame, "/a"));
        Assert.Equal(0, frame.Raw(Metrics.FilesystemResponding, "/dev/vdb", "/data", "xfs"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4"));

        LetGo("/data");
        LetGo("/a");
        LetGo("/b");
        Until(frame => Responding(frame, "/b") == 1
            && frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == 1);
    }

    [Fact]
    public void What_is_unmounted_disappears_and_what_is_mounted_appears()
    {
        Mounted(Disk);
        _host.TickUntilSettled();
        Mounted(Disk + SecondDisk);
        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vdb", "/data", "xfs") == 1);
        Mounted(SecondDisk);
        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == Frame.Absent);
    }

    [Fact]
    public void A_file_system_that_refuses_or_keeps_nothing_is_absent_and_no_failure()
    {
        Mounted(Disk + SecondDisk);
        _files.Filesystems = path => path.EndsWith("/data", StringComparison.Ordinal)
            ? (Errno.Access, default)
            : (0, new FilesystemSpace(4096, 0, 0, 0, 0, 0));
        var frame = _host.TickUntilSettled();

        Assert.Equal(0, frame.Schema.Count);
        Assert.Equal(CollectStatus.Ok, _host.Results["filesystems"].Status);
    }

    [Fact]
    public void The_list_of_mounts_that_cannot_be_read_is_reported()
    {
        _host.TickUntilSettled();
        Assert.Equal(CollectStatus.Unavailable, _host.Results["filesystems"].Status);

        Mounted(Disk + "nonsense\n");
        Until(frame => frame.Raw(Metrics.FilesystemResponding, "/dev/vda", "/", "ext4") == 1);
        Assert.Equal(CollectStatus.Failed, _host.Results["filesystems"].Status);
        Assert.Contains("line 2", _host.Results["filesystems"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_file_system_is_shown_once_and_pseudo_ones_are_not()
    {
        var all = new List<Mount>();
        var text = """
            1 0 254:1 /part /mnt/part rw - ext4 /dev/vda1 rw
            2 0 254:1 / /long/way/to/it rw shared:1 master:2 - ext4 /dev/vda1 rw
            3 0 254:1 / /short rw - ext4 /dev/vda1 rw
            4 0 0:4 / /proc rw - proc proc rw
            5 0 0:5 / /sys/fs/cgroup rw - tmpfs tmpfs rw
            6 0 0:6 / /dev/shm rw - tmpfs tmpfs rw
            7 0 0:7 / /devices rw - tmpfs tmpfs rw
            8 0 0:8 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
            9 0 0:9 / / rw - overlay overlay rw
            10 0 0:10 / /over rw - ext4 /dev/vdx rw
            11 0 0:11 / /over rw - xfs /dev/vdy rw
            12 0 0:12 / /auto rw - autofs systemd-1 rw
            13 0 0:13 / /my\040disk\134 rw - fuse.sshfs me@there: rw

            """;
        Assert.Equal(0, Mounts.Parse(Encoding.ASCII.GetBytes(text.ReplaceLineEndings("\n")), all));

        Assert.Equal(
            ["/", "/dev/shm", "/devices", "/my disk\\", "/over", "/short"],
            Mounts.Select(all).Select(mount => mount.MountPoint).Order(StringComparer.Ordinal));
        Assert.Equal("xfs", Mounts.Select(all).Single(mount => mount.MountPoint == "/over").Type);
        Assert.True(all[^1].MayHang);
    }

    [Theory]
    [InlineData("rw,relatime", "rw,discard", 0)]
    [InlineData("ro", "rw", 1)]
    [InlineData("ro,relatime", "rw", 1)]
    [InlineData("nosuid,ro,relatime", "rw", 1)]
    [InlineData("rw,relatime", "ro,errors=remount-ro", 1)]
    [InlineData("rw", "rw,errors=remount-ro", 0)]
    public void A_mount_or_its_file_system_may_be_read_only(string ofMount, string ofFilesystem, long expected)
    {
        Mounted($"27 1 254:0 / / {ofMount} shared:1 - ext4 /dev/vda {ofFilesystem}\n");
        var frame = _host.TickUntilSettled();
        Assert.Equal(expected, frame.Raw(Metrics.FilesystemReadOnly, "/dev/vda", "/", "ext4"));
    }

    public void Dispose()
    {
        foreach (var gate in _hung.Values)
        {
            gate.Set();
        }

        _host.Dispose();
    }

    private static string Nfs(string path) => $"40 27 0:{path[1] - 0} / {path} rw - nfs4 server:{path} rw\n";

    private static long Responding(Frame frame, string path) =>
        frame.Raw(Metrics.FilesystemResponding, $"server:{path}", path, "nfs4");

    private void Mounted(string mounts) => _files.Contents["/host/proc/1/mountinfo"] = Encoding.ASCII.GetBytes(mounts);

    private void Hang(string path) => _hung[$"/host/root{path}"] = new ManualResetEventSlim();

    private void LetGo(string path) => _hung[$"/host/root{path}"].Set();

    private (int Error, FilesystemSpace Space) Answer(string path)
    {
        if (_hung.TryGetValue(path, out var gate) && !gate.IsSet)
        {
            Interlocked.Increment(ref _waiting);
            gate.Wait();
            Interlocked.Decrement(ref _waiting);
        }

        return (0, Space);
    }

    private Frame TickAfter(TimeSpan time)
    {
        _host.Time.Advance(time);
        return _host.Tick();
    }

    private void WaitForHung(int count) =>
        FakeHost.WaitFor(() => Volatile.Read(ref _waiting) == count, $"{count} threads do not wait");

    private void Until(Func<Frame, bool> condition) =>
        FakeHost.WaitFor(() => condition(_host.Tick()), "the file systems did not come to that");
}
