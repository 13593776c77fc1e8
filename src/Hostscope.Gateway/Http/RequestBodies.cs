using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Hostscope.Gateway.Http;

/// <summary>What a request may carry, judged by its headers before anything is read of it.</summary>
internal static class RequestBodies
{
    /// <summary>Lets a request through, or answers it with 413 or 415.</summary>
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var most = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        if (context.Request.ContentLength > most)
        {
            return RefuseAsync(
                context,
                StatusCodes.Status413PayloadTooLarge,
                $"A request's body has at most {most} bytes.");
        }

        if (context.Request.Headers.ContainsKey(HeaderNames.ContentEncoding))
        {
            // A few bytes could become gigabytes; no request here is large enough to be worth it.
            return RefuseAsync(
                context, StatusCodes.Status415UnsupportedMediaType, "A request's body must not be compressed.");
        }

        return next(context);
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail)
    {
        // Otherwise the server would go on reading the body, to find the next request behind it.
        context.Response.Headers.Connection = "close";
        return Problem.WriteAsync(context, status, detail);
    }
}
