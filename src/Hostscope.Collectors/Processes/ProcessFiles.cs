using System.Buffers.Text;
using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// Reads the files of processes, and keeps descriptors of those that are read each tick: opening and closing them costs
/// as much again as reading them (bench/processes). A kept descriptor belongs to its process and not to the number:
/// once the process has ended it answers ESRCH, also when another process has got the same id.
/// </summary>
internal sealed class ProcessFiles
{
    /// <summary>
    /// Most descriptors kept: those of 1,024 processes. The kernel holds a page for each file that has been read, so
    /// this is 9 MB of its memory; the processes beyond are opened each time.
    /// </summary>
    public const int MaxKept = 2048;

    /// <summary>What always stays free for the sockets and files of everything else.</summary>
    public const int Reserve = 256;

    /// <summary>Stands for "not kept".</summary>
    public const int NotKept = -1;

    /// <summary>Scans for which fewer descriptors are kept after they ran out.</summary>
    private const int ShortageScans = 60;

    private readonly HostFiles _files;
    private readonly ReadBuffer _buffer;
    private int _scansOfShortage;

    /// <summary>Makes it without opening anything.</summary>
    /// <param name="files">What opens and reads.</param>
    /// <param name="buffer">Takes the content.</param>
    public ProcessFiles(HostFiles files, ReadBuffer buffer)
    {
        _files = files;
        _buffer = buffer;
        Bound = BoundFor(files.DescriptorLimit());
    }

    /// <summary>Descriptor of the proc directory.</summary>
    public int Directory { get; set; }

    /// <summary>Descriptors kept now.</summary>
    public int Kept { get; private set; }

    /// <summary>Most that may be kept now.</summary>
    public int Bound { get; private set; }

    /// <summary>True when more are kept than may be: the caller lets go of some, until it is false.</summary>
    public bool IsShort => Kept > Bound;

    /// <summary>
    /// How many descriptors may be kept: what the limit leaves when a quarter and the reserve stay free.
    /// </summary>
    /// <param name="limit">Soft limit of this process (RLIMIT_NOFILE).</param>
    public static int BoundFor(long limit) => (int)Math.Clamp(limit - (limit / 4) - Reserve, 0, MaxKept);

    /// <summary>
    /// Starts a scan: asks for the limit again, which can be changed from outside (prlimit(1)). After a shortage fewer
    /// are kept for a while, lest each scan runs into the next one.
    /// </summary>
    public void BeginScan()
    {
        var bound = BoundFor(_files.DescriptorLimit());
        Bound = _scansOfShortage > 0 ? Math.Min(bound, Bound) : bound;
        _scansOfShortage = Math.Max(0, _scansOfShortage - 1);
    }

    /// <summary>Reads a file of a process once.</summary>
    public ReadResult ReadOnce(int pid, ReadOnlySpan<byte> name, ReadShape shape)
    {
        var descriptor = Open(pid, name);
        if (descriptor < 0)
        {
            _buffer.Clear();
            return ReadResult.FromErrno(-descriptor);
        }

        var result = ProcFile.ReadAll(_files, descriptor, _buffer, shape);
        _files.Close(descriptor);
        return result;
    }

    /// <summary>Reads the beginning of a file of a process once, of one that may be of any length.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">The file, as <c>/cmdline</c> with a NUL byte.</param>
    /// <param name="maxBytes">How much to read; less than an empty buffer has room for.</param>
    public ReadResult ReadHead(int pid, ReadOnlySpan<byte> name, int maxBytes)
    {
        _buffer.Clear();
        var descriptor = Open(pid, name);
        if (descriptor < 0)
        {
            return ReadResult.FromErrno(-descriptor);
        }

        int count;
        do
        {
            count = _files.Read(descriptor, _buffer.Free[..(maxBytes - _buffer.Length)], _buffer.Length);
            _buffer.Advance(Math.Max(count, 0));
        }
        while (count > 0 && _buffer.Length < maxBytes);
        _files.Close(descriptor);
        return count < 0 ? ReadResult.FromErrno(-count) : ReadResult.Ok;
    }

    /// <summary>Reads a file of a process, through a kept descriptor where there is one.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">The file, as <c>/stat</c> with a NUL byte.</param>
    /// <param name="kept">The kept descriptor, or <see cref="NotKept"/>; taken, given back or given anew.</param>
    public ReadResult Read(int pid, ReadOnlySpan<byte> name, ref int kept)
    {
        var descriptor = kept >= 0 ? kept : Open(pid, name);
        if (descriptor < 0)
        {
            _buffer.Clear();
            return ReadResult.FromErrno(-descriptor);
        }

        var result = ProcFile.ReadAll(_files, descriptor, _buffer, ReadShape.Whole);
        if (kept >= 0)
        {
            if (!result.IsOk)
            {
                Release(ref kept);
            }
        }
        else if (result.IsOk && Kept < Bound)
        {
            kept = descriptor;
            Kept++;
        }
        else
        {
            _files.Close(descriptor);
        }

        return result;
    }

    /// <summary>The user that a process runs as (statx of its directory); false when that is not told.</summary>
    public bool TryOwner(int pid, out uint userId)
    {
        Span<byte> path = stackalloc byte[16];
        _ = Utf8Formatter.TryFormat(pid, path, out var length);
        path[length] = 0;
        return _files.Owner(Directory, path[..(length + 1)], out userId) == 0;
    }

    /// <summary>Closes a kept descriptor.</summary>
    public void Release(ref int kept)
    {
        if (kept >= 0)
        {
            _files.Close(kept);
            kept = NotKept;
            Kept--;
        }
    }

    private int Open(int pid, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[32];
        _ = Utf8Formatter.TryFormat(pid, path, out var length);
        name.CopyTo(path[length..]);
        var descriptor = _files.Open(Directory, path[..(length + name.Length)]);
        if (descriptor is -Errno.TooManyFiles or -Errno.TooManyFilesOnHost)
        {
            Bound = Kept / 2;
            _scansOfShortage = ShortageScans;
        }

        return descriptor;
    }
}
