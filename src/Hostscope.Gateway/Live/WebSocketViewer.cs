using System.Buffers;
using System.Net.WebSockets;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live;

/// <summary>A viewer on a WebSocket. It may also ask: subscribe, resync.</summary>
internal sealed class WebSocketViewer(ViewerContext context, HttpContext http, WebSocket socket, Topics topics)
    : Viewer(context, http, topics)
{
    /// <summary>
    /// Held for each viewer: every message of the protocol fits. What is longer is read into a buffer of
    /// <see cref="ClientMessage.MaxBytes"/> that is borrowed for that message.
    /// </summary>
    private const int SmallBufferBytes = 256;

    /// <inheritdoc/>
    public override async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        try
        {
            await SendUpdatesAsync();
            if (CloseStatus is { } status && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, CloseReason, CancellationToken.None);
            }
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            Close(WebSocketCloseStatus.ProtocolError, "");
        }

        await receiving;
    }

    /// <inheritdoc/>
    protected override ValueTask SendPieceAsync(MessageHead message, ReadOnlyMemory<byte> piece, bool isLast) =>
        socket.SendAsync(piece, WebSocketMessageType.Text, isLast, CancellationToken.None);

    /// <summary>
    /// Reads until the other side closes or is gone. After a close of ours it goes on reading and throws away what
    /// comes: a socket that is shut with unread bytes in it resets the connection, and the reason would not arrive.
    /// </summary>
    private async Task ReceiveAsync()
    {
        var budget = new MessageBudget(Context.Time, Context.Options.MaxMessagesPerSecond);
        var small = new byte[SmallBufferBytes];
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(small.AsMemory(), CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    Close(WebSocketCloseStatus.NormalClosure, "");
                    return;
                }

                if (CloseStatus is not null)
                {
                    continue;
                }

                if (!budget.TryTake())
                {
                    Refuse(
                        WebSocketCloseStatus.PolicyViolation,
                        $"more than {Context.Options.MaxMessagesPerSecond} messages in a second");
                }
                else if (result.MessageType == WebSocketMessageType.Binary)
                {
                    Refuse(WebSocketCloseStatus.InvalidMessageType, "messages are JSON text, not binary");
                }
                else if (result.EndOfMessage)
                {
                    Handle(ClientMessage.Parse(small.AsMemory(0, result.Count)));
                }
                else
                {
                    await ReceiveRestAsync(small.AsMemory(0, result.Count));
                }
            }
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            // For a malformed frame the socket itself has sent the close with the code; cutting now would overtake it.
            Close(WebSocketCloseStatus.ProtocolError, "");
        }
    }

    /// <summary>
    /// Reads the rest of a message that did not come in one piece or is longer than the small buffer.
    /// </summary>
    private async ValueTask ReceiveRestAsync(ReadOnlyMemory<byte> begin)
    {
        // One byte more than is allowed: a message that fills it is too long.
        var buffer = ArrayPool<byte>.Shared.Rent(ClientMessage.MaxBytes + 1);
        try
        {
            begin.CopyTo(buffer);
            var length = begin.Length;
            var fragments = 0;
            while (true)
            {
                var room = buffer.AsMemory(length, ClientMessage.MaxBytes + 1 - length);
                var result = await socket.ReceiveAsync(room, CancellationToken.None);
                length += result.Count;
                if (length > ClientMessage.MaxBytes || ++fragments > ClientMessage.MaxBytes)
                {
                    // The second of the two: fragments without a byte in them would never fill the buffer.
                    Refuse(
                        WebSocketCloseStatus.MessageTooBig, $"a message has at most {ClientMessage.MaxBytes} bytes");
                    return;
                }

                if (result.EndOfMessage)
                {
                    Handle(ClientMessage.Parse(buffer.AsMemory(0, length)));
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Handle(ClientMessage message)
    {
        switch (message.Kind)
        {
            case ClientMessageKind.Subscribe:
                Subscribe(message.Topics);
                break;
            case ClientMessageKind.Resync:
                Resync();
                break;
            default:
                Refuse(WebSocketCloseStatus.PolicyViolation, message.Problem ?? "not understood");
                break;
        }
    }

    private void Refuse(WebSocketCloseStatus status, string reason)
    {
        Context.Counters.ProtocolClose();
        Log.ViewerRefused(Context.Log, Id, Context.HostId, (int)status, reason);
        Close(status, reason);
    }

    /// <summary>
    /// What the other side, or the network, can make the socket throw; anything else is a bug of ours.
    /// </summary>
    private static bool IsOfTheConnection(Exception e) =>
        e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;
}
