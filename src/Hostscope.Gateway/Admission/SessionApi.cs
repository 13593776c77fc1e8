using Hostscope.Access;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Admission;

/// <summary>Who one is, logging in and out for programs, the list of sessions, and of tokens.</summary>
internal sealed class SessionApi(
    SessionTable sessions,
    AccessBook book,
    TimeProvider time,
    IOptions<GatewayOptions> options,
    ILogger<SessionApi> log)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/session", (HttpContext http, SessionApi api) =>
                TypedResults.Ok(api.Describe(http.Identity())))
            .Needs(Need.SignedIn).WithName("getSession").WithTags("access")
            .WithSummary("Who you are to this server; 401 when you have to log in first");
        routes.MapPost(
                "/api/v1/session",
                (LoginRequest request, HttpContext http, LoginRoutes login, SessionApi api) =>
                    api.LogInAsync(request, http, login))
            .Needs(Need.Nothing).WithName("logIn").WithTags("access")
            .WithSummary("Log in with a name and a password; the answer sets the cookie")
            .WithMetadata(new BodyLimit(LoginRoutes.BodyBytes))
            .Produces<Problem>(StatusCodes.Status401Unauthorized, Problem.MediaType)
            .Produces<Problem>(StatusCodes.Status429TooManyRequests, Problem.MediaType);
        routes.MapDelete("/api/v1/session", (HttpContext http, LoginRoutes login) => LogOut(http, login))
            .Needs(Need.SignedIn).WithName("logOut").WithTags("access")
            .WithSummary("Log out: the session ends and its live connections are closed with 4401");
        routes.MapGet("/api/v1/sessions", (HttpContext http, SessionApi api) => TypedResults.Ok(api.List(http)))
            .Needs(Need.SignedIn).WithName("listSessions").WithTags("access")
            .WithSummary("Your sessions; an administrator sees everybody's");
        routes.MapDelete("/api/v1/sessions/{id}", (string id, HttpContext http, SessionApi api) => api.End(id, http))
            .Needs(Need.SignedIn).WithName("endSession").WithTags("access")
            .WithSummary("End one of your sessions; an administrator may end anybody's")
            .Produces<Problem>(StatusCodes.Status404NotFound, Problem.MediaType);
        routes.MapGet("/api/v1/tokens", (SessionApi api) => TypedResults.Ok(api.Tokens()))
            .Needs(Need.Administration).WithName("listTokens").WithTags("access")
            .WithSummary("The tokens for scripts; made and removed with `hostscope token` on the server");
    }

    private async Task<Results<Ok<AuthInfo>, ProblemResult>> LogInAsync(
        LoginRequest request, HttpContext http, LoginRoutes login)
    {
        var result = await login.TryAsync(http, request.User ?? "", request.Password ?? "");
        return result.Session is { } session
            ? TypedResults.Ok(Describe(Identity.Of(session)))
            : new ProblemResult(result.RetryAfter > TimeSpan.Zero
                ? Problem.Of(StatusCodes.Status429TooManyRequests, LoginRoutes.TooOften(result))
                : Problem.Of(StatusCodes.Status401Unauthorized, LoginRoutes.Wrong));
    }

    private AuthInfo Describe(Identity who) => AuthInfo.Of(who, options.Value.Access);

    private static NoContent LogOut(HttpContext http, LoginRoutes login)
    {
        login.EndSession(http);
        return TypedResults.NoContent();
    }

    private SessionList List(HttpContext http)
    {
        var mine = http.Identity().Session;
        return new SessionList(
        [
            .. sessions.List().Where(session => IsVisible(http, session)).Select(session => new SessionInfo(
                session.Id,
                session.User,
                AccessNames.NameOf(session.Role),
                session.Address,
                session.Began.UnixMs,
                Math.Round(sessions.IdleTimeOf(session).TotalSeconds),
                session == mine)),
        ]);
    }

    private Results<NoContent, ProblemResult> End(string id, HttpContext http)
    {
        var found = sessions.List().FirstOrDefault(session => session.Id == id && IsVisible(http, session));
        if (found is null)
        {
            return new ProblemResult(Problem.Of(
                StatusCodes.Status404NotFound, "There is no such session; /api/v1/sessions lists those there are."));
        }

        sessions.End(found);
        Log.SessionEnded(log, found.User, found.Id, http.Identity().Name ?? "");
        return TypedResults.NoContent();
    }

    /// <summary>One's own, or everybody's for those who may.</summary>
    private static bool IsVisible(HttpContext http, Session session) =>
        http.May(Need.Administration)
        || (http.Identity() is { Kind: IdentityKind.Session or IdentityKind.Proxy } who && who.Name == session.User);

    private TokenList Tokens()
    {
        var now = time.GetUtcNow();
        return new TokenList(
        [
            .. book.List.Tokens.Select(token => new TokenInfo(
                token.Name,
                AccessNames.NamesOf(token.Scopes),
                token.Created.ToUnixTimeMilliseconds(),
                token.Expires?.ToUnixTimeMilliseconds(),
                token.IsValidAt(now))),
        ]);
    }
}
