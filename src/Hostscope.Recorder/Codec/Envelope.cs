using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Hostscope.Recorder.Codec;

/// <summary>What is in an envelope. Part of its checksum: one kind is never read as another.</summary>
internal enum BlobKind : byte
{
    Header = 1,
    Clock = 2,
    Numeric = 3,
    Processes = 4,
    Cgroups = 5,
    Series = 6,
    Event = 7,
    TailFrame = 8,
}

/// <summary>How opening an envelope ended.</summary>
internal enum BlobState
{
    /// <summary>The payload is what was put in.</summary>
    Ok,

    /// <summary>Shorter than an envelope can be.</summary>
    Truncated,

    /// <summary>The bytes are not the ones that were written, or they were written under another key.</summary>
    ChecksumMismatch,

    /// <summary>Written by a version of the program that this one does not know.</summary>
    UnknownVersion,

    /// <summary>The checksum is right and the content is not: a bug of the writer.</summary>
    Malformed,
}

/// <summary>
/// The wrapper of every blob of the store. SQLite's pages have no checksum; this one finds rot, and a blob that lies
/// under a key that is not its own.
/// <code>
/// offset size
///      0    4  CRC-32 (IEEE) of: kind (1 byte), key (8 bytes, little endian), everything from offset 4. Little endian.
///      4    1  version of the envelope: 1
///      5    1  codec: 0 as it is, 1 Brotli
///      6  1-5  length of the payload before compression, varint
///      .    .  payload
/// </code>
/// </summary>
internal static class Envelope
{
    public const byte Version = 1;

    /// <summary>
    /// Most bytes a payload has. The largest are process blocks, and <see cref="MaxBlockBytes"/> ends a block long
    /// before; past this a length is damage, not data.
    /// </summary>
    public const int MaxPayloadBytes = 64 << 20;

    /// <summary>
    /// A block is closed early when its frames reach this: 50,000 busy processes fill it in some minutes.
    /// </summary>
    public const int MaxBlockBytes = 16 << 20;

    /// <summary>
    /// Quality 4 gave 0.238 B a sample on recorded data where zstd -3 gave 0.237, at 7 us a tick; quality 9 gave 0.233
    /// at 321 us.
    /// </summary>
    public const int BlockQuality = 4;

    /// <summary>For what is written within a tick and kept for minutes.</summary>
    public const int FastQuality = 1;

    /// <summary>Below this a compressor's own overhead eats its gain.</summary>
    private const int SmallestWorthCompressing = 64;

    private const int WindowBits = 22;
    private const byte CodecRaw = 0;
    private const byte CodecBrotli = 1;
    private const int HeaderBytes = 6;

    /// <summary>Wraps a payload.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="key">The key of the row it will lie under.</param>
    /// <param name="payload">The content.</param>
    /// <param name="quality">Brotli's quality; 0 for no compression.</param>
    public static byte[] Seal(BlobKind kind, long key, ReadOnlySpan<byte> payload, int quality)
    {
        if (payload.Length > MaxPayloadBytes)
        {
            throw new InvalidOperationException($"BUG: a payload of {payload.Length} bytes; blocks end before that.");
        }

        var lengthBytes = ByteWriter.VarintSize((ulong)payload.Length);
        var start = HeaderBytes + lengthBytes;
        if (quality > 0 && payload.Length >= SmallestWorthCompressing)
        {
            var packed = new byte[start + BrotliEncoder.GetMaxCompressedLength(payload.Length)];
            if (BrotliEncoder.TryCompress(payload, packed.AsSpan(start), out var written, quality, WindowBits)
                && written < payload.Length)
            {
                Array.Resize(ref packed, start + written);
                return Finish(packed, kind, key, CodecBrotli, payload.Length);
            }
        }

        var blob = new byte[start + payload.Length];
        payload.CopyTo(blob.AsSpan(start));
        return Finish(blob, kind, key, CodecRaw, payload.Length);
    }

    /// <summary>Checks and unwraps a blob. Never throws, whatever the bytes.</summary>
    public static BlobState Open(BlobKind kind, long key, ReadOnlySpan<byte> blob, out byte[] payload)
    {
        payload = [];
        if (blob.Length < HeaderBytes + 1)
        {
            return BlobState.Truncated;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(blob) != Checksum(kind, key, blob[4..]))
        {
            return BlobState.ChecksumMismatch;
        }

        if (blob[4] != Version || blob[5] > CodecBrotli)
        {
            return BlobState.UnknownVersion;
        }

        var reader = new ByteReader(blob[HeaderBytes..]);
        var length = reader.Count(MaxPayloadBytes);
        var body = reader.Failed ? [] : blob[(HeaderBytes + reader.Position)..];
        if (reader.Failed || (blob[5] == CodecRaw && body.Length != length))
        {
            return BlobState.Malformed;
        }

        var content = new byte[length];
        if (blob[5] == CodecRaw)
        {
            body.CopyTo(content);
        }
        else if (!BrotliDecoder.TryDecompress(body, content, out var written) || written != length)
        {
            return BlobState.Malformed;
        }

        payload = content;
        return BlobState.Ok;
    }

    private static byte[] Finish(byte[] blob, BlobKind kind, long key, byte codec, int length)
    {
        blob[4] = Version;
        blob[5] = codec;
        var at = HeaderBytes;
        var rest = (uint)length;
        while (rest >= 0x80)
        {
            blob[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        blob[at] = (byte)rest;
        BinaryPrimitives.WriteUInt32LittleEndian(blob, Checksum(kind, key, blob.AsSpan(4)));
        return blob;
    }

    private static uint Checksum(BlobKind kind, long key, ReadOnlySpan<byte> rest)
    {
        Span<byte> seed = stackalloc byte[9];
        seed[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(seed[1..], key);
        var crc = new Crc32();
        crc.Append(seed);
        crc.Append(rest);
        return crc.GetCurrentHashAsUInt32();
    }
}
