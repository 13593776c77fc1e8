using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hostscope.Recorder.Store;

/// <summary>The directory on the real disk.</summary>
internal sealed partial class StoreDisk(string directory) : IStoreDisk
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Zeros that are written together.</summary>
    private const int GrowthBytes = 64 << 10;

    public string Directory { get; } = Path.GetFullPath(directory);

    public void CreateDirectory()
    {
        // The framework gives the mode to the last directory only.
        if (!OperatingSystem.IsWindows())
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Directory) ?? Directory, OwnerOnly);
            System.IO.Directory.CreateDirectory(Directory, OwnerOnly);
        }
    }

    public IDisposable? TryLock(string name, string content)
    {
        // Sharing "none" is flock(2) on this platform: it ends with the process, however that ends.
        FileStream file;
        try
        {
            file = new FileStream(
                Path.Combine(Directory, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult == EWouldBlock)
        {
            return null;
        }

        // The content is for people who ask who holds the lock; the lock is the flock, not the content.
        file.SetLength(0);
        file.Write(System.Text.Encoding.UTF8.GetBytes(content));
        file.Flush();
        return file;
    }

    /// <summary>The content of a file that is locked: the framework would ask for the lock first.</summary>
    public string ReadLocked(string name, int count)
    {
        using var handle = Open(Path.Combine(Directory, name), ReadOnly);
        var bytes = new byte[count];
        return handle.IsInvalid ? "" : System.Text.Encoding.UTF8.GetString(
            bytes.AsSpan(0, RandomAccess.Read(handle, bytes, 0)));
    }

    public IReadOnlyList<StoreFile> List() =>
        [.. new DirectoryInfo(Directory).EnumerateFiles().Select(file => new StoreFile(file.Name, LengthOf(file)))];

    public byte[] ReadStart(string name, int count)
    {
        try
        {
            const FileShare Anyone = FileShare.ReadWrite | FileShare.Delete;
            using var file = File.OpenHandle(Path.Combine(Directory, name), share: Anyone);
            var bytes = new byte[count];
            return bytes[..RandomAccess.Read(file, bytes, 0)];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    public void Rename(string from, string to) =>
        File.Move(Path.Combine(Directory, from), Path.Combine(Directory, to), overwrite: false);

    public void Delete(string name) => File.Delete(Path.Combine(Directory, name));

    public void Sync()
    {
        // The framework has no way to sync a directory, and its flush of a file does not tell of errors.
        using var handle = Open(Directory, ReadOnly);
        if (handle.IsInvalid || Fsync(handle) != 0)
        {
            throw new IOException($"Syncing {Directory} failed with error {Marshal.GetLastPInvokeError()}.");
        }
    }

    public void SyncData(string name)
    {
        // The framework only has fsync. A descriptor of our own sees the errors that nobody has seen, since the kernel
        // keeps them with the file; and no lock is lost by closing it, as SQLite takes none on its log.
        using var handle = Open(Path.Combine(Directory, name), ReadOnly);
        var error = handle.IsInvalid || FdataSync(handle) != 0 ? Marshal.GetLastPInvokeError() : 0;
        if (error != 0)
        {
            // Without the number as its own, also when it is "no space": a file whose sync failed is not trusted again.
            var message = $"Syncing {name} failed with error {error}.";
            throw handle.IsInvalid && error is StoreFault.TooManyFiles or StoreFault.TooManyFilesOnMachine
                ? new IOException(message, error) : new IOException(message);
        }
    }

    public void Grow(string name, long bytes)
    {
        const FileShare Anyone = FileShare.ReadWrite | FileShare.Delete;
        using var file = File.OpenHandle(
            Path.Combine(Directory, name), FileMode.Open, FileAccess.Write, Anyone);
        var zeros = new byte[GrowthBytes];
        for (var at = RandomAccess.GetLength(file); at < bytes; at += GrowthBytes)
        {
            RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(GrowthBytes, bytes - at)), at);
        }
    }

    public (long Free, long Total) Space()
    {
        var drive = new DriveInfo(Directory);
        return (drive.AvailableFreeSpace, drive.TotalSize);
    }

    public void Before(DatabaseStep step, string name)
    {
    }

    /// <summary>EWOULDBLOCK, 11 on every Linux architecture that .NET runs on: somebody else holds the lock.</summary>
    private const int EWouldBlock = 11;

    /// <summary>
    /// O_RDONLY | O_CLOEXEC; O_DIRECTORY is left out, because its number differs between architectures.
    /// </summary>
    private const int ReadOnly = 0x80000;

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // Deleted since it was listed: SQLite's journals come and go.
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdataSync(SafeFileHandle handle);
}
