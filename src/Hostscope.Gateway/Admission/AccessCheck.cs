using Hostscope.Access;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hostscope.Gateway.Admission;

/// <summary>Stands between the choice of a route and the route: finds out who asks, and asks the authority.</summary>
internal sealed class AccessCheck(RequestDelegate next, Reception reception)
{
    /// <summary>Lets a request through, or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var who = reception.Receive(context);
        context.Features.Set(who);
        if (context.GetEndpoint() is not RouteEndpoint route)
        {
            return next(context); // No route, or one of the framework's own that answers 405.
        }

        var need = route.Metadata.GetRequiredMetadata<NeedMetadata>().Need;
        return Authority.Judge(who, need) switch
        {
            Verdict.Allowed => next(context),
            Verdict.Unknown => AskForLoginAsync(context, route),
            _ => Problem.WriteAsync(
                context, StatusCodes.Status403Forbidden, $"This {Authority.Remedy(who, need)}."),
        };
    }

    private static Task AskForLoginAsync(HttpContext context, RouteEndpoint route)
    {
        if (route.Metadata.GetMetadata<DocumentMetadata>() is not null)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = LoginAddress.For(context.Request);
            return context.Response.CompleteAsync();
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"hostscope\"";
        return Problem.WriteAsync(
            context,
            StatusCodes.Status401Unauthorized,
            "Log in at /login, or send a token: Authorization: Bearer hs_…");
    }
}
