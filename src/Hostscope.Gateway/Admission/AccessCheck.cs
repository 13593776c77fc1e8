using Hostscope.Access;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hostscope.Gateway.Admission;

/// <summary>Stands between the choice of a route and the route: finds out who asks, and asks the authority.</summary>
internal sealed class AccessCheck(RequestDelegate next)
{
    /// <summary>Lets a request through, or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var who = Identity.Open(CancellationToken.None);
        context.Features.Set(who);
        if (context.GetEndpoint() is not RouteEndpoint route)
        {
            return next(context); // No route, or one of the framework's own that answers 405.
        }

        var need = route.Metadata.GetRequiredMetadata<NeedMetadata>().Need;
        return Authority.Judge(who, need) switch
        {
            Verdict.Allowed => next(context),
            Verdict.Unknown => Problem.WriteAsync(
                context, StatusCodes.Status401Unauthorized, "Log in, or send a token."),
            _ => Problem.WriteAsync(
                context, StatusCodes.Status403Forbidden, $"This {Authority.Remedy(who, need)}."),
        };
    }
}
