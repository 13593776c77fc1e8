using System.Buffers.Binary;
using System.Text;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. It never throws on what it reads: after the first thing that cannot be,
/// <see cref="Failed"/> is set and everything reads as 0, so a decoder checks once at its end and bounds its loops by
/// <see cref="Count()"/>.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>True once the input ended early or held something impossible.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Left => _bytes.Length - Position;

    /// <summary>True when everything was read and nothing was wrong: how a decoder ends.</summary>
    public readonly bool AtEnd => !Failed && Left == 0;

    /// <summary>Says that what was read cannot be.</summary>
    public void Fail()
    {
        Failed = true;
        Position = _bytes.Length;
    }

    public byte Byte()
    {
        if (Left < 1)
        {
            Fail();
            return 0;
        }

        return _bytes[Position++];
    }

    public uint UInt32() => Bytes(4) is { Length: 4 } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || Left < count)
        {
            Fail();
            return [];
        }

        var bytes = _bytes.Slice(Position, count);
        Position += count;
        return bytes;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position >= _bytes.Length)
            {
                break;
            }

            var next = _bytes[Position++];
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail();
        return 0;
    }

    /// <summary>A count of things of which the writer cannot have written more than <paramref name="max"/>.</summary>
    public int Count(int max)
    {
        var value = Varint();
        if (value > (ulong)max)
        {
            Fail();
            return 0;
        }

        return (int)value;
    }

    /// <summary>A count of things that take at least a byte each: no more than there are bytes left.</summary>
    public int Count() => Count(Left);

    public long ZigZag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public string Text() => Encoding.UTF8.GetString(Bytes(Count()));
}
