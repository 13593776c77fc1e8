using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Api;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Past;

/// <summary>Takes people's notes into the history of this machine.</summary>
internal sealed class MarksApi(
    LiveHosts hosts, IHistories histories, IMarks marks, RecorderWatch recorder, TimeProvider time)
{
    /// <summary>Keeps a mark at the present time.</summary>
    public async Task MarkAsync(string host, HttpContext http)
    {
        if (hosts.Find(host) is not { } state)
        {
            await HostsApi.UnknownHost(hosts, host).WriteAsync(http);
        }
        else if (state.Info.Id != hosts.LocalId || histories.Find(state.Info.Id) is null)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status409Conflict,
                $"This server does not record '{state.Info.Id}', so it keeps no marks of it.");
        }
        else if (recorder.State is { State: "refused" or "ended" } now)
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status409Conflict, $"Nothing is recorded now: {now.Reason}");
        }
        else if (!http.Request.HasJsonContentType())
        {
            // A form of another site cannot send this type, whatever a browser thinks of its origin.
            await Problem.WriteAsync(
                http,
                StatusCodes.Status415UnsupportedMediaType,
                "Send JSON, such as {\"text\":\"deploy 42\"}, with the header Content-Type: application/json.");
        }
        else
        {
            await TakeAsync(http);
        }
    }

    private async Task TakeAsync(HttpContext http)
    {
        MarkRequest? request = null;
        try
        {
            request = await JsonSerializer.DeserializeAsync(
                http.Request.Body, GatewayJson.Default.MarkRequest, http.RequestAborted);
        }
        catch (JsonException)
        {
            // The answer is the same as to an object without a text.
        }

        if (request?.Text is not { } text)
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status400BadRequest, "Send an object with a text, such as {\"text\":\"deploy 42\"}.");
            return;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (marks.Mark(text, http.Identity().Name) is { } problem)
        {
            await (Problem.Of(StatusCodes.Status400BadRequest, problem.Message) with
            {
                Parameter = problem.Parameter,
            }).WriteAsync(http);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await http.Response.WriteAsJsonAsync(
            new MarkAnswer(now, text.Trim()), GatewayJson.Default.MarkAnswer, cancellationToken: http.RequestAborted);
    }
}
