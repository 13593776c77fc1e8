using System.Buffers.Binary;
using System.Text;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>What a WebSocket frame is (RFC 6455, section 5.2). Others are reserved.</summary>
internal enum Opcode
{
    /// <summary>Goes on with a message that was begun.</summary>
    Continuation = 0,

    /// <summary>UTF-8 text.</summary>
    Text = 1,

    /// <summary>Bytes.</summary>
    Binary = 2,

    /// <summary>The sender closes.</summary>
    Close = 8,

    /// <summary>Asks for a pong with the same payload.</summary>
    Ping = 9,

    /// <summary>Answers a ping.</summary>
    Pong = 10,
}

/// <summary>
/// Writes frames from server to client (RFC 6455, section 5.2): not masked, each a whole message.
/// <code>
/// 81 7e 01 00 ...         text, 256 bytes
/// 89 00                   ping
/// 88 04 03 e9 6f 6b       close, 1001, "ok"
/// </code>
/// </summary>
internal static class ServerFrame
{
    /// <summary>Most bytes of a head.</summary>
    public const int MaxHeadBytes = 10;

    /// <summary>Most bytes of the payload of ping, pong and close (section 5.5).</summary>
    public const int MaxControlBytes = 125;

    private const int Final = 0x80;

    /// <summary>A ping; ours have no payload, as one is under way at a time.</summary>
    public static ReadOnlyMemory<byte> Ping { get; } = new byte[] { Final | (int)Opcode.Ping, 0 };

    /// <summary>Writes the head of a frame; its length.</summary>
    public static int WriteHead(Span<byte> to, Opcode opcode, long payloadLength)
    {
        to[0] = (byte)(Final | (int)opcode);
        switch (payloadLength)
        {
            case <= MaxControlBytes:
                to[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                to[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payloadLength);
                return 4;
            default:
                to[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(to[2..], payloadLength);
                return MaxHeadBytes;
        }
    }

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload) =>
        [Final | (int)Opcode.Pong, (byte)payload.Length, .. payload];

    /// <summary>A close with a code of section 7.4 and a reason, at most 123 bytes of UTF-8.</summary>
    public static byte[] Close(int code, string reason)
    {
        var words = Encoding.UTF8.GetBytes(reason);
        return [Final | (int)Opcode.Close, (byte)(2 + words.Length), (byte)(code >> 8), (byte)code, .. words];
    }

    /// <summary>A close without a code, in answer to one without.</summary>
    public static byte[] CloseWithoutCode() => [Final | (int)Opcode.Close, 0];
}
