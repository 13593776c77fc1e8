using System.Globalization;
using System.Net;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Hostscope.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Api;

/// <summary>
/// The two ways to watch a host: a WebSocket, and server-sent events. The messages are those of docs/WIRE.md.
/// </summary>
internal sealed class LiveApi(
    LiveHosts hosts, Counters counters, TimeProvider time, IOptions<GatewayOptions> options, ILogger<LiveApi> log)
{
    private const int RetryAfterSeconds = 5;

    private readonly Dictionary<string, RefusalLog> _refusals = new()
    {
        ["maxViewers"] = new(time),
        ["viewersPerAddress"] = new(time),
        ["viewersPerSession"] = new(time),
    };

    private readonly AddressShares _shares = new(options.Value.Access.ViewersPerAddress);

    public static void Map(IEndpointRouteBuilder routes)
    {
        const string Messages =
            "Sends `hello`, then `schema` and `frame` messages, as docs/WIRE.md describes. `topics` is a list of " +
            "`system`, `cores`, `processes` and `cgroups`, separated by commas; without it the first two.";
        routes.MapGet(
                "/api/v1/hosts/{host}/live",
                (string host, string? topics, HttpContext http, LiveApi api) => api.LiveAsync(host, topics, http))
            .Needs(Need.Live).WithName("watchHost").WithTags("live")
            .WithSummary("Watch a host on a WebSocket")
            .WithDescription(Messages + " The viewer may send `subscribe` and `resync`.")
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .Produces<Problem>(StatusCodes.Status400BadRequest, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status426UpgradeRequired, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType);
        routes.MapGet(
                "/api/v1/hosts/{host}/stream",
                (string host, string? topics, HttpContext http, LiveApi api) => api.StreamAsync(host, topics, http))
            .Needs(Need.Live).WithName("streamHost").WithTags("live")
            .WithSummary("Watch a host as server-sent events")
            .WithDescription(Messages)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces<Problem>(StatusCodes.Status400BadRequest, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType);
    }

    private Task LiveAsync(string host, string? topicList, HttpContext http)
    {
        if (WebSocketHandshake.IsAsked(http))
        {
            return WebSocketHandshake.Check(http) is { } problem
                ? problem.WriteAsync(http)
                : WatchAsync(host, topicList, http, "WebSocket", async (context, topics) =>
                {
                    await using var connection = await WebSocketHandshake.AcceptAsync(http);
                    await ServeAsync(new WebSocketViewer(context, http, connection, topics), context);
                });
        }

        http.Response.Headers.Upgrade = "websocket";
        return Problem.WriteAsync(
            http,
            StatusCodes.Status426UpgradeRequired,
            $"This address speaks WebSocket; /api/v1/hosts/{host}/stream sends the same messages over plain HTTP.");
    }

    private Task StreamAsync(string host, string? topicList, HttpContext http) =>
        WatchAsync(host, topicList, http, "SSE", async (context, topics) =>
        {
            http.Response.ContentType = "text/event-stream; charset=utf-8";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would keep events back until 4 kB are together.
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await http.Response.StartAsync();
            await ServeAsync(new StreamViewer(context, http, topics), context);
        });

    /// <summary>Checks what the URL says, counts the viewer in, and serves it.</summary>
    private async Task WatchAsync(
        string host, string? topicList, HttpContext http, string transport, Func<ViewerContext, Topics, Task> serve)
    {
        var topics = TopicNames.Default;
        if (hosts.Find(host) is not { } state)
        {
            await HostsApi.UnknownHost(hosts, host).WriteAsync(http);
        }
        else if (topicList is not null && !TopicNames.TryParseList(topicList, out topics, out var unknown))
        {
            await UnknownTopic(unknown).WriteAsync(http);
        }
        else if (topics.NeedsProcesses() && !http.May(Need.Processes))
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status403Forbidden,
                $"The topic processes or cgroups {Authority.Remedy(http.Identity(), Need.Processes)}.");
        }
        else
        {
            await WatchWithinShareAsync(state, topics, http, transport, serve);
        }
    }

    /// <summary>One address that opens very many connections must not take all places of others.</summary>
    private async Task WatchWithinShareAsync(
        HostState state, Topics topics, HttpContext http, string transport, Func<ViewerContext, Topics, Task> serve)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!_shares.TryTake(address))
        {
            var most = options.Value.Access.ViewersPerAddress;
            await RefuseAsync(http, "Your address", address, most, "viewersPerAddress");
            return;
        }

        try
        {
            await WatchInSessionAsync(state, topics, http, transport, serve);
        }
        finally
        {
            _shares.GiveBack(address);
        }
    }

    /// <summary>One login that opens very many pages must not take all places of others.</summary>
    private async Task WatchInSessionAsync(
        HostState state, Topics topics, HttpContext http, string transport, Func<ViewerContext, Topics, Task> serve)
    {
        var most = options.Value.Access.ViewersPerSession;
        if (http.Identity().Session is not { } session)
        {
            await WatchInPlaceAsync(state, topics, http, transport, serve);
        }
        else if (session.TryConnect(most))
        {
            try
            {
                await WatchInPlaceAsync(state, topics, http, transport, serve);
            }
            finally
            {
                session.Disconnect();
            }
        }
        else
        {
            await RefuseAsync(http, "This login", $"A login of {session.User}", most, "viewersPerSession");
        }
    }

    /// <summary>Last, so that nobody counts as a viewer who is sent away.</summary>
    private async Task WatchInPlaceAsync(
        HostState state, Topics topics, HttpContext http, string transport, Func<ViewerContext, Topics, Task> serve)
    {
        var most = options.Value.MaxViewers;
        if (!counters.TryAddViewer(most))
        {
            await RefuseAsync(http, "This server", "This server", most, "maxViewers");
            return;
        }

        try
        {
            await WatchAsync(state, topics, http, transport, serve);
        }
        finally
        {
            counters.RemoveViewer();
        }
    }

    private async Task WatchAsync(
        HostState state, Topics topics, HttpContext http, string transport, Func<ViewerContext, Topics, Task> serve)
    {
        // A stalled viewer is our matter; Kestrel's own limit would cut it off earlier and without a word.
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var id = state.Info.Id;
        var context = new ViewerContext(
            id, hosts.Follow(id), options.Value, time, counters, log, GatewayVersion.Text);
        var began = time.GetTimestamp();
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        Log.ViewerCame(log, http.Connection.Id, id, address, transport);
        try
        {
            await serve(context, topics);
        }
        finally
        {
            Log.ViewerLeft(log, http.Connection.Id, id, time.GetElapsedTime(began).TotalSeconds);
        }
    }

    private static async Task ServeAsync(Viewer viewer, ViewerContext context)
    {
        if (!context.FanOut.Join(viewer))
        {
            viewer.Close(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, "the server is going down");
        }

        await using var ended = viewer.Who.Ended.Register(
            static viewer => ((Viewer)viewer!).Close(Viewer.LoginEnded, "the login has ended; log in again"), viewer);
        try
        {
            await viewer.ServeAsync();
        }
        finally
        {
            context.FanOut.Leave(viewer);
        }
    }

    private static Problem UnknownTopic(string? unknown) =>
        Problem.Of(
            StatusCodes.Status400BadRequest,
            $"There is no topic '{unknown}'; topics is a list of {TopicNames.Allowed}, separated by commas.") with
        {
            Parameter = "topics",
            Allowed = [.. TopicNames.All.Select(topic => topic.Name)],
        };

    /// <summary>Sends a viewer away, and says so in the log, at most once a minute for each limit.</summary>
    /// <param name="http">The request.</param>
    /// <param name="you">Who has as many as may be, to the viewer.</param>
    /// <param name="who">The same for the log.</param>
    /// <param name="most">How many.</param>
    /// <param name="option">The option that says so.</param>
    private Task RefuseAsync(HttpContext http, string you, object who, int most, string option)
    {
        counters.RefuseViewer();
        if (_refusals[option].Note(out var count))
        {
            Log.TooManyViewers(log, who, most, option, count);
        }

        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(
            http,
            StatusCodes.Status503ServiceUnavailable,
            $"{you} has as many viewers as it may have: {most} (option {option}).");
    }
}
