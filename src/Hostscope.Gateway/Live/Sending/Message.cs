namespace Hostscope.Gateway.Live.Sending;

/// <summary>
/// A message to viewers, made once and never changed: the same memory for everybody. It lies there as one WebSocket
/// frame, so that a viewer costs one system call with these very bytes and nothing is put together for it.
/// </summary>
internal sealed class Message
{
    private readonly byte[] _framed;
    private readonly int _headLength;

    /// <summary>Frames a copy of a payload.</summary>
    public Message(ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[ServerFrame.MaxHeadBytes];
        _headLength = ServerFrame.WriteHead(head, Opcode.Text, payload.Length);
        _framed = new byte[_headLength + payload.Length];
        head[.._headLength].CopyTo(_framed);
        payload.CopyTo(_framed.AsSpan(_headLength));
    }

    /// <summary>For what is not a message yet: before the first tick there is no frame.</summary>
    public static Message Empty { get; } = new([]);

    /// <summary>A whole WebSocket frame.</summary>
    public ReadOnlyMemory<byte> Framed => _framed;

    /// <summary>The JSON alone.</summary>
    public ReadOnlyMemory<byte> Payload => _framed.AsMemory(_headLength);
}
