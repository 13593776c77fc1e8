using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Unicode;
using Hostscope.Gateway.Live.Sending;

namespace Hostscope.Gateway.Live;

/// <summary>What a client sent.</summary>
internal enum ClientEventKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A ping, to be answered with the same payload.</summary>
    Ping,

    /// <summary>A pong.</summary>
    Pong,

    /// <summary>A close; its code is 0 when it has none.</summary>
    Close,

    /// <summary>What is not allowed; the code and the reason say what.</summary>
    Violation,
}

/// <summary>Something a client sent.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">Of a text, a ping; valid until the next read.</param>
/// <param name="Code">Close code: the client's own of a close, ours of a violation.</param>
/// <param name="Reason">Words for a violation, at most 123 bytes.</param>
internal readonly record struct ClientEvent(
    ClientEventKind Kind, ReadOnlyMemory<byte> Payload = default, int Code = 0, string Reason = "");

/// <summary>
/// Reads the frames of one WebSocket client (RFC 6455, section 5), in pieces of any size, and holds a buffer only while
/// a message is incomplete. Our own, as every violation is to be answered with the code that the RFC gives it, and as a
/// client that says nothing, which is nearly every one, must cost nothing.
/// <code>
/// 81 97 37 fa 21 3d 4c d8 55 44 ...     final text of 23 bytes, masked with 37 fa 21 3d: {"type":"resync"} and so on
/// 8a 80 00 00 00 00                     pong without a payload
/// 88 82 01 02 03 04 02 ea               close 1000
/// </code>
/// </summary>
internal sealed class ClientFrames
{
    private const int MaskBytes = 4;
    private const int MaxHeadBytes = 2 + 8 + MaskBytes;

    private readonly byte[] _head = new byte[MaxHeadBytes];
    private int _headLength;
    private int _payloadLength;
    private int _payloadRead;
    private int _fragments;
    private byte[]? _control;
    private byte[]? _message;
    private int _messageLength;
    private bool _inMessage;
    private bool _isOver;

    private bool IsFinal => (_head[0] & 0x80) != 0;

    private Opcode Opcode => (Opcode)(_head[0] & 0x0f);

    private bool IsControl => Opcode >= Opcode.Close;

    /// <summary>
    /// Reads on until something is complete. After a close or a violation everything is skipped.
    /// </summary>
    /// <param name="input">What came; what was used is taken off its beginning.</param>
    /// <param name="happened">What is complete.</param>
    /// <returns>False when more input is needed.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> input, out ClientEvent happened)
    {
        happened = default;
        while (!_isOver && !input.IsEmpty)
        {
            if (!IsHeadComplete)
            {
                if (TakeHead(ref input) is { } violation)
                {
                    return End(violation, out happened);
                }

                if (!IsHeadComplete || (_payloadLength > 0 && input.IsEmpty))
                {
                    continue;
                }
            }

            TakePayload(ref input);
            if (_payloadRead == _payloadLength && Complete(out happened))
            {
                return true;
            }
        }

        if (_isOver)
        {
            input = [];
        }

        return false;
    }

    private bool IsHeadComplete => _headLength >= 2 && _headLength == HeadLengthNeeded;

    /// <summary>Length of the head that has begun, once its first two bytes are there.</summary>
    private int HeadLengthNeeded => MaskBytes + (_head[1] & 0x7f) switch
    {
        126 => 4,
        127 => 10,
        _ => 2,
    };

    /// <summary>Takes bytes of the head; checks it as far as it is there.</summary>
    private ClientEvent? TakeHead(ref ReadOnlySpan<byte> input)
    {
        while (_headLength < 2 || _headLength < HeadLengthNeeded)
        {
            if (input.IsEmpty)
            {
                return null;
            }

            _head[_headLength++] = input[0];
            input = input[1..];
            if (_headLength == 2 && CheckStart() is { } violation)
            {
                return violation;
            }
        }

        _payloadRead = 0;
        return TakeLength();
    }

    /// <summary>The first two bytes: who may send what.</summary>
    private ClientEvent? CheckStart()
    {
        if ((_head[0] & 0x70) != 0)
        {
            return Malformed("a reserved bit is set, and no extension was agreed to");
        }

        if (Opcode is not (Opcode.Continuation or Opcode.Text or Opcode.Binary
            or Opcode.Close or Opcode.Ping or Opcode.Pong))
        {
            return Malformed("a frame of an opcode that does not exist");
        }

        if ((_head[1] & 0x80) == 0)
        {
            return Malformed("a frame of a client must be masked");
        }

        if (IsControl)
        {
            return !IsFinal ? Malformed("a control frame must not be fragmented")
                : (_head[1] & 0x7f) > ServerFrame.MaxControlBytes ? Malformed("a control frame has at most 125 bytes")
                : null;
        }

        return Opcode == Opcode.Continuation != _inMessage
            ? Malformed(_inMessage ? "a message began within another" : "a continuation of no message")
            : Opcode == Opcode.Binary
                ? Violation(WebSocketCloseStatus.InvalidMessageType, "messages are JSON text, not binary")
                : null;
    }

