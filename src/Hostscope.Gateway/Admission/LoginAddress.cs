using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Addresses between the page and its login. All are relative, so that a proxy may put the page under any prefix, and
/// none can lead to another site.
/// </summary>
internal static class LoginAddress
{
    private const int MaxLength = 512;

    /// <summary>The login page, as seen from a page, that leads back there: <c>../login?to=h/web-1</c>.</summary>
    public static string For(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var up = string.Concat(Enumerable.Repeat("../", Math.Max(0, path.AsSpan().Count('/') - 1)));
        var to = path[1..] + request.QueryString.Value;
        return to.Length > 0 && IsOurs(to) ? $"{up}login?to={Uri.EscapeDataString(to)}" : $"{up}login";
    }

    /// <summary>
    /// Where to go after the login, as seen from the login page; the page itself when the wish is none of ours.
    /// </summary>
    public static string After(string? to) => to is { Length: > 0 } && IsOurs(to) ? "./" + to : "./";

    /// <summary>
    /// The page's own addresses, <c>h/…</c> and a query, of plain characters: no scheme, no second slash, no way up.
    /// </summary>
    private static bool IsOurs(string to) => to.Length <= MaxLength
        && (to.StartsWith("h/", StringComparison.Ordinal) || to[0] == '?')
        && !to.Contains("//", StringComparison.Ordinal) && !to.Contains("..", StringComparison.Ordinal)
        && to.All(c => char.IsAsciiLetterOrDigit(c) || "/?&=.,:;~_-+%".Contains(c, StringComparison.Ordinal));
}
