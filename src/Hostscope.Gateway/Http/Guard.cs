using System.Net;
using Hostscope.Gateway.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Http;

/// <summary>
/// Stands before everything, the page's files included: gives every answer its security headers, and refuses requests
/// for another name than ours (DNS rebinding) and requests of other sites' pages (cross-site WebSockets and posts).
/// </summary>
internal sealed class Guard
{
    /// <summary>What the page may load and do: its own files, its own server, nothing inline, nothing framed.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
        "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Every feature that a browser would ask the user about, off.</summary>
    public const string PermissionsPolicy =
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), " +
        "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), " +
        "microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), " +
        "screen-wake-lock=(), serial=(), storage-access=(), usb=(), xr-spatial-tracking=()";

    /// <summary>For two years by TLS only (RFC 6797); not for other names of the domain, which are not ours.</summary>
    public const string StrictTransportSecurity = "max-age=63072000";

    private readonly RequestDelegate _next;
    private readonly AllowedNames _names;
    private readonly string? _publicOrigin;
    private readonly bool _isPublicTls;
    private readonly ILogger<Guard> _log;
    private readonly RefusalLog _hostRefusals;
    private readonly RefusalLog _originRefusals;

    public Guard(RequestDelegate next, IOptions<GatewayOptions> options, TimeProvider time, ILogger<Guard> log)
    {
        _next = next;
        _names = new AllowedNames(options.Value.AllowedHosts, options.Value.Access.PublicUrl);
        _publicOrigin = options.Value.Access.PublicUrl?.GetLeftPart(UriPartial.Authority);
        _isPublicTls = options.Value.Access.PublicUrl?.Scheme == Uri.UriSchemeHttps;
        _log = log;
        _hostRefusals = new RefusalLog(time);
        _originRefusals = new RefusalLog(time);
    }

    /// <summary>Lets a request through, or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // When the answer starts, so that nothing that clears an answer on its way can take them off.
        context.Response.OnStarting(SetHeadersAsync, context);
        var request = context.Request;
        if (Framing.IsRefused(request))
        {
            return Framing.RefuseAsync(context);
        }

        if (!TryReadHost(request, out var host)
            || !_names.IsOurs(host, context.Connection.LocalIpAddress, context.Connection.LocalPort))
        {
            if (_hostRefusals.Note(out var count))
            {
                Log.HostRefused(_log, RefusalLog.Clean(request.Headers.Host.ToString()), count);
            }

            // Without a body: whoever asks under a foreign name learns nothing.
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return context.Response.CompleteAsync();
        }

        if (!IsOwnPageOrNoBrowser(context))
        {
            if (_originRefusals.Note(out var count))
            {
                Log.OriginRefused(_log, RefusalLog.Clean(request.Headers.Origin.ToString()), count);
            }

            return Problem.WriteAsync(
                context, StatusCodes.Status403Forbidden, "Requests of other sites' pages are not answered.");
        }

        return _next(context);
    }

    /// <summary>
    /// Whether a request comes from this server's own page, or from a program that is no browser. A browser always
    /// sends Origin with a WebSocket and with what is not GET or HEAD, and never lets a page write it.
    /// </summary>
    private bool IsOwnPageOrNoBrowser(HttpContext context)
    {
        var request = context.Request;
        var origins = request.Headers.Origin;
        if (origins.Count > 1)
        {
            return false;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (IsSensitive(request) && site is not ("" or "same-origin" or "none"))
        {
            return false;
        }

        if (origins.Count == 1)
        {
            // An international name arrives as punycode, so ASCII is all there is to compare. A configured name may
            // stand for a proxy that ends TLS: the page is then https and we are not. When the proxy says that the
            // browser came by https, a page of the same name by http is none of ours; as that only narrows what is let
            // in, it may be anyone who says so.
            if (_names.IsPublic(request.Host))
            {
                return string.Equals(origins[0], _publicOrigin, StringComparison.OrdinalIgnoreCase);
            }

            var isNarrowed = context.Features.Get<SaidToBeTls>() is not null && !request.IsHttps;
            return (!isNarrowed && IsOrigin(origins[0], request.Scheme, request.Host))
                || (_names.IsConfigured(request.Host) && IsOrigin(origins[0], "https", request.Host));
        }

        if (!IsSensitive(request))
        {
            return true;
        }

        // No Origin: no browser's doing, unless a cookie or a fetch header says that it is one.
        return site is "same-origin" || (site is "" or "none" && request.Headers.Cookie.Count == 0);
    }

    /// <summary>Reads who was asked; false for a name that begins as punycode (xn--) and is none.</summary>
    private static bool TryReadHost(HttpRequest request, out HostString host)
    {
        try
        {
            host = request.Host;
            return true;
        }
        catch (ArgumentException)
        {
            host = default;
            return false;
        }
    }

    private static bool IsOrigin(string? origin, string scheme, HostString host) =>
        string.Equals(origin, $"{scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase);

    private static bool IsSensitive(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        || request.Headers.Upgrade.Count > 0
        || request.Path.Value!.EndsWith("/stream", StringComparison.OrdinalIgnoreCase);

    private Task SetHeadersAsync(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        if (!headers.ContainsKey("Referrer-Policy"))
        {
            headers["Referrer-Policy"] = "no-referrer"; // Only the login page says otherwise.
        }

        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Embedder-Policy"] = "require-corp";
        headers["Permissions-Policy"] = PermissionsPolicy;
        if (_isPublicTls)
        {
            headers.StrictTransportSecurity = StrictTransportSecurity;
        }

        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store"; // Only the page's files say otherwise.
        }

        return Task.CompletedTask;
    }
}

/// <summary>The names by which this server may be asked.</summary>
/// <param name="configured">See <see cref="GatewayOptions.AllowedHosts"/>.</param>
/// <param name="publicUrl">The address that people type; its name counts with its very port.</param>
internal sealed class AllowedNames(IEnumerable<string> configured, Uri? publicUrl = null)
{
    private readonly HashSet<string> _configured = new(configured, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it is the name, and port, of the address that people type.</summary>
    public bool IsPublic(HostString host) => publicUrl is not null && host.HasValue
        && host.Host.Equals(publicUrl.Host, StringComparison.OrdinalIgnoreCase)
        && (host.Port ?? (publicUrl.Scheme == Uri.UriSchemeHttps ? 443 : 80)) == publicUrl.Port;

    /// <summary>Whether an operator configured the name, alone or with its port.</summary>
    public bool IsConfigured(HostString host) =>
        host.HasValue && (_configured.Contains(host.Value) || _configured.Contains(host.Host));

    /// <summary>
    /// Whether a Host header names us: <c>localhost</c>, a loopback address or the address that was connected to, each
    /// with our port; or what is configured. An address in figures cannot be pointed elsewhere by a foreign DNS.
    /// </summary>
    public bool IsOurs(HostString host, IPAddress? localAddress, int localPort)
    {
        if (!host.HasValue || host.Host.Length == 0)
        {
            return false;
        }

        if (IsConfigured(host) || IsPublic(host))
        {
            return true;
        }

        // The default port is left out by browsers.
        if ((host.Port ?? 80) != localPort && !(host.Port is null && localPort == 443))
        {
            return false;
        }

        if (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return TryReadLiteral(host.Host, out var literal)
            && (IPAddress.IsLoopback(literal) || (localAddress is not null && literal.Equals(Plain(localAddress))));
    }

    /// <summary>Only the usual notation: 127.1, 0x7f000001 or a zone are not what a browser sends.</summary>
    private static bool TryReadLiteral(string text, out IPAddress address)
    {
        var bare = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;
        return IPAddress.TryParse(bare, out address!)
            && address.ToString().Equals(bare, StringComparison.OrdinalIgnoreCase);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
