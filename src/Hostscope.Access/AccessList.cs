namespace Hostscope.Access;

/// <summary>Who may log in, and which tokens there are: what a users file says.</summary>
public sealed record AccessList
{
    /// <summary>Most users and most tokens in a file.</summary>
    public const int MaxEntries = 1_000;

    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>What a name may be, for messages.</summary>
    public const string AllowedName = "1 to 64 of letters, digits, '.', '-', '_' and '@'";

    /// <summary>A file that says nothing, or is not there.</summary>
    public static readonly AccessList Empty = new();

    /// <summary>Users, in the order of the file; names differ.</summary>
    public IReadOnlyList<UserEntry> Users { get; init; } = [];

    /// <summary>Tokens, in the order of the file; names and hashes differ.</summary>
    public IReadOnlyList<TokenEntry> Tokens { get; init; } = [];

    /// <summary>Whether a text may be the name of a user or token: nothing that a page or a log would take for more.
    /// </summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxNameLength
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@');
}

/// <summary>A user.</summary>
/// <param name="Name">By which they log in; see <see cref="AccessList.IsName"/>.</param>
/// <param name="Role">What they may see.</param>
/// <param name="Password">Its hash, by <see cref="PasswordHash"/>.</param>
public sealed record UserEntry(string Name, Role Role, string Password);

/// <summary>A token for scripts.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Hash">SHA-256 of the token, by <see cref="Secret.Hash"/>.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From when on it opens nothing; <c>null</c> for never.</param>
public sealed record TokenEntry(
    string Name, string Hash, Scopes Scopes, DateTimeOffset Created, DateTimeOffset? Expires)
{
    /// <summary>How every token begins, so that a scanner for lost secrets can know it.</summary>
    public const string Prefix = "hs_";

    /// <summary>Whether it still opens something.</summary>
    public bool IsValidAt(DateTimeOffset now) => Expires is not { } expires || now < expires;
}
