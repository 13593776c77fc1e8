using System.Buffers.Binary;
using System.Text;

namespace Hostscope.Recorder.Codec;

/// <summary>Writes the store's primitive types into a buffer that grows and is re-used.</summary>
internal sealed class ByteWriter(int capacity = 1024)
{
    private byte[] _buffer = new byte[capacity];

    /// <summary>Bytes written since the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Starts again at the beginning; the memory stays.</summary>
    public void Clear() => Length = 0;

    /// <summary>Drops what was written after a position that <see cref="Length"/> gave.</summary>
    public void Truncate(int length) => Length = length;

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Seven bits a byte, low bits first, the high bit set in all but the last byte: 1 to 10 bytes.</summary>
    public void Varint(ulong value)
    {
        Ensure(10);
        while (value >= 0x80)
        {
            _buffer[Length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[Length++] = (byte)value;
    }

    public void Count(int value) => Varint((ulong)value);

    /// <summary>A signed number with small magnitudes of either sign first: 0, -1, 1, -2, 2, ...</summary>
    public void ZigZag(long value) => Varint(Zig(value));

    /// <summary>UTF-8 with its length in front.</summary>
    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Count(bytes);
        Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    public static ulong Zig(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);

    /// <summary>Bytes that <see cref="Varint"/> takes for a value.</summary>
    public static int VarintSize(ulong value)
    {
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1);
        return (bits + 6) / 7;
    }

    private Span<byte> Reserve(int count)
    {
        Ensure(count);
        var span = _buffer.AsSpan(Length, count);
        Length += count;
        return span;
    }

    private void Ensure(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }
    }
}
