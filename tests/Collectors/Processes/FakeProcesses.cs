using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>One process of <see cref="FakeProcesses"/>.</summary>
internal sealed class FakeProcess
{
    public byte[] Name { get; set; } = "worker"u8.ToArray();

    public long StartTicks { get; set; } = 1000;

    public int ParentPid { get; set; } = 1;

    public long Flags { get; set; } = 0x400000;

    public long UserTicks { get; set; }

    public long SystemTicks { get; set; }

    public int Threads { get; set; } = 1;

    public string State { get; set; } = "S";

    public uint UserId { get; set; } = 1000;

    public string Cgroup { get; set; } = "0::/system.slice/worker.service\n";

    public byte[] CommandLine { get; set; } = "/usr/bin/worker\0--run\0"u8.ToArray();

    public long ReadBytes { get; set; }

    public int ResidentPages { get; set; } = 931;

    public int StatError { get; set; }

    public int IoError { get; set; }

    /// <summary>The content of stat instead of the one that follows from the above.</summary>
    public byte[]? Stat { get; set; }

    /// <summary>The content of io instead of the one that follows from the above.</summary>
    public byte[]? Io { get; set; }
}

/// <summary>
/// A /proc without a disk: processes that a test lets come, change and go. A descriptor belongs to its process and
/// answers ESRCH once that has gone, whatever has got its id since, as the kernel's do.
/// </summary>
internal sealed class FakeProcesses : HostFiles
{
    private const int ProcDirectory = 7;

    private readonly Dictionary<int, (FakeProcess? Process, int Pid, string Path)> _open = [];
    private int _lastDescriptor = 100;
    private List<int> _listing = [];
    private int _listed;

    public SortedDictionary<int, FakeProcess> Processes { get; } = [];

    /// <summary>Files outside of the process directories, by path.</summary>
    public Dictionary<string, byte[]> Files { get; } = new()
    {
        ["/etc/passwd"] = "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"u8.ToArray(),
        ["/proc/self/mountinfo"] = "22 27 0:21 / /proc rw,relatime - proc proc rw\n"u8.ToArray(),
        ["/proc/loadavg"] = "0.61 0.36 0.18 1/89 10731\n"u8.ToArray(),
    };

    public Dictionary<string, string> Links { get; } = [];

    /// <summary>Every path that was opened, in order.</summary>
    public List<string> Opened { get; } = [];

    public int OpenCount => _open.Count;

    /// <summary>Most descriptors that were open at once.</summary>
    public int MostOpen { get; private set; }

    /// <summary>Most descriptors that may be open; further opens fail as the kernel's do.</summary>
    public int MaxOpen { get; set; } = int.MaxValue;

    public long Limit { get; set; } = 65_536;

    public int ListError { get; set; }

    /// <summary>False to list in the order of a hash, as file systems do.</summary>
    public bool ListsInOrder { get; set; } = true;

    /// <summary>Runs after the listing has been read, before the first process is.</summary>
    public Action? AfterListing { get; set; }

    /// <summary>Most entries that one read of the directory gives.</summary>
    public int ListChunk { get; set; } = int.MaxValue;

    /// <summary>Runs between two reads of the directory.</summary>
    public Action? DuringListing { get; set; }

    public FakeProcess Add(int pid, Action<FakeProcess>? change = null)
    {
        var process = new FakeProcess();
        change?.Invoke(process);
        Processes[pid] = process;
        return process;
    }

    public override int Open(int directory, ReadOnlySpan<byte> path)
    {
        var name = Encoding.UTF8.GetString(path[..^1]);
        Opened.Add(name);
        if (_open.Count >= MaxOpen)
        {
            return -Errno.TooManyFiles;
        }

        if (directory == NoDirectory && name == "/proc")
        {
            return ListError == 0 ? ProcDirectory : -ListError;
        }

        var descriptor = ++_lastDescriptor;
        if (directory == NoDirectory)
        {
            _open[descriptor] = (null, 0, name);
            return Files.ContainsKey(name) ? descriptor : Fail(descriptor, Errno.NoEntry);
        }

        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var pid = int.Parse(name[..slash], CultureInfo.InvariantCulture);
        if (!Processes.TryGetValue(pid, out var process))
        {
            return -Errno.NoEntry;
        }

        _open[descriptor] = (process, pid, name[(slash + 1)..]);
        MostOpen = Math.Max(MostOpen, _open.Count);
        return descriptor;
    }

