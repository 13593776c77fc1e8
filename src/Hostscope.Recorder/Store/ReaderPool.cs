using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>The files that questions have open. Safe to use from any thread.</summary>
internal sealed class ReaderPool(IStoreDisk disk, DatabaseUse use, BlobCache cache) : IDisposable
{
    /// <summary>Each takes a descriptor and up to 256 KiB of SQLite's page cache: 4 MiB together.</summary>
    private const int MaxOpen = 16;

    /// <summary>A question asks again when the file it holds was closed by others that needed a place.</summary>
    private const int Attempts = 4;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Name, SegmentReader Reader)> _byUse = new();
    private bool _closed;

    /// <summary>A block of a file, to be read when it is asked for something.</summary>
    public IBlock Block(SegmentFile file, BlockHeader header) => new StoredBlock(header, file.Name, this, cache);

    /// <summary>Events of a file; none when it cannot be read.</summary>
    public List<HistoryEvent> Events(SegmentFile file, EventQuery query) =>
        Use(file.Name, reader => reader.Events(query)) ?? [];

    /// <summary>Reads something from a file; <c>null</c> when that cannot be done: a gap in the answer.</summary>
    public T? Use<T>(string name, Func<SegmentReader, T?> read)
        where T : class
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                return Open(name) is { } reader ? read(reader) : null;
            }
            catch (ReaderClosedException)
            {
                continue;
            }
            catch (Exception exception) when (StoreFault.Is(exception))
            {
                // Maybe the connection is what is broken; the next question opens the file again.
                Forget(name);
                return null;
            }
        }

        return null;
    }

    /// <summary>Closes a file that was deleted or set aside.</summary>
    public void Forget(string name)
    {
        cache.Forget(name);
        lock (_lock)
        {
            for (var node = _byUse.First; node is not null; node = node.Next)
            {
                if (node.Value.Name == name)
                {
                    _byUse.Remove(node);
                    node.Value.Reader.Dispose();
                    return;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var (_, reader) in _byUse)
            {
                reader.Dispose();
            }

            _byUse.Clear();
        }
    }

    private SegmentReader? Open(string name)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return null;
            }

            for (var node = _byUse.First; node is not null; node = node.Next)
            {
                if (node.Value.Name == name)
                {
                    _byUse.Remove(node);
                    _byUse.AddFirst(node);
                    return node.Value.Reader;
                }
            }

            var opened = SegmentReader.Open(disk, name, use);
            _byUse.AddFirst((name, opened));
            while (_byUse.Count > MaxOpen)
            {
                _byUse.Last!.Value.Reader.Dispose();
                _byUse.RemoveLast();
            }

            return opened;
        }
    }
}

/// <summary>A block in a file.</summary>
internal sealed class StoredBlock(BlockHeader header, string file, ReaderPool pool, BlobCache cache) : IBlock
{
    private static readonly Dictionary<int, SeriesDefinition> None = [];

    public BlockHeader Header { get; } = header;

    public IReadOnlyDictionary<int, SeriesDefinition> Definitions =>
        pool.Use(file, reader => reader.Definitions(Header.Key)) ?? None;

    public SeriesGroup? Group(int group)
    {
        var key = BlockKey.Part(Header.Key, group);
        if (!cache.TryGet(file, key, out var value))
        {
            value = Read(key, group) is { } payload ? SeriesGroup.Parse(payload) : null;
            cache.Put(file, key, value);
        }

        return value is SeriesGroup parsed && parsed.Ticks == Header.Ticks ? parsed : null;
    }

    public SeriesGroup? Clock() => Group(BlockKey.ClockPart);

    public byte[]? Tables(int part)
    {
        var key = BlockKey.Part(Header.Key, part);
        if (!cache.TryGet(file, key, out var value))
        {
            value = Read(key, part);
            cache.Put(file, key, value);
        }

        return value as byte[];
    }

    public SeriesDefinition? Definition(int id) => Definitions.GetValueOrDefault(id);

    /// <summary>Its sound parts as they lie in the file.</summary>
    public List<(long Key, byte[] Blob)> Sealed()
    {
        var parts = new List<(long, byte[])>();
        foreach (var part in Header.Groups
            .Append(BlockKey.ClockPart).Append(BlockKey.ProcessPart).Append(BlockKey.CgroupPart))
        {
            var key = BlockKey.Part(Header.Key, part);
            if (pool.Use(file, reader => reader.Sealed(key, EncodedBlock.KindOf(part))) is { } blob)
            {
                parts.Add((key, blob));
            }
        }

        return parts;
    }

    private byte[]? Read(long key, int part) => pool.Use(file, reader => reader.Part(key, EncodedBlock.KindOf(part)));
}
