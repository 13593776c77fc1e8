using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>A tick as the tail holds it.</summary>
/// <param name="Number">Number of the tick in this store, over all runs.</param>
/// <param name="Payload">What <see cref="TickEncoder"/> wrote.</param>
internal readonly record struct TailTick(long Number, byte[] Payload);

/// <summary>What a tail held when it was opened.</summary>
internal sealed record TailContent
{
    /// <summary>The ticks that are sound, in the order of their numbers.</summary>
    public required IReadOnlyList<TailTick> Ticks { get; init; }

    public required IReadOnlyList<SeriesDefinition> Series { get; init; }

    /// <summary>Events that have not reached a segment yet.</summary>
    public required IReadOnlyList<HistoryEvent> Events { get; init; }

    public required string? BootId { get; init; }

    /// <summary>Rows whose checksum was wrong.</summary>
    public required int Damaged { get; init; }

    /// <summary>Largest number of a tick, sound or not: the next one is above.</summary>
    public required long LastNumber { get; init; }
}

/// <summary>
/// The ticks of the last minutes, one transaction a tick. A ring of <see cref="Slots"/> rows, written over and never
/// deleted, so that the file does not grow and a tick touches few pages.
/// </summary>
/// <remarks>
/// Tables: <c>tail(slot, n, d)</c>, slot = n mod 512; <c>series(k, d)</c>, the series its ticks speak of; <c>event(k,
/// t, d)</c>, events that no segment has yet; <c>meta(k, v)</c>: <c>boot</c>, the id of the boot that last wrote.
/// </remarks>
internal sealed class Tail : IDisposable
{
    /// <summary>
    /// A block of 300 ticks, and 212 more in which its fold may be late before the ring writes over it.
    /// </summary>
    public const int Slots = 512;

    /// <summary>
    /// A log of this length is moved into the file: some minutes on a host with 400 processes. A longer one saves
    /// little, as most ticks change pages of their own.
    /// </summary>
    private const long MaxLogBytes = 768 << 10;

    /// <summary>
    /// The log has its length from the start: while it grew, each sync would also tell the file system's journal so,
    /// two to three times the bytes. More than <see cref="MaxLogBytes"/> by a transaction, as it comes whole.
    /// </summary>
    private const long LogFileBytes = MaxLogBytes + (MaxLogBytes / 4);

    /// <summary>Before each page in the log, https://www.sqlite.org/fileformat.html#walformat.</summary>
    private const int FrameHeaderBytes = 24;

    private const string TablesSql = """
        CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE tail(slot INTEGER PRIMARY KEY, n INTEGER NOT NULL, d BLOB NOT NULL) STRICT;
        CREATE TABLE series(k INTEGER PRIMARY KEY, d BLOB NOT NULL) STRICT;
        CREATE TABLE event(k INTEGER PRIMARY KEY, t INTEGER NOT NULL, d BLOB NOT NULL) STRICT;
        """;

    private readonly Database _database;
    private readonly Statement _writeTick;
    private readonly Statement _writeSeries;
    private readonly Statement _deleteSeries;
    private readonly Statement _writeEvent;
    private readonly Statement _deleteEvents;
    private readonly Statement _writeBoot;
    private readonly long _frameBytes;
    private long _logBytes;

    private Tail(Database database)
    {
        _database = database;

        // An earlier version made them of 4 KiB.
        _frameBytes = database.Number("PRAGMA page_size") + FrameHeaderBytes;
        _writeTick = database.Prepare("INSERT OR REPLACE INTO tail(slot, n, d) VALUES($1, $2, $3)");
        _writeSeries = database.Prepare("INSERT OR REPLACE INTO series(k, d) VALUES($1, $2)");
        _deleteSeries = database.Prepare("DELETE FROM series WHERE k = $1");
        _writeEvent = database.Prepare("INSERT OR REPLACE INTO event(k, t, d) VALUES($1, $2, $3)");
        _deleteEvents = database.Prepare("DELETE FROM event WHERE k <= $1");
        _writeBoot = database.Prepare("INSERT OR REPLACE INTO meta(k, v) VALUES('boot', $1)");
    }

