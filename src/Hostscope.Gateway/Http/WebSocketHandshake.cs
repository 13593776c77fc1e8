using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hostscope.Gateway.Http;

/// <summary>
/// The opening handshake of a WebSocket (RFC 6455, section 4.2). No extension is agreed to, compression least of all:
/// its state would cost hundreds of kilobytes for each viewer, and one small message could become a large one.
/// <code>
/// GET /api/v1/hosts/local/live HTTP/1.1
/// Connection: Upgrade
/// Upgrade: websocket
/// Sec-WebSocket-Version: 13
/// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
/// </code>
/// </summary>
internal static class WebSocketHandshake
{
    /// <summary>The only version there is.</summary>
    public const string Version = "13";

    private const int KeyBytes = 16;

    private static ReadOnlySpan<byte> Salt => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Whether the request asks for a WebSocket at all.</summary>
    public static bool IsAsked(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method)
            || http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            return false;
        }

        foreach (var value in http.Request.Headers.Upgrade)
        {
            if (string.Equals(value?.Trim(), "websocket", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is wrong with the request, which <see cref="IsAsked"/>; <c>null</c> when it is good.</summary>
    public static Problem? Check(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (headers.SecWebSocketVersion is not [Version])
        {
            http.Response.Headers.SecWebSocketVersion = Version;
            return Problem.Of(
                StatusCodes.Status426UpgradeRequired, "The header Sec-WebSocket-Version is missing or is not 13.");
        }

        return headers.SecWebSocketKey is [{ } key] && IsKey(key)
            ? null
            : Problem.Of(
                StatusCodes.Status400BadRequest,
                "The header Sec-WebSocket-Key is missing or is not 16 bytes in base64.");
    }

    /// <summary>Answers 101; the connection is a WebSocket from then on.</summary>
    /// <returns>The connection: what the client sends, and, beneath TLS, the way to it.</returns>
    public static Task<Stream> AcceptAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Answer(http.Request.Headers.SecWebSocketKey.ToString());
        return http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    /// <summary>
    /// What proves that the request was understood. SHA-1 is what the RFC prescribes; nothing secret depends on it.
    /// </summary>
    private static string Answer(string key)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. Encoding.ASCII.GetBytes(key), .. Salt], hash);
        return Convert.ToBase64String(hash);
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes + 2];
        return key.Length == 24 && Convert.TryFromBase64String(key, bytes, out var length) && length == KeyBytes;
    }
}
