using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hostscope.Gateway.Http;

/// <summary>
/// Where one request ends and the next begins must be beyond doubt, for a proxy before us may read it in another way
/// and take the rest of one client's request for the beginning of another's (request smuggling). A body with its
/// length is read by everybody alike; chunks are not: what ends a chunk's extension, which of two lengths counts, which
/// spelling of "chunked" is one. None of our clients sends chunks, so none is taken (RFC 9112, sections 6.1 and 6.3).
/// </summary>
internal static class Framing
{
    /// <summary>Whether a request's end could be read in two ways.</summary>
    public static bool IsRefused(HttpRequest request) => request.Headers.TransferEncoding.Count > 0;

    /// <summary>Answers it with 400, and closes the connection without reading on.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Connection = "close";

        // What follows is thrown away; 0 keeps Kestrel from waiting for it.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = 0;
        }

        return Problem.WriteAsync(
            context,
            StatusCodes.Status400BadRequest,
            "A body in chunks (Transfer-Encoding) is not taken; send it with its Content-Length.");
    }
}