    /// <summary>Opens the tail, or makes one.</summary>
    /// <exception cref="StoreVersionException">A newer version wrote it.</exception>
    public static Tail Open(IStoreDisk disk)
    {
        var database = Database.Open(disk, SegmentName.Tail, DatabaseUse.Tail);
        try
        {
            FileHeader.Prepare(database, TablesSql);

            // Only now: the header of a file must be in the file, where every version finds it, and not in its log.
            database.Run("PRAGMA journal_mode=WAL");
            const string Log = SegmentName.Tail + "-wal";

            // The first reading makes the log. What a run that was killed has left counts as well; how much of the file
            // that is, only SQLite knows.
            database.Header();
            var left = disk.List().FirstOrDefault(file => file.Name == Log).Bytes;
            GrowLog(disk, Log);
            return new Tail(database) { _logBytes = left };
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a tail with some content under another name. It has no log: once this returns all of it is in the file and
    /// synced.
    /// </summary>
    public static void Make(IStoreDisk disk, string name, TailChange content)
    {
        using var database = Database.Open(disk, name, DatabaseUse.Tail);
        FileHeader.Prepare(database, TablesSql);
        using var tail = new Tail(database);
        tail.Write(content);
    }

    /// <summary>Reads everything.</summary>
    public TailContent Read()
    {
        var ticks = new List<TailTick>();
        var series = new List<SeriesDefinition>();
        var events = new List<HistoryEvent>();
        int damaged = 0;
        long last = 0;
        using var readTicks = _database.Prepare("SELECT n, d FROM tail ORDER BY n");
        readTicks.Rows((number, blob) =>
        {
            last = Math.Max(last, number);
            if (Envelope.Open(BlobKind.TailFrame, number, blob, out var payload) == BlobState.Ok)
            {
                ticks.Add(new TailTick(number, payload));
            }
            else
            {
                damaged++;
            }

            return true;
        });
        using var readSeries = _database.Prepare("SELECT k, d FROM series");
        readSeries.Rows((id, blob) =>
        {
            var definition = Envelope.Open(BlobKind.Series, id, blob, out var payload) == BlobState.Ok
                ? SeriesDefinition.Read((int)id, payload) : null;
            damaged += definition is null ? 1 : 0;
            series.AddRange(definition is null ? [] : [definition]);
            return true;
        });
        using var readEvents = _database.Prepare("SELECT k, d FROM event ORDER BY k");
        readEvents.Rows((id, blob) =>
        {
            var item = Envelope.Open(BlobKind.Event, id, blob, out var payload) == BlobState.Ok
                ? EventCodec.Read(id, payload) : null;
            damaged += item is null ? 1 : 0;
            events.AddRange(item is null ? [] : [item]);
            return true;
        });
        return new TailContent
        {
            Ticks = ticks,
            Series = series,
            Events = events,
            BootId = ReadBoot(),
            Damaged = damaged,
            LastNumber = last,
        };
    }

    /// <summary>True when the file is sound as SQLite sees it.</summary>
    public bool IsSound() => _database.IsSound();

    /// <summary>True when it is time for a <see cref="Sync"/>, whatever else is: the log has an end.</summary>
    public bool IsLogLong => _logBytes >= MaxLogBytes;

    /// <summary>Makes certain all that has been written.</summary>
    public void Sync()
    {
        _database.SyncLog();
        if (IsLogLong)
        {
            _database.MoveLog();
            _logBytes = 0;
        }
    }

    /// <summary>Writes in one transaction: whole or not at all, but not certain before <see cref="Sync"/>.</summary>
    public void Write(TailChange change)
    {
        _database.Transact(() => WriteRows(change));
        _logBytes += _database.TakePagesWritten() * _frameBytes;
    }

    private void WriteRows(TailChange change)
    {
        foreach (var tick in change.Ticks)
        {
            // The first tick of a block is large and kept for minutes; the others are too small to win by compression.
            var quality = tick.Payload.Length > 8192 ? Envelope.FastQuality : 0;
            var blob = Envelope.Seal(BlobKind.TailFrame, tick.Number, tick.Payload, quality);
            _writeTick.Write(tick.Number % Slots, tick.Number, blob);
        }

        foreach (var definition in change.NewSeries)
        {
            _writeSeries.Write((long)definition.Id, SealedRow.Of(definition));
        }

        foreach (var id in change.GoneSeries)
        {
            _deleteSeries.Write((long)id);
        }

        foreach (var item in change.Events)
        {
            _writeEvent.Write(item.Id, item.UnixMs, SealedRow.Of(item));
        }

        if (change.BootId is { } boot)
        {
            _writeBoot.Write(boot);
        }

        if (change.EventsFoldedUpTo > 0)
        {
            _deleteEvents.Write(change.EventsFoldedUpTo);
        }
    }

    /// <summary>
    /// Closes a tail that failed, and leaves file and log as they are: SQLite would move the log into the file.
    /// </summary>
    public void Abandon()
    {
        _database.KeepLog();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    /// <summary>
    /// Zeros do not have the salt of the log's header, and no page has number 0: SQLite reads no further, and writes
    /// over them.
    /// </summary>
    private static void GrowLog(IStoreDisk disk, string log)
    {
        try
        {
            disk.Grow(log, LogFileBytes);
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            // It saves writing, no more. A disk that is full can still be read, and what it cannot do the next tick
            // tells: nothing that counts is in what was not written here.
        }
    }

    private string? ReadBoot()
    {
        string? boot = null;
        using var read = _database.Prepare("SELECT 1, CAST(v AS BLOB) FROM meta WHERE k = 'boot'");
        read.Rows((_, text) =>
        {
            boot = System.Text.Encoding.UTF8.GetString(text);
            return false;
        });
        return boot;
    }
}

/// <summary>What goes into the tail together.</summary>
internal sealed class TailChange
{
    public List<TailTick> Ticks { get; } = [];

    public List<SeriesDefinition> NewSeries { get; } = [];

    public List<int> GoneSeries { get; } = [];

    public List<HistoryEvent> Events { get; } = [];

    /// <summary>The boot of the machine that writes from now on; <c>null</c> while it is the same.</summary>
    public string? BootId { get; set; }

    /// <summary>Events up to this id are in a segment and leave the tail; 0 for none.</summary>
    public long EventsFoldedUpTo { get; set; }

    public void Clear()
    {
        Ticks.Clear();
        NewSeries.Clear();
        GoneSeries.Clear();
        Events.Clear();
        BootId = null;
        EventsFoldedUpTo = 0;
    }
}

/// <summary>Rows that tail and segments hold alike.</summary>
internal static class SealedRow
{
    public static byte[] Of(SeriesDefinition definition)
    {
        var writer = new ByteWriter(256);
        definition.Write(writer);
        return Envelope.Seal(BlobKind.Series, definition.Id, writer.Written, 0);
    }

    public static byte[] Of(HistoryEvent item)
    {
        var writer = new ByteWriter(256);
        EventCodec.Write(writer, item);
        return Envelope.Seal(BlobKind.Event, item.Id, writer.Written, 0);
    }

    public static byte[] Of(BlockHeader header)
    {
        var writer = new ByteWriter(256);
        header.Write(writer);
        return Envelope.Seal(BlobKind.Header, header.Key, writer.Written, 0);
    }
}