    public override int Read(int descriptor, Span<byte> buffer, long offset)
    {
        var (process, pid, file) = _open[descriptor];
        byte[] content;
        if (process is null)
        {
            content = Files[file];
        }
        else if (!Processes.TryGetValue(pid, out var now) || !ReferenceEquals(now, process))
        {
            return -Errno.NoProcess;
        }
        else if (file == "stat" && process.StatError != 0)
        {
            return -process.StatError;
        }
        else if (file == "io" && process.IoError != 0)
        {
            return -process.IoError;
        }
        else
        {
            content = Content(pid, process, file);
        }

        var rest = content.AsSpan((int)Math.Min(offset, content.Length));
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    public override int ReadDirectory(int descriptor, Span<byte> buffer)
    {
        Assert.Equal(ProcDirectory, descriptor);
        if (_listed > 0)
        {
            DuringListing?.Invoke();
        }

        var length = 0;
        var given = 0;
        while (_listed < _listing.Count && length + 32 <= buffer.Length && given < ListChunk)
        {
            var name = _listing[_listed++].ToString(CultureInfo.InvariantCulture);
            var entry = buffer.Slice(length, 32);
            entry.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], 32);
            Encoding.ASCII.GetBytes(name, entry[19..]);
            length += 32;
            given++;
        }

        if (length == 0)
        {
            AfterListing?.Invoke();
        }

        return length;
    }

    public override int RewindDirectory(int descriptor)
    {
        _listed = 0;
        _listing = ListsInOrder ? [.. Processes.Keys] : [.. Processes.Keys.OrderBy(pid => pid * 2654435761 % 4096)];
        return 0;
    }

    public override void Close(int descriptor) =>
        Assert.True(descriptor == ProcDirectory || _open.Remove(descriptor), "A descriptor was closed twice.");

    public override int Owner(int directory, ReadOnlySpan<byte> path, out uint userId)
    {
        var known = Processes.TryGetValue(int.Parse(path[..^1], CultureInfo.InvariantCulture), out var process);
        userId = process?.UserId ?? 0;
        return known ? 0 : -Errno.NoEntry;
    }

    public override long DescriptorLimit() => Limit;

    public override int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer) =>
        Links.TryGetValue(Encoding.UTF8.GetString(path[..^1]), out var target)
            ? Encoding.UTF8.GetBytes(target, buffer)
            : -Errno.NoEntry;

    /// <summary>The content of stat, as the kernel writes it.</summary>
    public static byte[] StatOf(int pid, FakeProcess process)
    {
        FormattableString text = $" {process.State} {process.ParentPid} 1 1 0 -1 {process.Flags} 35 0 2 0 ";
        FormattableString more = $"{process.UserTicks} {process.SystemTicks} 0 0 20 0 {process.Threads} 0 ";
        FormattableString last = $"{process.StartTicks} 5128192 931 18446744073709551615 1\n";
        var numbers = string.Concat(new[] { text, more, last }.Select(FormattableString.Invariant));
        return
        [
            .. Encoding.ASCII.GetBytes($"{pid} ("), .. process.Name, (byte)')', .. Encoding.ASCII.GetBytes(numbers),
        ];
    }

    private static byte[] Content(int pid, FakeProcess process, string file) => file switch
    {
        "stat" => process.Stat ?? StatOf(pid, process),
        "io" => process.Io ?? Encoding.ASCII.GetBytes(
            $"rchar: 1\nwchar: 2\nread_bytes: {process.ReadBytes}\nwrite_bytes: 7\ncancelled_write_bytes: 0\n"),
        "cmdline" => process.CommandLine,
        "cgroup" => Encoding.ASCII.GetBytes(process.Cgroup),
        "statm" => Encoding.ASCII.GetBytes($"1248 {process.ResidentPages} 812 301 0 246 0\n"),
        "status" => Encoding.ASCII.GetBytes($"Name:\tx\nUid:\t0\t{process.UserId}\t0\t0\n"),
        _ => throw new InvalidOperationException($"{file} of a process was opened."),
    };

    private int Fail(int descriptor, int error)
    {
        _open.Remove(descriptor);
        return -error;
    }
}
