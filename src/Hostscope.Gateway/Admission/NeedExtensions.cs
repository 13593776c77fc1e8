using Hostscope.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Admission;

/// <summary>What a route asks of its callers, as endpoint metadata.</summary>
/// <param name="Need">What it asks.</param>
internal sealed record NeedMetadata(Need Need);

/// <summary>Says what a route needs, and asks whether a request has it.</summary>
internal static class NeedExtensions
{
    /// <summary>
    /// States what the route asks of its callers. Every route has to: one without it stops the start of the program.
    /// </summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, Need need)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new NeedMetadata(need));

    /// <summary>
    /// States that the route is the page, which a person opens in a browser: without a login it leads to the login.
    /// </summary>
    public static void IsDocument(this IEndpointConventionBuilder route) =>
        route.Needs(Need.SignedIn).WithMetadata(new DocumentMetadata());

    /// <summary>Who asks; nobody where the request has not been looked at yet.</summary>
    public static Identity Identity(this HttpContext http) =>
        http.Features.Get<Identity>() ?? Hostscope.Access.Identity.Nobody;

    /// <summary>Whether who asks may also have something that the route does not need: a field, a topic.</summary>
    public static bool May(this HttpContext http, Need need) => Authority.May(http.Identity(), need);
}