    private ClientEvent? TakeLength()
    {
        var shortLength = _head[1] & 0x7f;
        var length = shortLength switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(_head.AsSpan(2)),
            _ => shortLength,
        };
        if (length < 0 || (shortLength == 126 && length < 126) || (shortLength == 127 && length <= ushort.MaxValue))
        {
            return Malformed("a length must be positive and written in its shortest form");
        }

        // The second of the two: fragments without a byte in them would never fill the buffer.
        if (!IsControl
            && (_messageLength + length > ClientMessage.MaxBytes || ++_fragments > ClientMessage.MaxBytes))
        {
            return Violation(
                WebSocketCloseStatus.MessageTooBig, $"a message has at most {ClientMessage.MaxBytes} bytes");
        }

        _payloadLength = (int)length;
        return null;
    }

    /// <summary>Unmasks what is there of the payload into the buffer it belongs to.</summary>
    private void TakePayload(ref ReadOnlySpan<byte> input)
    {
        var count = Math.Min(input.Length, _payloadLength - _payloadRead);
        if (count == 0)
        {
            return;
        }

        var buffer = IsControl
            ? _control ??= new byte[ServerFrame.MaxControlBytes]
            : _message ??= ArrayPool<byte>.Shared.Rent(ClientMessage.MaxBytes);
        var to = buffer.AsSpan(IsControl ? _payloadRead : _messageLength + _payloadRead, count);
        var mask = _head.AsSpan(_headLength - MaskBytes, MaskBytes);
        for (var i = 0; i < count; i++)
        {
            to[i] = (byte)(input[i] ^ mask[(_payloadRead + i) % MaskBytes]);
        }

        input = input[count..];
        _payloadRead += count;
    }

    /// <summary>A frame is whole; true when with it something is.</summary>
    private bool Complete(out ClientEvent happened)
    {
        _headLength = 0;
        if (IsControl)
        {
            happened = CompleteControl(_control.AsMemory(0, _payloadLength));
            _isOver = happened.Kind is ClientEventKind.Close or ClientEventKind.Violation;
            return true;
        }

        _messageLength += _payloadLength;
        _inMessage = !IsFinal;
        happened = default;
        if (_inMessage)
        {
            return false;
        }

        var text = _message.AsMemory(0, _messageLength);
        _messageLength = 0;
        _fragments = 0;
        if (!Utf8.IsValid(text.Span))
        {
            return End(Violation(WebSocketCloseStatus.InvalidPayloadData, "a text is not valid UTF-8"), out happened);
        }

        happened = new ClientEvent(ClientEventKind.Text, text);
        return true;
    }

    private ClientEvent CompleteControl(ReadOnlyMemory<byte> payload)
    {
        if (Opcode != Opcode.Close)
        {
            return new ClientEvent(Opcode == Opcode.Ping ? ClientEventKind.Ping : ClientEventKind.Pong, payload);
        }

        if (payload.IsEmpty)
        {
            return new ClientEvent(ClientEventKind.Close);
        }

        var code = payload.Length == 1 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload.Span);
        if (!IsCloseCode(code))
        {
            return Malformed("a close with a code that must not be sent");
        }

        return Utf8.IsValid(payload.Span[2..])
            ? new ClientEvent(ClientEventKind.Close, Code: code)
            : Violation(WebSocketCloseStatus.InvalidPayloadData, "the reason of a close is not valid UTF-8");
    }

    /// <summary>The message of the last event was used: the buffer is not held while nothing comes.</summary>
    public void Release()
    {
        if (!_inMessage && _headLength == 0)
        {
            Drop();
        }
    }

    /// <summary>Codes that may stand in a frame (RFC 6455, section 7.4, and the registry it founds).</summary>
    private static bool IsCloseCode(int code) =>
        code is (>= 1000 and <= 1014 and not (1004 or 1005 or 1006)) or (>= 3000 and <= 4999);

    private bool End(ClientEvent violation, out ClientEvent happened)
    {
        happened = violation;
        _isOver = true;
        return true;
    }

    /// <summary>The connection is over.</summary>
    public void Drop()
    {
        if (_message is not null)
        {
            ArrayPool<byte>.Shared.Return(_message);
            _message = null;
        }
    }

    private static ClientEvent Malformed(string reason) => Violation(WebSocketCloseStatus.ProtocolError, reason);

    private static ClientEvent Violation(WebSocketCloseStatus status, string reason) =>
        new(ClientEventKind.Violation, Code: (int)status, Reason: reason);
}
