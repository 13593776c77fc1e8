using System.Runtime.InteropServices;
using System.Text;

namespace Hostscope.Collectors;

/// <summary>
/// The one door to the files of a host: every byte that a collector sees came through it. System calls instead of
/// <see cref="File"/>, because a file of /proc that is gone or not ours to read is an everyday result there, and an
/// exception for each of 400 processes is not. Override it to watch what is opened (the recorder of fixtures) or to
/// answer instead of the kernel (tests).
/// </summary>
/// <remarks>Results below 0 are negated errno values, as the kernel itself gives them.</remarks>
public partial class HostFiles
{
    /// <summary>Stands for "the path is absolute" where a directory's descriptor may stand (AT_FDCWD).</summary>
    public const int NoDirectory = -100;

    private const int ReadOnly = 0;

    /// <summary>A FIFO in place of a file must not block the tick; regular and proc files ignore it.</summary>
    private const int NonBlocking = 0x800;

    private const int CloseOnExec = 0x80000;

    /// <summary>The kernel's own answers.</summary>
    public static readonly HostFiles Kernel = new();

    /// <summary>For the classes that watch or answer; everything else uses <see cref="Kernel"/>.</summary>
    protected HostFiles()
    {
    }

    /// <summary>Opens a file or a directory for reading (openat(2)).</summary>
    /// <param name="directory">Directory the path is relative to, or <see cref="NoDirectory"/>.</param>
    /// <param name="path">The path, UTF-8, ending with a NUL byte.</param>
    /// <returns>A descriptor, or a negated errno.</returns>
    public virtual int Open(int directory, ReadOnlySpan<byte> path)
    {
        CheckTerminated(path);
        return Result(OpenAt(directory, path, ReadOnly | NonBlocking | CloseOnExec));
    }

    /// <summary>Reads from an offset (pread(2)); the file's own position does not matter and is not moved.</summary>
    /// <returns>Bytes read, 0 at the end, or a negated errno. May be fewer than asked without being the end.</returns>
    public virtual int Read(int descriptor, Span<byte> buffer, long offset)
    {
        int result;
        do
        {
            result = Result(checked((int)PRead(descriptor, buffer, (nuint)buffer.Length, offset)));
        }
        while (result == -Errno.Interrupted);
        return result;
    }

    /// <summary>
    /// Reads the next entries of an open directory (getdents64(2)) for <see cref="Proc.DirectoryEntries"/>, without
    /// allocation.
    /// </summary>
    /// <returns>Number of bytes, 0 at the end, or a negated errno.</returns>
    public virtual int ReadDirectory(int descriptor, Span<byte> buffer) =>
        Result(checked((int)GetDirectoryEntries(descriptor, buffer, (nuint)buffer.Length)));

    /// <summary>
    /// Sets an open directory back to its first entry, so that a kept descriptor can be scanned each tick.
    /// </summary>
    /// <returns>0, or a negated errno.</returns>
    public virtual int RewindDirectory(int descriptor) => Result((int)Seek(descriptor, 0, 0));

    /// <summary>Closes a descriptor (close(2)).</summary>
    public virtual void Close(int descriptor) => _ = CloseDescriptor(descriptor);

    /// <summary>Whether anything is at a path (access(2), F_OK).</summary>
    /// <param name="path">The path, UTF-8, ending with a NUL byte.</param>
    public virtual bool Exists(ReadOnlySpan<byte> path)
    {
        CheckTerminated(path);
        return Access(path, 0) == 0;
    }

