using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Http;

/// <summary>An error as RFC 9457 (problem details) has it.</summary>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What was wrong, what is allowed, what to do.</param>
internal sealed record Problem(string Title, int Status, string Detail)
{
    /// <summary>The media type of a problem.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Kind of problem: none but the status (RFC 9457, section 4.2.1).</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>Name of the parameter that was wrong; left out when it was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Parameter { get; init; }

    /// <summary>What the parameter may be; left out when that is no list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Allowed { get; init; }

    /// <summary>Makes a problem of a status.</summary>
    public static Problem Of(int status, string detail) => new(ReasonPhrases.GetReasonPhrase(status), status, detail);

    /// <summary>Answers a request with a problem of a status.</summary>
    public static Task WriteAsync(HttpContext context, int status, string detail) =>
        Of(status, detail).WriteAsync(context);

    /// <summary>Answers a request with it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        return context.Response.WriteAsJsonAsync(this, GatewayJson.Readable.Problem, MediaType, context.RequestAborted);
    }

    /// <summary>
    /// Gives a body to an answer that has only a status: routes that do not exist, methods not allowed.
    /// </summary>
    public static Task WriteForStatusAsync(StatusCodeContext status)
    {
        var context = status.HttpContext;
        var code = context.Response.StatusCode;
        return WriteAsync(context, code, code switch
        {
            StatusCodes.Status404NotFound =>
                $"There is nothing at {context.Request.Path}; /openapi/v1.json lists what there is.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Method} is not allowed here; allowed is {context.Response.Headers.Allow}.",
            _ => $"{ReasonPhrases.GetReasonPhrase(code)}.",
        });
    }

    /// <summary>
    /// Turns what a handler throws into an answer: the request's fault as its status, ours as 500 and a log line.
    /// </summary>
    public static async Task CatchAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested
            && e is OperationCanceledException or IOException)
        {
            // The other side is gone; there is nobody to tell.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.RequestFailed(log, e, context.Request.Method, RefusalLog.Clean(context.Request.Path));
            context.Response.Clear();
            await WriteAsync(
                context, StatusCodes.Status500InternalServerError, "The server has a bug; its log says more.");
        }
    }
}

/// <summary>A problem as the answer of a route.</summary>
/// <param name="problem">The problem.</param>
internal sealed class ProblemResult(Problem problem) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
}
