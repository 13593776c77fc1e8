using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// The cookie that holds a session's secret: out of reach of scripts and other sites, and over TLS bound to this very
/// name by the prefix <c>__Host-</c> (RFC 6265bis, section 4.1.3.2).
/// </summary>
internal sealed class SessionCookie(IOptions<GatewayOptions> options)
{
    /// <summary>Its name over TLS.</summary>
    public const string Secure = "__Host-hostscope";

    /// <summary>Its name over plain HTTP, where browsers keep no secure cookie.</summary>
    public const string Plain = "hostscope-local";

    private readonly AccessOptions _access = options.Value.Access;

    /// <summary>The secret that a request brings; <c>null</c> without one.</summary>
    public static string? Read(HttpContext http) => http.Request.IsHttps
        ? http.Request.Cookies[Secure]
        : http.Request.Cookies[Secure] ?? http.Request.Cookies[Plain];

    /// <summary>Gives it to the browser.</summary>
    public void Write(HttpContext http, string secret) => Set(http, secret, 86_400L * _access.SessionDays);

    /// <summary>Takes it from the browser.</summary>
    public void Clear(HttpContext http) => Set(http, "", 0);

    private void Set(HttpContext http, string value, long seconds)
    {
        var name = IsSecure(http) ? Secure : Plain;
        var secure = IsSecure(http) ? "; Secure" : "";
        http.Response.Headers.SetCookie = string.Create(
            CultureInfo.InvariantCulture,
            $"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly{secure}; SameSite=Strict");
    }

    /// <summary>
    /// Whether the browser speaks TLS, to us or to a proxy before us. The guard has compared Origin with our names.
    /// </summary>
    private bool IsSecure(HttpContext http) => http.Request.IsHttps
        || _access.PublicUrl?.Scheme == Uri.UriSchemeHttps
        || http.Request.Headers.Origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
