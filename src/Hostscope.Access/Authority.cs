namespace Hostscope.Access;

/// <summary>What comes of a wish.</summary>
public enum Verdict
{
    /// <summary>Granted.</summary>
    Allowed,

    /// <summary>Who asks is unknown; a login or a token may help.</summary>
    Unknown,

    /// <summary>Who asks is known and may not.</summary>
    Forbidden,
}

/// <summary>
/// THE authorisation function. REST, WebSocket, server-sent events, history, export and <c>/metrics</c> all ask here,
/// for whole routes as for single fields; nothing else decides who may see what.
/// </summary>
public static class Authority
{
    /// <summary>Whether somebody may have something.</summary>
    public static Verdict Judge(Identity who, Need need)
    {
        ArgumentNullException.ThrowIfNull(who);
        if (need == Need.Nothing)
        {
            return Verdict.Allowed;
        }

        var allowed = who switch
        {
            { Kind: IdentityKind.Nobody } => (bool?)null,
            { Kind: IdentityKind.Token } => MayToken(who.Scopes, need),
            { Role: { } role } => role >= LeastRole(need),
            _ => false,
        };
        return allowed switch
        {
            null => Verdict.Unknown,
            true => Verdict.Allowed,
            false => Verdict.Forbidden,
        };
    }

    /// <summary>Whether somebody may have something, where only that matters.</summary>
    public static bool May(Identity who, Need need) => Judge(who, need) == Verdict.Allowed;

    /// <summary>What would help somebody who is refused, for people: a role or a scope.</summary>
    public static string Remedy(Identity who, Need need)
    {
        ArgumentNullException.ThrowIfNull(who);
        return who.Kind != IdentityKind.Token
            ? $"needs the role {AccessNames.NameOf(LeastRole(need))}"
            : ScopeOf(need) is var scope && scope != Scopes.None
                ? $"needs a token with the scope {AccessNames.NamesOf(scope)[0]}"
                : "is not for tokens";
    }

    private static Role LeastRole(Need need) => need switch
    {
        Need.SignedIn or Need.Live or Need.Processes or Need.History or Need.Metrics => Role.Viewer,
        Need.ProcessDetails or Need.Marks => Role.Operator,
        _ => Role.Admin, // What this table does not know is not given away.
    };

    private static bool MayToken(Scopes scopes, Need need) =>
        need == Need.SignedIn || (scopes & ScopeOf(need)) != 0;

    private static Scopes ScopeOf(Need need) => need switch
    {
        Need.Live => Scopes.Live,
        Need.Processes or Need.ProcessDetails => Scopes.Processes,
        Need.History => Scopes.History,
        Need.Marks => Scopes.Marks,
        Need.Metrics => Scopes.Metrics,
        _ => Scopes.None,
    };
}
