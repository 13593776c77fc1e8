using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Reads one file for questions. Calls may come from any thread; the connection serves one at a time, and no
/// transaction stays open between calls, so that a fold never waits for a question.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly Statement _part;
    private readonly Statement _series;
    private readonly Statement _events;
    private Dictionary<int, SeriesDefinition> _definitions = [];
    private long _definitionsUpTo = -1;
    private bool _closed;

    private SegmentReader(Database database)
    {
        _database = database;
        _part = database.Prepare("SELECT d FROM part WHERE k = $1");
        _series = database.Prepare("SELECT k, d FROM series");
        _events = database.Prepare("SELECT k, d FROM event WHERE t >= $1 AND t < $2 AND k > $3 ORDER BY k");
    }

    /// <summary>Opens a file of the store.</summary>
    public static SegmentReader Open(IStoreDisk disk, string name, DatabaseUse use)
    {
        var database = Database.Open(disk, name, use);
        try
        {
            FileHeader.Check(database);
            return new SegmentReader(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The payload of a part; <c>null</c> when it is not there or not sound.</summary>
    public byte[]? Part(long key, BlobKind kind)
    {
        byte[]? blob;
        lock (_lock)
        {
            ThrowIfClosed();
            blob = _part.Blob(key);
        }

        return blob is not null && Envelope.Open(kind, key, blob, out var payload) == BlobState.Ok ? payload : null;
    }

    /// <summary>A part as it lies in the file, sound; <c>null</c> when it is not there or not sound.</summary>
    public byte[]? Sealed(long key, BlobKind kind)
    {
        byte[]? blob;
        lock (_lock)
        {
            ThrowIfClosed();
            blob = _part.Blob(key);
        }

        return blob is not null && Envelope.Open(kind, key, blob, out _) == BlobState.Ok ? blob : null;
    }

    /// <summary>A note about the file; <c>null</c> when there is none.</summary>
    public string? Meta(string key)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            using var read = _database.Prepare("SELECT CAST(v AS BLOB) FROM meta WHERE k = $1");
            return read.Blob(key) is { } text ? System.Text.Encoding.UTF8.GetString(text) : null;
        }
    }

    /// <summary>
    /// What the numbers of the file stand for, at least those of the blocks up to one. The file grows.
    /// </summary>
    public IReadOnlyDictionary<int, SeriesDefinition> Definitions(long blockKey)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            if (blockKey > _definitionsUpTo)
            {
                _definitions = ReadDefinitions();
                _definitionsUpTo = blockKey;
            }

            return _definitions;
        }
    }

    /// <summary>
    /// The sound events of a question, in the order of recording, and one more than it wants if there are.
    /// </summary>
    public List<HistoryEvent> Events(EventQuery query)
    {
        var events = new List<HistoryEvent>();
        lock (_lock)
        {
            ThrowIfClosed();
            _events.Rows((id, blob) => Take(events, id, blob, query), query.FromMs, query.ToMs, query.AfterId);
        }

        return events;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _database.Dispose();
        }
    }

    private static bool Take(List<HistoryEvent> events, long id, byte[] blob, EventQuery query)
    {
        // The column of times only finds the row; what counts is under the checksum.
        if (Envelope.Open(BlobKind.Event, id, blob, out var payload) == BlobState.Ok
            && EventCodec.Read(id, payload) is { } item && Matches(item, query))
        {
            events.Add(item);
        }

        return events.Count <= query.Limit;
    }

    /// <summary>True when an event is one of those that a question asks for.</summary>
    public static bool Matches(HistoryEvent item, EventQuery query) => item.UnixMs >= query.FromMs
        && item.UnixMs < query.ToMs && item.Id > query.AfterId
        && (query.Kinds.Count == 0 || query.Kinds.Contains(item.Kind));

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new ReaderClosedException();
        }
    }

    private Dictionary<int, SeriesDefinition> ReadDefinitions()
    {
        var definitions = new Dictionary<int, SeriesDefinition>();
        _series.Rows((id, blob) =>
        {
            if (Envelope.Open(BlobKind.Series, id, blob, out var payload) == BlobState.Ok
                && SeriesDefinition.Read((int)id, payload) is { } definition)
            {
                definitions[definition.Id] = definition;
            }

            return true;
        });
        return definitions;
    }
}

/// <summary>A reader was closed by the pool while somebody held it: ask the pool again.</summary>
internal sealed class ReaderClosedException : IOException;
