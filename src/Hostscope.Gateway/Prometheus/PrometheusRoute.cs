using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Hostscope.Gateway.Prometheus;

/// <summary>The route <c>/metrics</c>.</summary>
internal static class PrometheusRoute
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds the route.</summary>
    public static void MapPrometheus(this IEndpointRouteBuilder routes)
    {
        var exporters = routes.ServiceProvider.GetRequiredService<PrometheusExporters>();
        routes.MapMethods("/metrics", Methods, context => AnswerAsync(context, exporters))
            .Needs(Need.Metrics).ExcludeFromDescription();
    }

    /// <summary>Whether the answer may be compressed by gzip.</summary>
    internal static bool AcceptsGzip(IHeaderDictionary headers)
    {
        if (!StringWithQualityHeaderValue.TryParseList(headers.AcceptEncoding, out var encodings))
        {
            return false;
        }

        return encodings.Any(encoding =>
            encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
    }

    private static async Task AnswerAsync(HttpContext context, PrometheusExporters exporters)
    {
        var response = context.Response;
        var page = await exporters.ScrapeAsync(context.RequestAborted);
        if (page is null)
        {
            response.Headers.RetryAfter = "1";
            await Problem.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable,
                "This machine has not been sampled for ten intervals or longer; "
                + "/healthz and the server's log say more.");
            return;
        }

        try
        {
            var body = page.Text;
            response.ContentType = TextFormat.ContentType;
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            response.Headers.CacheControl = "no-store";
            if (AcceptsGzip(context.Request.Headers))
            {
                body = page.Gzip;
                response.Headers.ContentEncoding = "gzip";
            }

            response.ContentLength = body.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await response.Body.WriteAsync(body, context.RequestAborted);
            }
        }
        finally
        {
            page.Release();
        }
    }
}
