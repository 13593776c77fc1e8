using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Hostscope.Recorder.Store;

/// <summary>How a database file is used.</summary>
internal enum DatabaseUse
{
    /// <summary>
    /// The tail: a write-ahead log, held by one connection, so that its index is in our memory and not in a shared file
    /// mapping, which a truncated file would turn into a signal.
    /// </summary>
    Tail,

    /// <summary>
    /// A segment that grows by a transaction every five minutes: a rollback journal, synced throughout.
    /// </summary>
    Segment,

    /// <summary>A file that is made, copied out and deleted: no journal, no sync.</summary>
    Scratch,

    /// <summary>A segment that is read while it may grow.</summary>
    Read,

    /// <summary>A file that does not change, wherever it lies: no locks, nothing beside it is read or made.</summary>
    ReadFixed,
}

/// <summary>
/// One connection to one file. SQLite's errors come as <see cref="SqliteException"/>; <see cref="StoreFault"/> says
/// what they mean. A connection belongs to one thread at a time.
/// </summary>
internal sealed class Database : IDisposable
{
    /// <summary>"HsSc", in the header of every file of ours: a foreign file is not taken for one.</summary>
    public const int ApplicationId = 0x48735363;

    /// <summary>
    /// Version of the layout (docs/STORE.md). A file with a higher number is not opened, not renamed, not deleted.
    /// </summary>
    public const int FormatVersion = 1;

    /// <summary>A reader waits for a commit in flight; on a slow disk that is a sync or two.</summary>
    private const int BusyTimeoutMs = 5_000;

    /// <summary>SQLITE_DBSTATUS_CACHE_WRITE: pages written, to the log where there is one.</summary>
    private const int PagesWritten = 9;

    /// <summary>SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.</summary>
    private const int NoCheckpointOnClose = 1006;

    private readonly IStoreDisk _disk;
    private readonly SqliteConnection _connection;
    private readonly List<Statement> _statements = [];

    static Database() => SQLitePCL.Batteries_V2.Init();

    private Database(IStoreDisk disk, string name, SqliteConnection connection)
    {
        _disk = disk;
        Name = name;
        _connection = connection;
    }

    /// <summary>Name of the file in the store's directory.</summary>
    public string Name { get; }

