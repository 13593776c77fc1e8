using Microsoft.Data.Sqlite;

namespace Hostscope.Recorder.Store;

/// <summary>What kind of trouble a disk gives.</summary>
internal enum FaultKind
{
    /// <summary>No space is left, or no quota. Dropping old data may help.</summary>
    Full,

    /// <summary>The file or the directory cannot be written or made: permissions, a read-only mount.</summary>
    NotWritable,

    /// <summary>Reading, writing or syncing failed. What was written last is not to be trusted.</summary>
    InputOutput,

    /// <summary>The file's content is not what it should be.</summary>
    Damaged,

    /// <summary>Something else holds the file for too long.</summary>
    Busy,

    /// <summary>
    /// No more files can be opened, by this process or on this machine. Nothing happened to the file.
    /// </summary>
    NoDescriptor,

    /// <summary>The file was written by a newer version of this program.</summary>
    Newer,

    /// <summary>SQLite's library cannot be loaded.</summary>
    NoLibrary,
}

/// <summary>Trouble with the disk, in words for people.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Message">What happened to which file.</param>
internal sealed record StoreFault(FaultKind Kind, string Message)
{
    /// <summary>True for exceptions that mean trouble with the disk, and not a bug.</summary>
    public static bool Is(Exception exception) =>
        exception is SqliteException or IOException or UnauthorizedAccessException || IsNoLibrary(exception);

    /// <summary>What an exception means.</summary>
    public static StoreFault From(Exception exception, string file)
    {
        var kind = exception switch
        {
            SqliteException sqlite => FromCode(sqlite.SqliteErrorCode),
            UnauthorizedAccessException => FaultKind.NotWritable,
            _ when IsNoLibrary(exception) => FaultKind.NoLibrary,
            _ when (exception.HResult & 0xffff) is NoSpace or NoQuota => FaultKind.Full,
            _ when (exception.HResult & 0xffff) is ReadOnlyFileSystem => FaultKind.NotWritable,
            _ when (exception.HResult & 0xffff) is TooManyFilesOnMachine or TooManyFiles => FaultKind.NoDescriptor,
            _ => FaultKind.InputOutput,
        };
        return new StoreFault(kind, kind == FaultKind.NoLibrary
            ? Words(kind) : $"{Words(kind)} ({file}: {Detail(exception)})");
    }

    /// <summary>The first use of SQLite loads it, within the initializer of the class that uses it.</summary>
    private static bool IsNoLibrary(Exception exception) =>
        exception is DllNotFoundException || (exception.InnerException is { } inner && IsNoLibrary(inner));

    /// <summary>ENFILE: all of the machine are in use.</summary>
    internal const int TooManyFilesOnMachine = 23;

    /// <summary>EMFILE: all of this process are in use.</summary>
    internal const int TooManyFiles = 24;

    private const int NoSpace = 28;
    private const int NoQuota = 122;
    private const int ReadOnlyFileSystem = 30;

    private static FaultKind FromCode(int code) => code switch
    {
        SqliteFull => FaultKind.Full,
        SqlitePermission or SqliteReadOnly or SqliteCannotOpen => FaultKind.NotWritable,
        SqliteCorrupt or SqliteNotADatabase or SqliteError or SqliteConstraint or SqliteMismatch => FaultKind.Damaged,
        SqliteBusy or SqliteLocked => FaultKind.Busy,
        _ => FaultKind.InputOutput,
    };

    // https://www.sqlite.org/rescode.html. A plain error means that a table is missing or is not what it should be: our
    // statements are fixed.
    private const int SqliteError = 1;
    private const int SqlitePermission = 3;
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteCorrupt = 11;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;
    private const int SqliteNotADatabase = 26;

    private static string Words(FaultKind kind) => kind switch
    {
        FaultKind.Full => "The disk is full.",
        FaultKind.NotWritable => "The directory cannot be written.",
        FaultKind.Damaged => "A file is damaged.",
        FaultKind.Busy => "Another program holds a file.",
        FaultKind.NoDescriptor => "No more files can be opened.",
        FaultKind.Newer => "A newer version has written here.",
        FaultKind.NoLibrary =>
            "SQLite cannot be loaded: libe_sqlite3.so has to lie beside the program, as it was delivered.",
        _ => "The disk does not work.",
    };

    private static string Detail(Exception exception) => exception is SqliteException sqlite
        ? $"SQLite error {sqlite.SqliteExtendedErrorCode}"
        : exception.Message;
}
