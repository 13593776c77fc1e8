using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>The body of an HTTP answer, for server-sent events; the web server puts its chunks around it.</summary>
/// <param name="http">The request.</param>
internal sealed class BodyOutlet(HttpContext http) : IOutlet
{
    private readonly PipeWriter _body = http.Response.BodyWriter;

    /// <summary>Adds to what the next write sends, so that an event is one packet where it fits in one.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => _body.Write(bytes);

    /// <inheritdoc/>
    public int TryWrite(ReadOnlySpan<byte> bytes) => 0; // Only the kernel can say whether a write would wait.

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _body.Write(bytes.Span);
        var flushed = await _body.FlushAsync();
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new IOException("The connection is gone.");
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        // The web server ends the answer when the request is over.
    }

    /// <inheritdoc/>
    public void Cut() => Connection.Cut(http);
}