    /// <summary>Opens a file; makes it unless the use is to read.</summary>
    public static Database Open(IStoreDisk disk, string name, DatabaseUse use)
    {
        disk.Before(DatabaseStep.Open, name);
        var path = Path.Combine(disk.Directory, name);
        var source = use == DatabaseUse.ReadFixed ? $"file:{Uri.EscapeDataString(path).Replace("%2F", "/",
            StringComparison.Ordinal)}?immutable=1" : path;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = use is DatabaseUse.Read or DatabaseUse.ReadFixed
                ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = BusyTimeoutMs / 1000,
        }.ToString());
        var database = new Database(disk, name, connection);
        try
        {
            connection.Open();
            database.Configure(use);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>What the header of the file says; both 0 for a file that was just made.</summary>
    public (long ApplicationId, long Version) Header() =>
        (Number("PRAGMA application_id"), Number("PRAGMA user_version"));

    /// <summary>Runs statements that give no rows.</summary>
    public void Run(string sql, DatabaseStep step = DatabaseStep.Configure)
    {
        _disk.Before(step, Name);
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The one number a query gives; 0 for NULL.</summary>
    public long Number(string sql)
    {
        _disk.Before(DatabaseStep.Read, Name);
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>True when SQLite finds its own structures sound.</summary>
    public bool IsSound()
    {
        _disk.Before(DatabaseStep.Read, Name);
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        return command.ExecuteScalar() is "ok";
    }

    /// <summary>A statement that is compiled once and run often. It lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        var statement = new Statement(_disk, Name, _connection, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>
    /// Makes certain what was committed to the write-ahead log. SQLite as packaged only has fsync, which also writes to
    /// the file system's journal that the log was changed at another time: 10 of 25 KB, and every other flush.
    /// </summary>
    public void SyncLog() => _disk.SyncData(Name + "-wal");

    /// <summary>Pages that were written to the log since this was last asked. Moving it does not count.</summary>
    public int TakePagesWritten()
    {
        var code = SQLitePCL.raw.sqlite3_db_status(_connection.Handle, PagesWritten, out var pages, out _, resetFlg: 1);
        SqliteException.ThrowExceptionForRC(code, _connection.Handle);
        return pages;
    }

    /// <summary>
    /// Copies the log into the file, and lets the next transaction begin the log anew. Only after
    /// <see cref="SyncLog"/>: SQLite's own sync of the log would take an error for itself that nobody sees after it.
    /// </summary>
    public void MoveLog() => Run("PRAGMA wal_checkpoint(PASSIVE)", DatabaseStep.MoveLog);

    /// <summary>Closing the file leaves its log as it is.</summary>
    public void KeepLog() =>
        SQLitePCL.raw.sqlite3_db_config(_connection.Handle, NoCheckpointOnClose, 1, out _);

    /// <summary>
    /// Runs something in one transaction: when this returns all of it is in the file, or none of it. It is also on the
    /// disk, except for <see cref="DatabaseUse.Tail"/> and <see cref="DatabaseUse.Scratch"/>.
    /// </summary>
    public void Transact(Action write)
    {
        Run("BEGIN IMMEDIATE", DatabaseStep.Begin);
        try
        {
            write();
            Run("COMMIT", DatabaseStep.Commit);
        }
        catch
        {
            TryRollBack();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _statements.ForEach(statement => statement.Dispose());
        _connection.Dispose();
    }

    private void Configure(DatabaseUse use)
    {
        switch (use)
        {
            case DatabaseUse.Tail:
                // Exclusive before the log is first touched. NORMAL syncs the log before it is copied into the file,
                // the file after, and the log's new beginning; the commits in between are for SyncLog. By
                // itself SQLite would copy within a commit, which does not tell when the sync fails there.
                // Most ticks change one page: of 1, 2 and 4 KiB they wrote 8.3, 9.2 and 11.3 KB/s to the device.
                Run("PRAGMA page_size=1024; PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=NORMAL;"
                    + "PRAGMA wal_autocheckpoint=0;"
                    + "PRAGMA journal_size_limit=4194304; PRAGMA cache_size=-256");
                break;
            case DatabaseUse.Segment:
                // Blobs have some kilobytes: on pages of 1, 2 and 4 KiB a day took 15.1, 15.7 and 16.6 MB.
                // EXTRA also syncs the directory after the journal is gone: a power cut cannot bring it back and with
                // it undo a fold whose seconds the tail has overwritten since.
                Run("PRAGMA page_size=2048; PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA;"
                    + "PRAGMA cache_size=-512");
                break;
            case DatabaseUse.Scratch:
                Run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-512");
                break;
            default:
                Run("PRAGMA query_only=ON; PRAGMA cache_size=-256");
                break;
        }
    }

    private void TryRollBack()
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, or the connection is of no more use; its owner closes it either way.
        }
    }
}

/// <summary>A compiled statement with parameters $1, $2, ...</summary>
internal sealed class Statement : IDisposable
{
    private readonly IStoreDisk _disk;
    private readonly string _file;
    private readonly SqliteCommand _command;

    public Statement(IStoreDisk disk, string file, SqliteConnection connection, string sql)
    {
        _disk = disk;
        _file = file;
        _command = connection.CreateCommand();
        _command.CommandText = sql;
    }

    /// <summary>Runs it for its effect.</summary>
    public void Write(params ReadOnlySpan<object> values)
    {
        _disk.Before(DatabaseStep.Write, _file);
        Bind(values);
        _command.ExecuteNonQuery();
    }

    /// <summary>The blob of the one row it gives; <c>null</c> when it gives none.</summary>
    public byte[]? Blob(params ReadOnlySpan<object> values)
    {
        _disk.Before(DatabaseStep.Read, _file);
        Bind(values);
        using var reader = _command.ExecuteReader();
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetFieldValue<byte[]>(0) : null;
    }

    /// <summary>Calls something for each row: a number and a blob. It ends early when that returns false.</summary>
    public void Rows(Func<long, byte[], bool> take, params ReadOnlySpan<object> values)
    {
        _disk.Before(DatabaseStep.Read, _file);
        Bind(values);
        using var reader = _command.ExecuteReader();
        while (reader.Read())
        {
            // NULL only comes from damage; as an empty blob its checksum is wrong like that of any other.
            if (!take(
                reader.IsDBNull(0) ? -1 : reader.GetInt64(0),
                reader.IsDBNull(1) ? [] : reader.GetFieldValue<byte[]>(1)))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (_command.Parameters.Count <= i)
            {
                _command.Parameters.Add(new SqliteParameter($"${i + 1}", values[i]));
            }
            else
            {
                _command.Parameters[i].Value = values[i];
            }
        }
    }
}
