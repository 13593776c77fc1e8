using System.Net;
using Hostscope.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Hostscope.Gateway.Admission;

/// <summary>Finds out who asks, for every kind of request in the same way.</summary>
internal sealed class Reception(AccessBook book, SessionTable sessions, IOptions<GatewayOptions> options)
{
    private const string Bearer = "Bearer ";

    private readonly AccessOptions _access = options.Value.Access;

    /// <summary>Who asks. A token goes before all else: whoever sends one means it.</summary>
    public Identity Receive(HttpContext http)
    {
        if (TryReadToken(http.Request.Headers.Authorization, out var token))
        {
            return token is null ? Identity.Nobody : book.FindToken(token) ?? Identity.Nobody;
        }

        if (http.Features.Get<ProxyWord>() is { User: { } user })
        {
            return Identity.OfProxy(user, book.FindUser(user)?.Role ?? _access.ProxyRole);
        }

        return SessionCookie.Read(http) is { } secret && sessions.Find(secret) is { } session ? Identity.Of(session)
            : _access.NoAuth ? Identity.Open(CancellationToken.None) // Whoever makes users now: so it was asked for.
            : IsOpen(http) ? Identity.Open(book.OpenEnded)
            : Identity.Nobody;
    }

    /// <summary>
    /// Whether nobody has to log in yet: the request comes to a loopback address and there is no way to log in.
    /// </summary>
    private bool IsOpen(HttpContext http) => !book.AsksForLogin && _access.ProxySecret is null
        && http.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(Plain(local));

    /// <summary>
    /// Whether a header brings one of our tokens; other schemes and other services' tokens, which a proxy may pass on,
    /// are not for us.
    /// </summary>
    private static bool TryReadToken(StringValues authorization, out string? token)
    {
        token = null;
        var ours = authorization.Where(value =>
            value!.StartsWith(Bearer + TokenEntry.Prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        if (ours.Count == 0)
        {
            return false;
        }

        token = ours.Count == 1 && authorization.Count == 1 ? ours[0]![Bearer.Length..].Trim() : null;
        return true;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
