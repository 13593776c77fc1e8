namespace Hostscope.Access;

/// <summary>How somebody showed who they are.</summary>
public enum IdentityKind
{
    /// <summary>Not at all.</summary>
    Nobody,

    /// <summary>Not at all, and nobody has to: a loopback address without users, or <c>--no-auth</c>.</summary>
    Open,

    /// <summary>With the cookie of a login.</summary>
    Session,

    /// <summary>With a token for scripts.</summary>
    Token,

    /// <summary>By the word of a trusted reverse proxy.</summary>
    Proxy,
}

/// <summary>Who asks.</summary>
public sealed record Identity
{
    /// <summary>Somebody who showed nothing.</summary>
    public static readonly Identity Nobody = new();

    /// <summary>How they showed who they are.</summary>
    public IdentityKind Kind { get; private init; }

    /// <summary>The user, or the token; <c>null</c> for nobody in particular.</summary>
    public string? Name { get; private init; }

    /// <summary>What a person may see; <c>null</c> for tokens and nobody.</summary>
    public Role? Role { get; private init; }

    /// <summary>What a token may do.</summary>
    public Scopes Scopes { get; private init; }

    /// <summary>The session; <c>null</c> for all other kinds.</summary>
    public Session? Session { get; private init; }

    /// <summary>Cancelled when the identity ends: a logout, a removed user or token. Connections close then.</summary>
    public CancellationToken Ended { get; private init; }

    /// <summary>
    /// Somebody, where nobody has to log in: an operator, as everybody there could read <c>/proc</c>.
    /// </summary>
    /// <param name="ended">Cancelled when a login is asked for from now on.</param>
    public static Identity Open(CancellationToken ended) =>
        new() { Kind = IdentityKind.Open, Role = Access.Role.Operator, Ended = ended };

    /// <summary>Somebody with a login.</summary>
    public static Identity Of(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new()
        {
            Kind = IdentityKind.Session,
            Name = session.User,
            Role = session.Role,
            Session = session,
            Ended = session.Ended,
        };
    }

    /// <summary>A script with a token.</summary>
    /// <param name="name">What the token is called.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="ended">Cancelled when the token expires or is removed.</param>
    public static Identity OfToken(string name, Scopes scopes, CancellationToken ended) =>
        new() { Kind = IdentityKind.Token, Name = name, Scopes = scopes, Ended = ended };

    /// <summary>Somebody whom a trusted reverse proxy knows.</summary>
    public static Identity OfProxy(string name, Role role) =>
        new() { Kind = IdentityKind.Proxy, Name = name, Role = role };
}
