using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net.WebSockets;
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
internal sealed class StreamViewer(ViewerContext context, HttpContext http, Topics topics)
    : Viewer(context, http, topics)
{
    private readonly PipeWriter _body = http.Response.BodyWriter;
    private readonly CancellationToken _gone = http.RequestAborted;

    /// <inheritdoc/>
    public override async Task RunAsync()
    {
        await using var registration = _gone.Register(
            static viewer => ((StreamViewer)viewer!).Close(WebSocketCloseStatus.NormalClosure, ""), this);
        try
        {
            await SendUpdatesAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Abort();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask SendPieceAsync(MessageHead message, ReadOnlyMemory<byte> piece, bool isLast)
    {
        if (message.IsFirst)
        {
            WriteHead(message);
        }

        _body.Write(piece.Span);
        if (isLast)
        {
            _body.Write("\n\n"u8);
        }

        var flushed = await _body.FlushAsync(CancellationToken.None);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            Close(WebSocketCloseStatus.NormalClosure, "");
        }
    }

    private void WriteHead(MessageHead message)
    {
        switch (message.Kind)
        {
            case MessageKind.Hello:
                _body.Write("event: hello\ndata: "u8);
                break;
            case MessageKind.Schema:
                _body.Write("event: schema\ndata: "u8);
                break;
            case MessageKind.Processes:
                _body.Write("event: processes\ndata: "u8);
                break;
            case MessageKind.Cgroups:
                _body.Write("event: cgroups\ndata: "u8);
                break;
            default:
                _body.Write("event: frame\nid: "u8);
                var number = _body.GetSpan(20);
                Utf8Formatter.TryFormat(message.Sequence, number, out var length);
                _body.Advance(length);
                _body.Write("\ndata: "u8);
                break;
        }
    }
}
