using Hostscope.Access;

namespace Hostscope.Gateway.Admission;

/// <summary>Who a viewer is to the server: in <c>hello</c>, in the status, in <c>/api/v1/session</c>.</summary>
/// <param name="Method">
/// <c>none</c> (nobody has to log in), <c>session</c>, <c>token</c> or <c>proxy</c>.
/// </param>
/// <param name="User">The user or token; <c>null</c> when nobody has to log in.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>; <c>null</c> for a token.</param>
/// <param name="Scopes">What a token may do; empty for people.</param>
/// <param name="Exposed">Whether nobody has to log in although other machines can reach the server.</param>
internal sealed record AuthInfo(
    string Method, string? User, string? Role, IReadOnlyList<string> Scopes, bool Exposed)
{
    /// <summary>Tells somebody who they are.</summary>
    public static AuthInfo Of(Identity who, AccessOptions access) => new(
        who.Kind switch
        {
            IdentityKind.Session => "session",
            IdentityKind.Token => "token",
            IdentityKind.Proxy => "proxy",
            _ => "none",
        },
        who.Name,
        who.Role is { } role ? AccessNames.NameOf(role) : null,
        AccessNames.NamesOf(who.Scopes),
        who.Kind == IdentityKind.Open && access is { NoAuth: true, IsOnNetwork: true });
}

/// <summary>A name and a password.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password.</param>
internal sealed record LoginRequest(string? User, string? Password);

/// <summary>Sessions.</summary>
/// <param name="Sessions">Newest first.</param>
internal sealed record SessionList(IReadOnlyList<SessionInfo> Sessions);

/// <summary>A session.</summary>
/// <param name="Id">Names it; opens nothing.</param>
/// <param name="User">Who logged in.</param>
/// <param name="Role">What they may see.</param>
/// <param name="Address">From where they logged in.</param>
/// <param name="Began">When, Unix milliseconds.</param>
/// <param name="IdleSeconds">Seconds since it was used; 0 while a page of it is open.</param>
/// <param name="Current">Whether it is the one that asks.</param>
internal sealed record SessionInfo(
    string Id, string User, string Role, string Address, long Began, double IdleSeconds, bool Current);

/// <summary>Tokens.</summary>
/// <param name="Tokens">In the order of the file.</param>
internal sealed record TokenList(IReadOnlyList<TokenInfo> Tokens);

/// <summary>A token; the token itself is nowhere.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made, Unix milliseconds.</param>
/// <param name="Expires">When it ends, Unix milliseconds; <c>null</c> for never.</param>
/// <param name="Valid">Whether it still opens something.</param>
internal sealed record TokenInfo(
    string Name, IReadOnlyList<string> Scopes, long Created, long? Expires, bool Valid);
