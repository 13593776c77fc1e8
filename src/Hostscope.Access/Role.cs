namespace Hostscope.Access;

/// <summary>What a person may see; each includes the ones before.</summary>
public enum Role
{
    /// <summary>Everything but arguments and users of processes, and addresses of others.</summary>
    Viewer = 1,

    /// <summary>Arguments (masked) and users of processes, too; leaves notes.</summary>
    Operator,

    /// <summary>Everybody's sessions and the list of tokens, too.</summary>
    Admin,
}

/// <summary>What a token for scripts may do.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>read:live</c>: live messages, hosts, status.</summary>
    Live = 1,

    /// <summary><c>read:history</c>: recorded values, export.</summary>
    History = 2,

    /// <summary>
    /// <c>read:procs</c>: process and cgroup tables with arguments and users, where the others allow.
    /// </summary>
    Processes = 4,

    /// <summary><c>metrics</c>: the page for Prometheus.</summary>
    Metrics = 8,

    /// <summary><c>write:marks</c>: notes among the recorded events.</summary>
    Marks = 16,
}

/// <summary>The names of roles and scopes in files, on the command line and on the wire.</summary>
public static class AccessNames
{
    private static readonly (string Name, Role Role)[] RoleNames =
        [("viewer", Role.Viewer), ("operator", Role.Operator), ("admin", Role.Admin)];

    private static readonly (string Name, Scopes Scope)[] ScopeNames =
    [
        ("read:live", Scopes.Live), ("read:history", Scopes.History), ("read:procs", Scopes.Processes),
        ("metrics", Scopes.Metrics), ("write:marks", Scopes.Marks),
    ];

    /// <summary>The names of all roles, for messages: <c>viewer, operator, admin</c>.</summary>
    public static string AllRoles { get; } = string.Join(", ", RoleNames.Select(role => role.Name));

    /// <summary>The names of all scopes, for messages.</summary>
    public static string AllScopes { get; } = string.Join(", ", ScopeNames.Select(scope => scope.Name));

    /// <summary>The name of a role.</summary>
    public static string NameOf(Role role) => RoleNames.First(known => known.Role == role).Name;

    /// <summary>The role of a name; <c>null</c> when there is none.</summary>
    public static Role? RoleOf(string name) =>
        RoleNames.Where(known => known.Name == name).Select(known => (Role?)known.Role).FirstOrDefault();

    /// <summary>The names of scopes.</summary>
    public static IReadOnlyList<string> NamesOf(Scopes scopes) =>
        [.. ScopeNames.Where(known => (scopes & known.Scope) != 0).Select(known => known.Name)];

    /// <summary>The scope of a name; <see cref="Scopes.None"/> when there is none.</summary>
    public static Scopes ScopeOf(string name) => ScopeNames.FirstOrDefault(known => known.Name == name).Scope;
}
