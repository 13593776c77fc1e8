using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Hostscope.Gateway.Page;

/// <summary>
/// Serves the page: one route for each file, so a name that is not a file is a route that does not exist. The page
/// itself answers at <c>/</c> and at <c>/h/…</c>, which it reads on its own.
/// </summary>
internal static class PageRoutes
{
    private const string Index = "/index.html";

    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void Map(IEndpointRouteBuilder routes, IPageFiles page)
    {
        if (!page.Files.TryGetValue(Index, out var index))
        {
            throw new InvalidOperationException($"BUG: the page has no {Index}.");
        }

        foreach (var file in page.Files.Values)
        {
            MapFile(routes, file.Path.Replace("{", "{{", StringComparison.Ordinal)
                .Replace("}", "}}", StringComparison.Ordinal), file)
                .Needs(LoginPage.IsFont(file.Path) ? Need.Nothing : Need.SignedIn);
        }

        MapFile(routes, "/", index).IsDocument();
        var deep = new DeepIndex(index);
        routes.MapMethods("/h/{**rest}", Methods, context => ServeDeepAsync(context, deep))
            .ExcludeFromDescription().IsDocument();
    }

    private static IEndpointConventionBuilder MapFile(IEndpointRouteBuilder routes, string pattern, PageFile file) =>
        routes.MapMethods(pattern, Methods, context => ServeAsync(context, file)).ExcludeFromDescription();

    private static Task ServeDeepAsync(HttpContext context, DeepIndex deep)
    {
        if (deep.At(context.Request.Path.Value!) is { } index)
        {
            return ServeAsync(context, index);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task ServeAsync(HttpContext context, PageFile file)
    {
        var form = Choose(file, context.Request.Headers.AcceptEncoding);
        var headers = context.Response.Headers;
        headers.ETag = form.ETag;
        headers.CacheControl = file.IsImmutable ? "public, max-age=31536000, immutable" : "no-cache";
        if (file.Forms.Count > 1)
        {
            headers.Vary = HeaderNames.AcceptEncoding;
        }

        if (IsKnown(context.Request.Headers.IfNoneMatch, form.ETag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        headers.ContentType = file.ContentType;
        headers.ContentLength = form.Length;
        if (form.Encoding is not null)
        {
            headers.ContentEncoding = form.Encoding;
        }

        if (HttpMethods.IsGet(context.Request.Method))
        {
            await using var content = form.Open();
            await content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    /// <summary>
    /// The form that the client likes best; among equals the smallest. What it does not list it does not want, but for
    /// the file as it is (RFC 9110, section 12.5.3), which is also the answer when it wants nothing that there is.
    /// </summary>
    private static PageForm Choose(PageFile file, Microsoft.Extensions.Primitives.StringValues accept)
    {
        if (!StringWithQualityHeaderValue.TryParseList(accept, out var wishes))
        {
            return file.Forms[0];
        }

        var best = file.Forms[0];
        var bestQuality = 0.0;
        foreach (var form in file.Forms)
        {
            var quality = Quality(wishes, form.Encoding);
            if (quality > bestQuality || (quality > 0 && quality == bestQuality && form.Length < best.Length))
            {
                best = form;
                bestQuality = quality;
            }
        }

        return best;
    }

    private static double Quality(IList<StringWithQualityHeaderValue> wishes, string? encoding)
    {
        double? any = null;
        foreach (var wish in wishes)
        {
            if (wish.Value.Equals(encoding ?? "identity", StringComparison.OrdinalIgnoreCase))
            {
                return wish.Quality ?? 1;
            }

            if (wish.Value == "*")
            {
                any = wish.Quality ?? 1;
            }
        }

        // As it is, and not named: acceptable, but only when nothing that is named will do.
        return any ?? (encoding is null ? double.Epsilon : 0);
    }

    private static bool IsKnown(Microsoft.Extensions.Primitives.StringValues ifNoneMatch, string tag) =>
        EntityTagHeaderValue.TryParseList(ifNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Tag.Equals(tag, StringComparison.Ordinal));
}
