using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// A WebSocket client by hand (RFC 6455), for what a good one never does: not to read, not to answer pings, to send
/// what is malformed. Its receive buffer is small, so that not reading is felt soon.
/// </summary>
internal sealed class RawViewer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        ReceiveBufferSize = 4096,
        NoDelay = true,
    };

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _begin;
    private int _end;

    /// <summary>Opcodes of RFC 6455.</summary>
    public enum Opcode
    {
        Continuation = 0,
        Text = 1,
        Binary = 2,
        Close = 8,
        Ping = 9,
        Pong = 10,
    }

    public static async Task<RawViewer> OpenAsync(Uri address, string path = "/api/v1/hosts/local/live")
    {
        var viewer = new RawViewer();
        var answer = await viewer.RequestAsync(address, $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n" +
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        return viewer;
    }

    /// <summary>Connects, sends a request as it is, gives the head of the answer.</summary>
    public async Task<string> RequestAsync(Uri address, string request)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await _socket.ConnectAsync(address.Host, address.Port, deadline.Token);
        await _socket.SendAsync(Encoding.Latin1.GetBytes(request), deadline.Token);
        while (true)
        {
            var text = Encoding.Latin1.GetString(_buffer, 0, _end);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _begin = end + 4;
                return text[.._begin];
            }

            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), deadline.Token);
            if (count == 0)
            {
                return text;
            }

            _end += count;
        }
    }

    /// <summary>Sends one frame, masked as a client must.</summary>
    public async Task SendAsync(
        Opcode opcode, byte[] payload, bool isFinal = true, int reservedBits = 0, bool isMasked = true)
    {
        var frame = new List<byte> { (byte)((isFinal ? 0x80 : 0) | reservedBits | (int)opcode) };
        var maskBit = isMasked ? 0x80 : 0;
        if (payload.Length < 126)
        {
            frame.Add((byte)(maskBit | payload.Length));
        }
        else
        {
            frame.AddRange([(byte)(maskBit | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        }

        var mask = isMasked ? RandomNumberGenerator.GetBytes(4) : [];
        frame.AddRange(mask);
        frame.AddRange(payload.Select((value, i) => isMasked ? (byte)(value ^ mask[i % 4]) : value));
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await _socket.SendAsync(frame.ToArray(), deadline.Token);
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent), deadline.Token);
        }
    }

    /// <summary>The payload of the next frame of a kind; the connection must not end before.</summary>
    public async Task<byte[]> ReceiveUntilAsync(Opcode opcode)
    {
        while (true)
        {
            var frame = await ReceiveAsync();
            Assert.True(frame is not null, $"the connection ended before {opcode}");
            if (frame.Value.Opcode == opcode)
            {
                return frame.Value.Payload;
            }
        }
    }

    /// <summary>The next frame; <c>null</c> at the end of the connection, clean or not.</summary>
    public async Task<(Opcode Opcode, bool IsFinal, byte[] Payload)?> ReceiveAsync()
    {
        var head = await ReadAsync(2);
        if (head is null)
        {
            return null;
        }

        Assert.Equal(0, head[1] & 0x80); // A server does not mask.
        Assert.Equal(0, head[0] & 0x70); // Nor uses what was not agreed to.
        long length = head[1];
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2) ?? [0, 0]);
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8) ?? new byte[8]);
        }

        var payload = await ReadAsync((int)length);
        return payload is null ? null : ((Opcode)(head[0] & 0x0f), (head[0] & 0x80) != 0, payload);
    }

    /// <summary>
    /// The next whole text message; <c>null</c> at the end of the connection. Pings are not answered.
    /// </summary>
    public async Task<byte[]?> ReceiveMessageAsync()
    {
        var message = new List<byte>();
        while (await ReceiveAsync() is { } frame)
        {
            if (frame.Opcode is Opcode.Text or Opcode.Continuation)
            {
                message.AddRange(frame.Payload);
                if (frame.IsFinal)
                {
                    return [.. message];
                }
            }
            else if (frame.Opcode == Opcode.Close)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The code of the close frame that ends the connection; <c>null</c> when it ends without one.</summary>
    public async Task<int?> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is { } frame)
        {
            if (frame.Opcode == Opcode.Close)
            {
                return BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
            }
        }

        return null;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]?> ReadAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            if (_begin == _end)
            {
                try
                {
                    (_begin, _end) = (0, await _socket.ReceiveAsync(_buffer, deadline.Token));
                }
                catch (SocketException)
                {
                    return null;
                }

                if (_end == 0)
                {
                    return null;
                }
            }

            var take = Math.Min(count - filled, _end - _begin);
            Array.Copy(_buffer, _begin, bytes, filled, take);
            _begin += take;
            filled += take;
        }

        return bytes;
    }
}
