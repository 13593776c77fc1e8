using System.ComponentModel.DataAnnotations;
using System.Net;
using Hostscope.Access;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Who may look, and how often passwords may be tried. The limits are told by <c>GET /api/v1/status</c>.
/// </summary>
public sealed record AccessOptions
{
    /// <summary>
    /// The file with users and tokens, read again when it changes; it need not exist. <c>null</c>: there are none.
    /// </summary>
    public string? UsersFile { get; set; }

    /// <summary>Nobody has to log in, on whatever address.</summary>
    public bool NoAuth { get; set; }

    /// <summary>Whether an address is listened on that other machines may reach.</summary>
    public bool IsOnNetwork { get; set; }

    /// <summary>
    /// The address that people type, such as <c>https://metrics.example.org</c>: scheme, name and port. Its name is
    /// allowed, its origin is ours, and <c>https</c> makes cookies secure and sends
    /// Strict-Transport-Security.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>
    /// Addresses of reverse proxies whose word counts, when they also know <see cref="ProxySecret"/>.
    /// </summary>
    public IList<IPAddress> TrustedProxies { get; set; } = [];

    /// <summary>
    /// What a trusted proxy sends in <c>X-Hostscope-Proxy-Secret</c>; <c>null</c>: none is trusted.
    /// </summary>
    public string? ProxySecret { get; set; }

    /// <summary>What a user of a trusted proxy may see who is not in the users file.</summary>
    public Role ProxyRole { get; set; } = Role.Viewer;

    /// <summary>Tries of a password that a source (an IPv4 address, an IPv6 /64) has at once, 1 to 100.</summary>
    [Range(1, 100)]
    public int LoginBurst { get; set; } = 5;

    /// <summary>Seconds until a source has one more try, 1 to 3,600.</summary>
    [Range(1, 3_600)]
    public int LoginRefillSeconds { get; set; } = 10;

    /// <summary>Tries a minute of all sources together that never logged in, 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int LoginsPerMinute { get; set; } = 30;

    /// <summary>Passwords checked at the same time, 1 to 64; each takes 0.2 s of a core.</summary>
    [Range(1, 64)]
    public int PasswordsAtOnce { get; set; } = 2;

    /// <summary>Tries that wait for that, 0 to 1,000; further ones are answered 429.</summary>
    [Range(0, 1_000)]
    public int PasswordQueue { get; set; } = 8;

    /// <summary>Hours after which a session that nobody used ends, 1 to 168.</summary>
    [Range(1, 168)]
    public int SessionIdleHours { get; set; } = 12;

    /// <summary>Days after which every session ends, 1 to 90.</summary>
    [Range(1, 90)]
    public int SessionDays { get; set; } = 7;

    /// <summary>Most sessions of a user, 1 to 1,000; one more ends the one that was idle longest.</summary>
    [Range(1, 1_000)]
    public int SessionsPerUser { get; set; } = 20;

    /// <summary>
    /// Most viewers (WebSocket and SSE) of an address (IPv6: a /64) that is not loopback, 1 to 100,000; beyond it 503
    /// with Retry-After. Room for an office behind one address.
    /// </summary>
    [Range(1, 100_000)]
    public int ViewersPerAddress { get; set; } = 50;

    /// <summary>Most viewers (WebSocket and SSE) of a session, 1 to 10,000; beyond it 503 with Retry-After.</summary>
    [Range(1, 10_000)]
    public int ViewersPerSession { get; set; } = 20;
}
