using System.Text;
using System.Text.Encodings.Web;
using Hostscope.Access;
using Hostscope.Gateway.Page;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// The login page: HTML and one style sheet, nothing inline, no script, no word about the host. The font is the page's
/// own file, when the page has one.
/// </summary>
internal sealed class LoginPage
{
    private const string FontEnd = ".woff2";

    private readonly string _frame;
    private readonly byte[] _style;

    public LoginPage(IPageFiles page)
    {
        var font = page.Files.Keys.FirstOrDefault(IsFont);
        _frame = Resource("login.html");
        _style = Encoding.UTF8.GetBytes(font is null
            ? Resource("login.css")
            : $"@font-face {{ font-family: 'Inter Variable'; font-weight: 100 900; font-display: swap; "
                + $"src: url('.{font}') format('woff2'); }}\n{Resource("login.css")}");
    }

    /// <summary>Whether a file of the page is one that the login page shows, before anybody has logged in.</summary>
    public static bool IsFont(string path) => path.EndsWith(FontEnd, StringComparison.Ordinal);

    /// <summary>The style sheet.</summary>
    public async Task WriteStyleAsync(HttpContext http)
    {
        http.Response.ContentType = "text/css; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        await WriteAsync(http, _style);
    }

    /// <summary>The form.</summary>
    /// <param name="http">The request.</param>
    /// <param name="status">200, 401 or 429.</param>
    /// <param name="user">Name to begin with.</param>
    /// <param name="to">Where to go afterwards; see <see cref="LoginAddress"/>.</param>
    /// <param name="problem">What went wrong; <c>null</c> for nothing.</param>
    public Task WriteFormAsync(HttpContext http, int status, string user, string to, string? problem)
    {
        var html = HtmlEncoder.Default;
        var message = problem is null ? "" : $"<p class=\"problem\" role=\"alert\">{html.Encode(problem)}</p>";
        var focus = user.Length > 0 ? ("", " autofocus") : (" autofocus", "");
        return WriteAsync(http, status, $"""
                  {message}
                  <form method="post" action="login">
                    <label>User
                      <input name="user" value="{html.Encode(user)}" autocomplete="username" autocapitalize="none"
                        spellcheck="false" maxlength="{AccessList.MaxNameLength}" required{focus.Item1}>
                    </label>
                    <label>Password
                      <input name="password" type="password" autocomplete="current-password" maxlength="256"
                        required{focus.Item2}>
                    </label>
                    <input type="hidden" name="to" value="{html.Encode(to)}">
                    <button>Log in</button>
                  </form>
            """);
    }

    /// <summary>For somebody who is logged in already.</summary>
    public Task WriteSignedInAsync(HttpContext http, Session session) =>
        WriteAsync(http, StatusCodes.Status200OK, $"""
                  <p>You are logged in as <strong>{HtmlEncoder.Default.Encode(session.User)}</strong>.</p>
                  <a class="button" href="./">Open the page</a>
                  <form method="post" action="logout"><button class="quiet">Log out</button></form>
            """);

    private Task WriteAsync(HttpContext http, int status, string content)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";

        // Under no-referrer a browser sends a form's Origin as null, which the guard refuses.
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        return WriteAsync(
            http, Encoding.UTF8.GetBytes(_frame.Replace("{content}", content, StringComparison.Ordinal)));
    }

    private static Task WriteAsync(HttpContext http, byte[] bytes)
    {
        http.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }

    private static string Resource(string name)
    {
        using var stream = typeof(LoginPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"BUG: the resource {name} is missing.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