    /// <summary>Reads where a symbolic link points to (readlink(2)), which need not exist.</summary>
    /// <param name="path">The path, UTF-8, ending with a NUL byte.</param>
    /// <param name="buffer">Takes the target, UTF-8, without a NUL byte.</param>
    /// <returns>Number of bytes, or a negated errno; EINVAL when it is no link.</returns>
    public virtual int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        CheckTerminated(path);
        return Result(checked((int)ReadLinkTarget(path, buffer, (nuint)buffer.Length)));
    }

    /// <summary>
    /// Asks a file system for its space (statvfs(3)). Does not come back while the server or device behind it does not
    /// answer: never call it on the sampling thread.
    /// </summary>
    /// <param name="path">Any path on it, UTF-8, ending with a NUL byte.</param>
    /// <param name="space">The answer.</param>
    /// <returns>0, or a negated errno.</returns>
    public virtual int StatFilesystem(ReadOnlySpan<byte> path, out FilesystemSpace space)
    {
        CheckTerminated(path);

        // struct statvfs of every 64-bit libc begins with f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files and
        // f_ffree, 8 bytes each, and is 112 bytes long.
        Span<ulong> answer = stackalloc ulong[32];
        var result = Result(StatVfs(path, answer));
        var unit = answer[1] != 0 ? answer[1] : answer[0];
        space = new FilesystemSpace(
            (long)unit, (long)answer[2], (long)answer[3], (long)answer[4], (long)answer[5], (long)answer[6]);
        return result;
    }

    /// <summary>The form in which system calls take a path: UTF-8 with a NUL byte at its end. Allocates.</summary>
    public static byte[] PathBytes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    private static void CheckTerminated(ReadOnlySpan<byte> path)
    {
        if (path.Length == 0 || path[^1] != 0)
        {
            throw new ArgumentException("BUG: a path for a system call ends with a NUL byte.", nameof(path));
        }
    }

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PRead(int descriptor, Span<byte> buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static partial nint GetDirectoryEntries(int descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true)]
    private static partial int Access(ReadOnlySpan<byte> path, int mode);

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true)]
    private static partial int StatVfs(ReadOnlySpan<byte> path, Span<ulong> answer);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLinkTarget(ReadOnlySpan<byte> path, Span<byte> buffer, nuint size);
}

/// <summary>What a file system says of its space (statvfs(3)).</summary>
/// <param name="UnitBytes">Bytes of a block.</param>
/// <param name="Blocks">Blocks in all; 0 of a file system that keeps nothing.</param>
/// <param name="FreeBlocks">Free blocks, those reserved for root included.</param>
/// <param name="AvailableBlocks">Blocks free to everyone; below 0 where a quota is overdrawn.</param>
/// <param name="Inodes">Inodes in all; 0 where there is no fixed number.</param>
/// <param name="FreeInodes">Free inodes.</param>
public readonly record struct FilesystemSpace(
    long UnitBytes, long Blocks, long FreeBlocks, long AvailableBlocks, long Inodes, long FreeInodes);

/// <summary>
/// The errno values that collectors tell apart (asm-generic/errno-base.h; the same on every architecture).
/// </summary>
public static class Errno
{
    /// <summary>EPERM.</summary>
    public const int NotPermitted = 1;

    /// <summary>ENOENT.</summary>
    public const int NoEntry = 2;

    /// <summary>ESRCH: what a file of a process that has ended answers.</summary>
    public const int NoProcess = 3;

    /// <summary>EINTR.</summary>
    public const int Interrupted = 4;

    /// <summary>EIO.</summary>
    public const int InputOutput = 5;

    /// <summary>EACCES.</summary>
    public const int Access = 13;

    /// <summary>ENODEV: what a file of a device that was unplugged answers.</summary>
    public const int NoDevice = 19;

    /// <summary>ENOTDIR.</summary>
    public const int NotDirectory = 20;

    /// <summary>EISDIR.</summary>
    public const int IsDirectory = 21;

    /// <summary>EINVAL.</summary>
    public const int Invalid = 22;

    /// <summary>ENFILE: the machine has no descriptor left.</summary>
    public const int TooManyFilesOnHost = 23;

    /// <summary>EMFILE: this process may not have another descriptor.</summary>
    public const int TooManyFiles = 24;

    /// <summary>ENOSYS: the kernel or the C library does not have the call.</summary>
    public const int NoCall = 38;

    /// <summary>ESTALE: a descriptor on a network file system whose file was replaced.</summary>
    public const int Stale = 116;
}
