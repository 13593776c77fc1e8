namespace Hostscope.Recorder.Store;

/// <summary>What a database is about to do: where a test makes a disk fail.</summary>
internal enum DatabaseStep
{
    Open,
    Configure,
    Begin,
    Write,
    Commit,
    MoveLog,
    Read,
}

/// <summary>A file of the store's directory.</summary>
/// <param name="Name">Name within the directory.</param>
/// <param name="Bytes">Its length.</param>
internal readonly record struct StoreFile(string Name, long Bytes);

/// <summary>
/// The directory the store lives in: the only door to the disk besides SQLite, and the seam at which tests make it
/// fail. Everything throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the disk
/// refuses.
/// </summary>
internal interface IStoreDisk
{
    /// <summary>The directory.</summary>
    string Directory { get; }

    /// <summary>Makes the directory, for its owner only, unless it is there.</summary>
    void CreateDirectory();

    /// <summary>Takes the directory for this process until the result is disposed or the process ends.</summary>
    /// <returns><c>null</c> when another process has it.</returns>
    IDisposable? TryLock(string name, string content);

    /// <summary>The files of the directory, in no order.</summary>
    IReadOnlyList<StoreFile> List();

    /// <summary>The first bytes of a file, fewer when it is shorter, none when it is not there.</summary>
    byte[] ReadStart(string name, int count);

    /// <summary>Renames a file. Its place is not certain before <see cref="Sync"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; nothing happens when it is not there.</summary>
    void Delete(string name);

    /// <summary>Makes renames and deletions certain: fsync of the directory, its error seen.</summary>
    void Sync();

    /// <summary>
    /// Makes certain what has been written to a file: fdatasync, its error seen. What only says when that was is left
    /// to the file system.
    /// </summary>
    void SyncData(string name);

    /// <summary>Writes zeros from the end of a file to a length; nothing when it is longer. Not certain.</summary>
    void Grow(string name, long bytes);

    /// <summary>Bytes that may still be written, and the size of the file system.</summary>
    (long Free, long Total) Space();

    /// <summary>Called before a database does something; a test throws here what SQLite would.</summary>
    void Before(DatabaseStep step, string name);
}
