using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// The parts of blocks that were read last, unpacked. Stepping from second to second, and twenty charts of one hour,
/// find theirs here. Safe to use from any thread.
/// </summary>
/// <param name="maxBytes">Most bytes it holds.</param>
internal sealed class BlobCache(long maxBytes = BlobCache.DefaultMaxBytes)
{
    /// <summary>
    /// 16 MiB: a group of 64 series over 300 s unpacks to about 7 KB, so some 2,000 of them, and a process log to 350
    /// KB.
    /// </summary>
    public const long DefaultMaxBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string File, long Key), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>Bytes it holds now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Looks a part up.</summary>
    /// <param name="file">Name of the file.</param>
    /// <param name="key">Key of the part.</param>
    /// <param name="value">The group or the log.</param>
    public bool TryGet(string file, long key, out object? value)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((file, key), out var node))
            {
                value = null;
                return false;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>
    /// Keeps a part, dropping those used longest ago. What could not be read is not kept: it may be next time.
    /// </summary>
    public void Put(string file, long key, object? value)
    {
        if (value is null)
        {
            return;
        }

        var bytes = value switch
        {
            SeriesGroup group => group.Bytes,
            byte[] log => log.Length,
            _ => 0,
        } + EntryBytes;
        if (bytes > maxBytes / 2)
        {
            return;
        }

        lock (_lock)
        {
            if (_entries.ContainsKey((file, key)))
            {
                return;
            }

            _entries.Add((file, key), _byUse.AddFirst(new Entry(file, key, value, bytes)));
            Bytes += bytes;
            while (Bytes > maxBytes)
            {
                Drop(_byUse.Last!);
            }
        }
    }

    /// <summary>Forgets a file: it was deleted or set aside.</summary>
    public void Forget(string file)
    {
        lock (_lock)
        {
            for (var node = _byUse.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.File == file)
                {
                    Drop(node);
                }

                node = next;
            }
        }
    }

    /// <summary>What an entry costs besides its content: two nodes and a key.</summary>
    private const int EntryBytes = 200;

    private void Drop(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove((node.Value.File, node.Value.Key));
        Bytes -= node.Value.Bytes;
    }

    private readonly record struct Entry(string File, long Key, object? Value, int Bytes);
}
