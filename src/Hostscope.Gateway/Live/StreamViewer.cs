using System.Buffers.Text;
using System.Net.WebSockets;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live;

/// <summary>
/// A viewer on server-sent events (WHATWG HTML, section 9.2). The data is the WebSocket's message as it is: JSON holds
/// no line breaks.
/// <code>
/// event: frame
/// id: 42
/// data: {"type":"frame","seq":42,...}
/// </code>
/// </summary>
internal sealed class StreamViewer : Viewer
{
    /// <summary>A line that readers pass over (WHATWG HTML, section 9.2.6), and the end of its event.</summary>
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private static readonly byte[] EndOfEvent = "\n\n"u8.ToArray();

    private readonly BodyOutlet _body;
    private readonly CancellationToken _gone;
    private long _sentAt;
    private volatile bool _commentIsDue;

    /// <summary>A viewer whose answer has begun.</summary>
    /// <param name="context">What it shares with others.</param>
    /// <param name="http">The request.</param>
    /// <param name="topics">What it watches.</param>
    public StreamViewer(ViewerContext context, HttpContext http, Topics topics)
        : this(context, http, new BodyOutlet(http), topics)
    {
    }

    private StreamViewer(ViewerContext context, HttpContext http, BodyOutlet body, Topics topics)
        : base(context, http.Connection.Id, http.Identity(), body, topics)
    {
        _body = body;
        _gone = http.RequestAborted;
        _sentAt = context.Time.GetTimestamp();
    }

    /// <summary>Also sends a comment where there was nothing for long: proxies give up silent answers.</summary>
    public override void LookAfter(long now)
    {
        base.LookAfter(now);
        if (IsOver(ref _sentAt, now, TimeSpan.FromSeconds(Context.Options.PingIntervalSeconds)))
        {
            _commentIsDue = true;
            Nudge();
        }
    }

    /// <inheritdoc/>
    protected override async Task ListenAsync()
    {
        await using var registration = _gone.Register(
            static viewer => ((StreamViewer)viewer!).Close(WebSocketCloseStatus.NormalClosure, ""), this);
        await Ended;
    }

    /// <inheritdoc/>
    protected override async ValueTask SendAsync(
        MessageKind kind, long sequence, ReadOnlyMemory<byte> start, Message message)
    {
        AddHead(kind, sequence);
        Add(start.Span);
        var payload = message.Payload;
        if (payload.Length <= PieceBytes)
        {
            Add(payload.Span);
        }
        else
        {
            await WriteAsync(payload);
        }

        await WriteAsync(EndOfEvent);
        Volatile.Write(ref _sentAt, Context.Time.GetTimestamp());
    }

    /// <inheritdoc/>
    protected override async ValueTask SendControlAsync()
    {
        if (_commentIsDue)
        {
            _commentIsDue = false;
            await WriteAsync(Comment);
            Volatile.Write(ref _sentAt, Context.Time.GetTimestamp());
        }
    }

    /// <inheritdoc/>
    protected override ValueTask SendCloseAsync() => default; // The end of the answer says it.

    /// <summary>Adds to what the next write sends.</summary>
    private void Add(ReadOnlySpan<byte> bytes)
    {
        _body.Add(bytes);
        Context.Counters.Sent(bytes.Length);
    }

    private void AddHead(MessageKind kind, long sequence)
    {
        switch (kind)
        {
            case MessageKind.Hello:
                Add("event: hello\ndata: "u8);
                break;
            case MessageKind.Schema:
                Add("event: schema\ndata: "u8);
                break;
            case MessageKind.Recorder:
                Add("event: recorder\ndata: "u8);
                break;
            case MessageKind.Processes:
                Add("event: processes\ndata: "u8);
                break;
            case MessageKind.Cgroups:
                Add("event: cgroups\ndata: "u8);
                break;
            default:
                Span<byte> number = stackalloc byte[20];
                Utf8Formatter.TryFormat(sequence, number, out var length);
                Add("event: frame\nid: "u8);
                Add(number[..length]);
                Add("\ndata: "u8);
                break;
        }
    }
}
