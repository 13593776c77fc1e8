using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Answers instead of the kernel: from a recorded host at one of its instants, from given contents, or with errors that
/// a test run as root never gets. A descriptor stays open when the instant changes, as a real one of /proc does, and
/// then gives the new content. Safe to be called from several threads.
/// </summary>
internal sealed class FakeFiles(string? folder = null) : HostFiles
{
    /// <summary>Where the fake host is: not our own machine, so nothing asks the real one.</summary>
    public static readonly HostRoots Roots = new("/host/proc", "/host/sys", "/host/etc", "/host/root");

    private readonly ConcurrentDictionary<int, Opened> _open = new();
    private int _lastDescriptor = 1_000_000;

    /// <summary>Which instant of the recorded host is now.</summary>
    public string Instant { get; set; } = "t0";

    /// <summary>Contents by path, such as <c>/host/proc/stat</c>; they go before the recorded ones.</summary>
    public ConcurrentDictionary<string, byte[]> Contents { get; } = new();

    /// <summary>Files that are made when they are asked for; they go before the recorded ones.</summary>
    public IGeneratedFiles? Generated { get; init; }

    /// <summary>Errors by path that opening gives.</summary>
    public ConcurrentDictionary<string, int> OpenErrors { get; } = new();

    /// <summary>Errors by path that reading gives.</summary>
    public ConcurrentDictionary<string, int> ReadErrors { get; } = new();

    /// <summary>Most bytes a read gives, as the kernel gives at most a page of a file made of records.</summary>
    public int LongestRead { get; set; } = int.MaxValue;

    /// <summary>Answers for file systems by path; <c>null</c> to look into the recording.</summary>
    public Func<string, (int Error, FilesystemSpace Space)>? Filesystems { get; set; }

    /// <summary>How often each path was opened.</summary>
    public ConcurrentDictionary<string, int> Opens { get; } = new();

    /// <summary>Descriptors open now.</summary>
    public int OpenCount => _open.Count;

    public override int Open(int directory, ReadOnlySpan<byte> path)
    {
        var full = Decode(path);
        if (directory != NoDirectory)
        {
            full = $"{_open[directory].Path}/{full}";
        }

        if (OpenErrors.TryGetValue(full, out var error))
        {
            return -error;
        }

        if (!IsThere(full))
        {
            return -Errno.NoEntry;
        }

        Opens.AddOrUpdate(full, 1, (_, count) => count + 1);
        var descriptor = Interlocked.Increment(ref _lastDescriptor);
        _open[descriptor] = new Opened(full);
        return descriptor;
    }

    public override int Read(int descriptor, Span<byte> buffer, long offset)
    {
        var path = _open[descriptor].Path;
        if (ReadErrors.TryGetValue(path, out var error))
        {
            return -error;
        }

        if (IsDirectory(path))
        {
            return -Errno.IsDirectory;
        }

        if (Content(path) is not { } content)
        {
            return -Errno.NoProcess;
        }

        var rest = content.AsSpan((int)Math.Min(offset, content.Length));
        var count = Math.Min(Math.Min(rest.Length, buffer.Length), LongestRead);
        rest[..count].CopyTo(buffer);
        return count;
    }

    public override int ReadDirectory(int descriptor, Span<byte> buffer)
    {
        var opened = _open[descriptor];
        var names = Names(opened.Path);
        var length = 0;
        for (; opened.Position < names.Count; opened.Position++)
        {
            var (name, isDirectory) = names[opened.Position];
            var bytes = Encoding.UTF8.GetBytes(name);
            var record = (19 + bytes.Length + 1 + 7) / 8 * 8;
            if (length + record > buffer.Length)
            {
                break;
            }

            var entry = buffer.Slice(length, record);
            entry.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], (ushort)record);
            entry[18] = (byte)(isDirectory ? 4 : 8);
            bytes.CopyTo(entry[19..]);
            length += record;
        }

        return length;
    }

    public override int RewindDirectory(int descriptor)
    {
        _open[descriptor].Position = 0;
        return 0;
    }

    public override void Close(int descriptor)
    {
        Assert.True(_open.TryRemove(descriptor, out _), "A descriptor was closed that is not open.");
    }

    public override bool Exists(ReadOnlySpan<byte> path) => IsThere(Decode(path));

    public override int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        var link = folder is null ? null : new FileInfo(OnDisk(Decode(path))).LinkTarget;
        return link is null ? -Errno.Invalid : Encoding.UTF8.GetBytes(link, buffer);
    }

    public override int StatFilesystem(ReadOnlySpan<byte> path, out FilesystemSpace space)
    {
        var full = Decode(path);
        if (Filesystems is not null)
        {
            (var error, space) = Filesystems(full);
            return -error;
        }

        space = default;
        var name = full == Roots.Root + "/" ? "/" : full[Roots.Root.Length..];
        var list = folder is null ? null : Path.Combine(folder, Instant, "statvfs.txt");
        var line = list is null || !File.Exists(list)
            ? null
            : File.ReadLines(list).FirstOrDefault(line => line.Split(' ', 7)[6] == name);
        if (line is null)
        {
            return -Errno.NoEntry;
        }

        var numbers = line.Split(' ', 7)[..6].Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        space = new FilesystemSpace(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
        return 0;
    }

    private static string Decode(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path[..^1]);

    private string OnDisk(string path) => Path.Combine(folder!, Instant, path["/host/".Length..]);

    private bool IsDirectory(string path) => !Contents.ContainsKey(path)
        && (Contents.Keys.Any(key => key.StartsWith(path + "/", StringComparison.Ordinal))
            || Generated?.Names(Instant, path) is not null
            || (folder is not null && Directory.Exists(OnDisk(path))));

    private bool IsThere(string path) => IsDirectory(path) || Content(path) is not null;

    private byte[]? Content(string path) =>
        Contents.TryGetValue(path, out var content) ? content : Generated?.Content(Instant, path) ?? Recorded(path);

    private byte[]? Recorded(string path) =>
        folder is not null && File.Exists(OnDisk(path)) ? File.ReadAllBytes(OnDisk(path)) : null;

    private List<(string Name, bool IsDirectory)> Names(string path)
    {
        var start = path.Length + 1;
        var given = Contents.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal))
            .Select(key => key[start..].Split('/', 2)).Select(parts => (parts[0], parts.Length > 1));
        var recorded = folder is not null && Directory.Exists(OnDisk(path))
            ? new DirectoryInfo(OnDisk(path)).EnumerateFileSystemInfos()
                .Select(info => (info.Name, info is DirectoryInfo))
            : [];
        var all = given.Concat(recorded).Concat(Generated?.Names(Instant, path) ?? []);
        return [.. all.Distinct().OrderBy(entry => entry.Item1, StringComparer.Ordinal)];
    }

    private sealed class Opened(string path)
    {
        public string Path { get; } = path;

        public int Position { get; set; }
    }
}
