using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Past;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Hostscope.Gateway.Api;

/// <summary>The hosts and what is known of each.</summary>
internal static class HostsApi
{
    /// <summary>Most ids that an error lists.</summary>
    private const int MaxNamed = 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/hosts", List)
            .Needs(Need.Live).WithName("listHosts").WithTags("hosts")
            .WithSummary("The hosts that can be watched");
        routes.MapGet("/api/v1/hosts/{host}", Details)
            .Needs(Need.Live).WithName("getHost").WithTags("hosts")
            .WithSummary("Static data of a host, and which sources work on it")
            .WithDescription("`host` is a host id; `local` is the machine that answers.")
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType);
    }

    /// <summary>The problem of a host that is not known, naming those that are.</summary>
    public static Problem UnknownHost(LiveHosts hosts, string name)
    {
        string[] known = [LiveHosts.LocalAlias, .. hosts.Known.Take(MaxNamed).Select(host => host.Info.Id)];
        return Problem.Of(
            StatusCodes.Status404NotFound,
            $"There is no host '{name}'; known are: {string.Join(", ", known)}.") with
        {
            Parameter = "host",
            Allowed = known,
        };
    }

    private static Ok<HostList> List(LiveHosts hosts) => TypedResults.Ok(new HostList(
        hosts.LocalId,
        [
            .. hosts.Known.Select(host => new HostSummary(
                host.Info.Id,
                host.Info.Name,
                host.Info.OsPrettyName ?? host.Info.OsName,
                host.IntervalMs,
                hosts.PulseOf(host.Info.Id)?.UnixMs)),
        ]));

    private static Results<Ok<HostDetails>, ProblemResult> Details(
        string host, LiveHosts hosts, RecorderWatch recorder) =>
        hosts.Find(host) is { } state
            ? TypedResults.Ok(new HostDetails(
                state.Info,
                state.IntervalMs,
                state.Capabilities,
                hosts.PulseOf(state.Info.Id)?.UnixMs,
                state.Info.Id == hosts.LocalId ? recorder.State : null))
            : new ProblemResult(UnknownHost(hosts, host));
}
