using Hostscope.Recorder.Store;
using Microsoft.Data.Sqlite;

namespace Hostscope.Recorder.Tests;

/// <summary>What a disk does when it fails.</summary>
public enum DiskFault
{
    /// <summary>SQLITE_FULL, ENOSPC.</summary>
    Full,

    /// <summary>SQLITE_IOERR_FSYNC, EIO.</summary>
    InputOutput,

    /// <summary>SQLITE_READONLY, EROFS.</summary>
    NotWritable,

    /// <summary>SQLITE_CORRUPT.</summary>
    Damaged,

    /// <summary>SQLITE_CANTOPEN, EMFILE.</summary>
    NoDescriptor,
}

/// <summary>The real disk, but the operation with a certain number fails, and as many after it as one says.</summary>
internal sealed class FaultyDisk(IStoreDisk disk) : IStoreDisk
{
    /// <summary>Number of the first operation that fails, counted from 0; never when negative.</summary>
    public long FailFrom { get; set; } = -1;

    /// <summary>Operations that fail.</summary>
    public long FailCount { get; set; } = 1;

    public DiskFault Fault { get; set; }

    /// <summary>The first step of SQLite that this is true for fails as well.</summary>
    public Func<DatabaseStep, string, bool>? FailOnce { get; set; }

    /// <summary>What making a file longer fails with, half way; not at all when <c>null</c>.</summary>
    public IOException? GrowthFault { get; set; }

    /// <summary>Operations so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Logs that were synced so far.</summary>
    public int DataSyncs { get; private set; }

    /// <summary>What is free, of a tebibyte; as it is when <c>null</c>.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>Looks at the space to which <see cref="FreeBytes"/> does not apply yet.</summary>
    public int LooksLeft { get; set; }

    public string Directory => disk.Directory;

    public void CreateDirectory() => disk.CreateDirectory();

    public IDisposable? TryLock(string name, string content) => disk.TryLock(name, content);

    public IReadOnlyList<StoreFile> List() => disk.List();

    public byte[] ReadStart(string name, int count) => disk.ReadStart(name, count);

    public void Rename(string from, string to)
    {
        ThrowFile();
        disk.Rename(from, to);
    }

    public void Delete(string name)
    {
        ThrowFile();
        disk.Delete(name);
    }

    public void Sync()
    {
        ThrowFile();
        disk.Sync();
    }

    public void SyncData(string name)
    {
        if (IsDue())
        {
            // Whatever the reason is, unless it could not even ask: so does the real one.
            throw Fault == DiskFault.NoDescriptor ? new IOException("injected", 24) : new IOException("injected");
        }

        disk.SyncData(name);
        DataSyncs++;
    }

    public void Grow(string name, long bytes)
    {
        ThrowFile();
        if (GrowthFault is { } fault)
        {
            disk.Grow(name, bytes / 2);
            throw fault;
        }

        disk.Grow(name, bytes);
    }

    public (long Free, long Total) Space() =>
        FreeBytes is { } free && LooksLeft-- <= 0 ? (free, 1L << 40) : disk.Space();

    public void Before(DatabaseStep step, string name)
    {
        if (IsDue() || FailOnce?.Invoke(step, name) == true)
        {
            FailOnce = null;
            var (code, extended) = Fault switch
            {
                DiskFault.Full => (13, 13),
                DiskFault.NotWritable => (8, 8),
                DiskFault.Damaged => (11, 11),
                DiskFault.NoDescriptor => (14, 14),
                _ => (10, 10 | (4 << 8)),
            };
            throw new SqliteException($"injected at operation {Operations - 1} ({step} {name})", code, extended);
        }

        disk.Before(step, name);
    }

    private void ThrowFile()
    {
        if (IsDue())
        {
            throw Fault switch
            {
                DiskFault.Full => new IOException("injected", 28),
                DiskFault.NotWritable => new IOException("injected", 30),
                DiskFault.NoDescriptor => new IOException("injected", 24),
                _ => new IOException("injected", 5),
            };
        }
    }

    private bool IsDue()
    {
        var number = Operations++;
        return FailFrom >= 0 && number >= FailFrom && number < FailFrom + FailCount;
    }
}
