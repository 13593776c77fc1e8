using System.Net;
using System.Security.Cryptography;
using System.Text;
using Hostscope.Access;
using Hostscope.Gateway.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Hostscope.Gateway.Admission;

/// <summary>What a trusted proxy said of a request; there only when one did.</summary>
/// <param name="User">Who logged in at the proxy; <c>null</c> when it does not say.</param>
internal sealed record ProxyWord(string? User);

/// <summary>
/// Somebody before us says that the browser came by TLS. Anybody may say so, as it only narrows what is let in.
/// </summary>
internal sealed record SaidToBeTls;

/// <summary>
/// Stands before everything. What proxies say about clients is believed only of a peer whose address is configured and
/// who knows the shared secret, and is taken out of every request, so that no code behind can believe it by mistake.
/// </summary>
internal sealed class TrustedProxy
{
    /// <summary>Carries the shared secret.</summary>
    public const string SecretHeader = "X-Hostscope-Proxy-Secret";

    /// <summary>Carries the user's name.</summary>
    public const string UserHeader = "Remote-User";

    private static readonly string[] Prefixes = ["X-Forwarded-", "X-Original-", "X-Hostscope-"];

    private static readonly string[] Names =
        ["Forwarded", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP",
            UserHeader, "X-Remote-User", "X-WEBAUTH-USER", "X-Auth-Request-User"];

    private readonly RequestDelegate _next;
    private readonly HashSet<IPAddress> _addresses;
    private readonly byte[]? _secret;
    private readonly ILogger<TrustedProxy> _log;
    private readonly RefusalLog _refusals;

    public TrustedProxy(
        RequestDelegate next, IOptions<GatewayOptions> options, TimeProvider time, ILogger<TrustedProxy> log)
    {
        var access = options.Value.Access;
        _next = next;
        _addresses = [.. access.TrustedProxies.Select(Plain)];
        _secret = access.ProxySecret is { } secret ? Encoding.UTF8.GetBytes(secret) : null;
        _log = log;
        _refusals = new RefusalLog(time);
    }

    /// <summary>Believes, or does not, and passes on.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.TryGetValue(SecretHeader, out var secret))
        {
            if (IsTrusted(context.Connection.RemoteIpAddress, secret))
            {
                Believe(context, headers);
            }
            else if (_refusals.Note(out var count))
            {
                Log.ProxyRefused(_log, context.Connection.RemoteIpAddress?.ToString() ?? "unknown", count);
            }
        }

        if (headers["X-Forwarded-Proto"] == "https")
        {
            context.Features.Set(new SaidToBeTls());
        }

        Strip(headers);
        return _next(context);
    }

    private bool IsTrusted(IPAddress? peer, StringValues secret) =>
        _secret is not null && peer is not null && secret.Count == 1 && _addresses.Contains(Plain(peer))
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(_secret), SHA256.HashData(Encoding.UTF8.GetBytes(secret[0]!)));

    private static void Believe(HttpContext context, IHeaderDictionary headers)
    {
        // One address, set by the proxy, not appended to what its client sent.
        if (headers["X-Forwarded-For"] is { Count: 1 } from && IPAddress.TryParse(from[0], out var client))
        {
            context.Connection.RemoteIpAddress = client;
        }

        if (headers["X-Forwarded-Proto"] is { Count: 1 } scheme && scheme[0] is "https" or "http")
        {
            context.Request.Scheme = scheme[0]!;
        }

        var user = headers[UserHeader] is { Count: 1 } name && AccessList.IsName(name[0]!) ? name[0] : null;
        context.Features.Set(new ProxyWord(user));
    }

    private static void Strip(IHeaderDictionary headers)
    {
        foreach (var name in Names)
        {
            headers.Remove(name);
        }

        foreach (var name in headers.Keys.Where(name => Prefixes.Any(prefix =>
            name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToArray())
        {
            headers.Remove(name);
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
