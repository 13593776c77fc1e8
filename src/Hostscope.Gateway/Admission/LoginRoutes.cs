using System.Globalization;
using System.Net;
using System.Text;
using Hostscope.Access;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Logging in and out in a browser: a form that works without JavaScript, and the same for programs as JSON in
/// <see cref="SessionApi"/>.
/// </summary>
internal sealed class LoginRoutes(
    LoginDesk desk, SessionTable sessions, SessionCookie cookie, LoginPage page, ILogger<LoginRoutes> log)
{
    /// <summary>A name and a password; then 413.</summary>
    public const int BodyBytes = 4 * 1024;

    /// <summary>One answer for all that is wrong: it tells nothing of which.</summary>
    public const string Wrong = "The name or the password is wrong.";

    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/login", Read, (HttpContext http, LoginRoutes login) => login.ShowAsync(http))
            .Needs(Need.Nothing).ExcludeFromDescription();
        routes.MapPost("/login", (HttpContext http, LoginRoutes login) => login.LogInAsync(http))
            .Needs(Need.Nothing).WithMetadata(new BodyLimit(BodyBytes)).ExcludeFromDescription();
        routes.MapPost("/logout", (HttpContext http, LoginRoutes login) => login.LogOutAsync(http))
            .Needs(Need.Nothing).ExcludeFromDescription();
        routes.MapMethods(
                "/login.css", Read, (HttpContext http, LoginPage page) => page.WriteStyleAsync(http))
            .Needs(Need.Nothing).ExcludeFromDescription();
    }

    /// <summary>Tries a login, for the form as for the API, and hands out the cookie.</summary>
    public async Task<LoginResult> TryAsync(HttpContext http, string user, string password)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        var result = await desk.TryAsync(user, password, address, http.RequestAborted);
        if (result.Session is { } session)
        {
            // What the browser held before opens nothing any more: nobody can plant a session into a login.
            if (SessionCookie.Read(http) is { } old && sessions.Find(old) is { } before)
            {
                sessions.End(before);
            }

            cookie.Write(http, result.Secret!);
            Log.LoggedIn(log, session.User, session.Address, session.Id);
        }
        else if (result.RetryAfter > TimeSpan.Zero)
        {
            http.Response.Headers.RetryAfter = Seconds(result.RetryAfter);
            Log.LoginDelayed(log, address.ToString());
        }
        else
        {
            Log.LoginWrong(log, RefusalLog.Clean(user), address.ToString());
        }

        return result;
    }

    /// <summary>Ends the session of a request, if it has one.</summary>
    public void EndSession(HttpContext http)
    {
        if (http.Identity().Session is { } session)
        {
            sessions.End(session);
            Log.LoggedOut(log, session.User, session.Id);
        }

        cookie.Clear(http);
    }

    /// <summary>What to tell whoever tried too often.</summary>
    public static string TooOften(LoginResult result) =>
        $"Too many tries; try again in {Seconds(result.RetryAfter)} s.";

    private static string Seconds(TimeSpan time) =>
        Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private Task ShowAsync(HttpContext http)
    {
        var to = http.Request.Query["to"].ToString();
        var who = http.Identity();
        if (who.Kind is IdentityKind.Open or IdentityKind.Proxy)
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther; // There is nothing to log in to.
            http.Response.Headers.Location = LoginAddress.After(to);
            return http.Response.CompleteAsync();
        }

        return who.Session is { } session
            ? page.WriteSignedInAsync(http, session)
            : page.WriteFormAsync(http, StatusCodes.Status200OK, "", to, null);
    }

    private async Task LogInAsync(HttpContext http)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || type.MediaType != "application/x-www-form-urlencoded")
        {
            await Problem.WriteAsync(
                http, StatusCodes.Status415UnsupportedMediaType, "Send a form: application/x-www-form-urlencoded.");
            return;
        }

        var form = await ReadAsync(http);
        var (user, password, to) = (form("user"), form("password"), form("to"));
        var result = await TryAsync(http, user, password);
        if (result.Session is not null)
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = LoginAddress.After(to);
            return;
        }

        var wait = result.RetryAfter > TimeSpan.Zero;
        await page.WriteFormAsync(
            http,
            wait ? StatusCodes.Status429TooManyRequests : StatusCodes.Status401Unauthorized,
            user, to, wait ? TooOften(result) : Wrong);
    }

    private Task LogOutAsync(HttpContext http)
    {
        EndSession(http);
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = "./login";
        return http.Response.CompleteAsync();
    }

    /// <summary>The fields of a form of at most <see cref="BodyBytes"/>.</summary>
    private static async Task<Func<string, string>> ReadAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(
            Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length));
        return name => fields.TryGetValue(name, out var value) && value.Count == 1 ? value[0] ?? "" : "";
    }
}
