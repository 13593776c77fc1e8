using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>
/// An upgraded connection by the web server's own way: under TLS, which encrypts for each viewer.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="stream">The upgraded connection.</param>
internal sealed class StreamOutlet(HttpContext http, Stream stream) : IOutlet
{
    /// <inheritdoc/>
    public int TryWrite(ReadOnlySpan<byte> bytes) => 0; // Only the kernel can say whether a write would wait.

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    /// <inheritdoc/>
    public void End()
    {
        // TLS is ended by the web server, when the request is over.
    }

    /// <inheritdoc/>
    public void Cut() => Connection.Cut(http);
}
