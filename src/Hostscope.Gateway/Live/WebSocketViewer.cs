using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live;

/// <summary>A viewer on a WebSocket. It may also ask: subscribe, resync.</summary>
/// <param name="context">What it shares with others.</param>
/// <param name="http">The request.</param>
/// <param name="connection">The upgraded connection.</param>
/// <param name="topics">What it watches at first.</param>
internal sealed class WebSocketViewer(ViewerContext context, HttpContext http, Stream connection, Topics topics)
    : Viewer(context, http.Connection.Id, http.Identity(), SocketOutlet.Of(http, connection), topics)
{
    /// <summary>Bytes that are read at a time; every message of the protocol fits.</summary>
    private const int ReadBytes = 4096;

    private const long NoPing = -1;

    private readonly ClientFrames _frames = new();
    private MessageBudget _budget = new(context.Time, context.Options);
    private byte[]? _pong;
    private volatile bool _pingIsDue;
    private long _heardAt = context.Time.GetTimestamp();
    private long _pingSince = NoPing;
    private bool _isOver;
    private bool _answersWithoutCode;

    /// <inheritdoc/>
    public override void LookAfter(long now)
    {
        base.LookAfter(now);
        if (IsOver(ref _pingSince, now, TimeSpan.FromSeconds(Context.Options.PingTimeoutSeconds)))
        {
            if (Abort())
            {
                Context.Counters.Unanswered();
                Log.ViewerSilent(Context.Log, Id, Context.HostId, Context.Options.PingTimeoutSeconds);
            }
        }
        else if (_pingSince == NoPing
            && IsOver(ref _heardAt, now, TimeSpan.FromSeconds(Context.Options.PingIntervalSeconds)))
        {
            Volatile.Write(ref _pingSince, now);
            _pingIsDue = true;
            Nudge();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask SendAsync(
        MessageKind kind, long sequence, ReadOnlyMemory<byte> start, Message message)
    {
        if (start.IsEmpty)
        {
            await WriteAsync(message.Framed);
            return;
        }

        var head = new byte[ServerFrame.MaxHeadBytes + start.Length];
        var length = ServerFrame.WriteHead(head, Opcode.Text, start.Length + message.Payload.Length);
        start.CopyTo(head.AsMemory(length));
        await WriteAsync(head.AsMemory(0, length + start.Length));
        await WriteAsync(message.Payload);
    }

    /// <inheritdoc/>
    protected override async ValueTask SendControlAsync()
    {
        // Of several pings the newest is answered: RFC 6455, section 5.5.3.
        if (Interlocked.Exchange(ref _pong, null) is { } payload)
        {
            await WriteAsync(ServerFrame.Pong(payload));
        }

        if (_pingIsDue)
        {
            _pingIsDue = false;
            await WriteAsync(ServerFrame.Ping);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask SendCloseAsync()
    {
        await WriteAsync(_answersWithoutCode
            ? ServerFrame.CloseWithoutCode()
            : ServerFrame.Close((int)CloseStatus!.Value, CloseReason));
        if (_isOver)
        {
            Outlet.End(); // Nothing of the other side is understood any more, so its own close will not be, either.
        }
    }

    /// <summary>
    /// Reads until the other side closes or is gone. After a close of ours it goes on reading and throws away what
    /// comes: a socket that is shut with unread bytes in it resets the connection, and the reason would not arrive.
    /// </summary>
    protected override async Task ListenAsync()
    {
        try
        {
            while (await ReadAsync())
            {
            }

            Close(WebSocketCloseStatus.NormalClosure, "");
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            Close(WebSocketCloseStatus.ProtocolError, "");
            Abort();
        }
        finally
        {
            _frames.Drop();
        }
    }

    /// <summary>Waits for bytes and takes them.</summary>
    /// <returns>False when the other side has said its last.</returns>
    private async ValueTask<bool> ReadAsync()
    {
        // An empty read waits and holds no buffer meanwhile.
        var none = await connection.ReadAsync(Memory<byte>.Empty);
        Debug.Assert(none == 0);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var count = await connection.ReadAsync(buffer);
            return count > 0 && Take(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        Volatile.Write(ref _heardAt, Context.Time.GetTimestamp());
        Volatile.Write(ref _pingSince, NoPing);
        if (CloseStatus is null && !_budget.TryTakeBytes(bytes.Length))
        {
            Refuse(
                WebSocketCloseStatus.PolicyViolation,
                $"more than {Context.Options.MaxBytesPerSecond} bytes a second");
        }

        var goesOn = true;
        while (_frames.TryRead(ref bytes, out var happened))
        {
            goesOn &= Take(happened);
        }

        _frames.Release();
        return goesOn;
    }

    private bool Take(ClientEvent happened)
    {
        switch (happened.Kind)
        {
            case ClientEventKind.Close:
                _answersWithoutCode = happened.Code == 0 && CloseStatus is null;
                Close(happened.Code == 0 ? WebSocketCloseStatus.NormalClosure
                    : (WebSocketCloseStatus)happened.Code, "");
                return false;
            case ClientEventKind.Violation:
                _isOver = true;
                Refuse((WebSocketCloseStatus)happened.Code, happened.Reason);
                break;
            case ClientEventKind.Ping when CloseStatus is null:
                Volatile.Write(ref _pong, happened.Payload.ToArray());
                Nudge();
                break;
            case ClientEventKind.Text when CloseStatus is null:
                Take(happened.Payload);
                break;
            default:
                break;
        }

        return true;
    }

    private void Take(ReadOnlyMemory<byte> text)
    {
        if (!_budget.TryTakeMessage())
        {
            Refuse(
                WebSocketCloseStatus.PolicyViolation,
                $"more than {Context.Options.MaxMessagesPerSecond} messages in a second");
            return;
        }

        var message = ClientMessage.Parse(text);
        switch (message.Kind)
        {
            case ClientMessageKind.Subscribe when message.Topics.NeedsProcesses()
                && !Authority.May(Who, Need.Processes):
                Refuse(
                    WebSocketCloseStatus.PolicyViolation,
                    $"processes and cgroups: {Authority.Remedy(Who, Need.Processes)}");
                break;
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
        if (CloseStatus is not null)
        {
            return; // It is told one thing.
        }

        Context.Counters.ProtocolClose();
        Log.ViewerRefused(Context.Log, Id, Context.HostId, (int)status, reason);
        Close(status, reason);
    }
}
