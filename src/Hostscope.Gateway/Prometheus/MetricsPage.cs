using System.Buffers;
using System.IO.Compression;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// The text of one frame, shared by all scrapes that ask while it is the newest. Its memory goes back to the pool when
/// it is no longer the newest and the last answer that sends it is done.
/// </summary>
internal sealed class MetricsPage
{
    private readonly Lock _lock = new();
    private byte[] _text;
    private readonly int _length;
    private byte[]? _gzip;
    private int _gzipLength;
    private int _users = 1;

    /// <summary>Copies a text. Whoever made it is its first user.</summary>
    public MetricsPage(long sequence, ReadOnlySpan<byte> text)
    {
        Sequence = sequence;
        _length = text.Length;
        _text = ArrayPool<byte>.Shared.Rent(text.Length);
        text.CopyTo(_text);
    }

    /// <summary>Number of the tick that the text tells of.</summary>
    public long Sequence { get; }

    /// <summary>The text. Only for a user.</summary>
    public ReadOnlyMemory<byte> Text => _text.AsMemory(0, _length);

    /// <summary>The text compressed by gzip, made for the first who wants it. Only for a user.</summary>
    public ReadOnlyMemory<byte> Gzip
    {
        get
        {
            lock (_lock)
            {
                if (_gzip is null)
                {
                    Compress();
                }

                return _gzip.AsMemory(0, _gzipLength);
            }
        }
    }

    /// <summary>Becomes a user. Only while somebody is one.</summary>
    public MetricsPage Use()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <summary>Is no longer a user.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_text);
        _text = [];
        if (_gzip is not null)
        {
            ArrayPool<byte>.Shared.Return(_gzip);
            _gzip = null;
        }
    }

    private void Compress()
    {
        // The fastest level: a scrape crosses a network of at least 1 Gb/s, where ratio matters less than our CPU.
        using var compressed = new MemoryStream(_length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(_text, 0, _length);
        }

        _gzipLength = (int)compressed.Length;
        _gzip = ArrayPool<byte>.Shared.Rent(_gzipLength);
        compressed.GetBuffer().AsSpan(0, _gzipLength).CopyTo(_gzip);
    }
}
