using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Appends blocks to one file, one transaction a block. Tables: <c>block(k, d)</c> headers, <c>part(k, d)</c> the parts
/// of blocks, <c>series(k, d)</c> what numbers stand for, <c>event(k, t, d)</c>, <c>meta(k, v)</c>. Everything it
/// writes it would write again the same way: doing it twice after a crash is harmless.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    public const string Tables = """
        CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE block(k INTEGER PRIMARY KEY, d BLOB NOT NULL) STRICT;
        CREATE TABLE part(k INTEGER PRIMARY KEY, d BLOB NOT NULL) STRICT;
        CREATE TABLE series(k INTEGER PRIMARY KEY, d BLOB NOT NULL) STRICT;
        CREATE TABLE event(k INTEGER PRIMARY KEY, t INTEGER NOT NULL, d BLOB NOT NULL) STRICT;
        CREATE INDEX event_time ON event(t);
        """;

    private readonly Database _database;
    private readonly Statement _writeBlock;
    private readonly Statement _writePart;
    private readonly Statement _writeSeries;
    private readonly Statement _writeEvent;
    private readonly HashSet<int> _series = [];

    private SegmentWriter(Database database)
    {
        _database = database;
        _writeBlock = database.Prepare("INSERT OR REPLACE INTO block(k, d) VALUES($1, $2)");
        _writePart = database.Prepare("INSERT OR REPLACE INTO part(k, d) VALUES($1, $2)");
        _writeSeries = database.Prepare("INSERT OR REPLACE INTO series(k, d) VALUES($1, $2)");
        _writeEvent = database.Prepare("INSERT OR REPLACE INTO event(k, t, d) VALUES($1, $2, $3)");
    }

    public string Name => _database.Name;

    /// <summary>Opens a file to append to it, or makes it.</summary>
    public static SegmentWriter Open(IStoreDisk disk, string name, DatabaseUse use = DatabaseUse.Segment)
    {
        var database = Database.Open(disk, name, use);
        try
        {
            FileHeader.Prepare(database, Tables);
            var writer = new SegmentWriter(database);
            using var known = database.Prepare("SELECT k, x'' FROM series");
            known.Rows((id, _) => writer._series.Add((int)id) || true);
            return writer;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Appends a block and events; they are on disk when this returns, or none of them is.</summary>
    public void Append(EncodedBlock? block, List<(long Key, byte[] Blob)> parts, IReadOnlyList<HistoryEvent> events) =>
        Append(block?.Header, block?.Definitions.Values ?? [], parts, events);

    /// <summary>The same, from what a block is made of.</summary>
    public void Append(
        BlockHeader? header,
        IEnumerable<SeriesDefinition> definitions,
        List<(long Key, byte[] Blob)> parts,
        IReadOnlyList<HistoryEvent> events)
    {
        var added = new List<int>();
        _database.Transact(() =>
        {
            foreach (var definition in definitions)
            {
                if (!_series.Contains(definition.Id))
                {
                    _writeSeries.Write((long)definition.Id, SealedRow.Of(definition));
                    added.Add(definition.Id);
                }
            }

            foreach (var (key, blob) in parts)
            {
                _writePart.Write(key, blob);
            }

            if (header is not null)
            {
                _writeBlock.Write(header.Key, SealedRow.Of(header));
            }

            foreach (var item in events)
            {
                _writeEvent.Write(item.Id, item.UnixMs, SealedRow.Of(item));
            }
        });
        _series.UnionWith(added);
    }

    /// <summary>Notes something about the file, for people and for the one that opens it.</summary>
    public void WriteMeta(string key, string value)
    {
        using var write = _database.Prepare("INSERT OR REPLACE INTO meta(k, v) VALUES($1, $2)");
        write.Write(key, value);
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();
}
