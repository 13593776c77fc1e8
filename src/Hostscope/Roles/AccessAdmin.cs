using System.Globalization;
using Hostscope.Access;
using Hostscope.Options;

namespace Hostscope.Roles;

/// <summary>
/// Changes a users file for the commands <c>user</c> and <c>token</c>. A running server reads it again.
/// </summary>
/// <param name="file">The users file.</param>
/// <param name="time">The clock.</param>
/// <param name="output">Takes what was asked for.</param>
/// <param name="error">Takes the prompt.</param>
internal sealed class AccessAdmin(string file, TimeProvider time, TextWriter output, TextWriter error)
{
    private const int MinPasswordLength = 8;
    private const int MaxPasswordLength = 256;
    private const int MaxDays = 3_650;

    /// <summary>Adds a user.</summary>
    public void AddUser(string name, string roleName)
    {
        CheckName(name);
        var role = AccessNames.RoleOf(roleName)
            ?? throw Refuse($"--role: '{roleName}' is not allowed; give one of {AccessNames.AllRoles}");
        if (AccessFile.Read(file).Users.Any(user => user.Name == name))
        {
            throw Refuse(
                $"user '{name}' is there already, in {file}; 'hostscope user passwd {name}' changes the password");
        }

        var hash = PasswordHash.Create(NewPassword(name));
        AccessFile.Change(file, list => list.Users.Any(user => user.Name == name)
            ? throw Refuse($"user '{name}' is there already, in {file}")
            : list with { Users = [.. list.Users, new UserEntry(name, role, hash)] });
        output.WriteLine($"Added user {name}, {roleName}, to {file}");
    }

    /// <summary>Gives a user another password.</summary>
    public void SetPassword(string name)
    {
        EnsureUser(AccessFile.Read(file), name);
        var hash = PasswordHash.Create(NewPassword(name));
        AccessFile.Change(file, list =>
        {
            EnsureUser(list, name);
            return list with
            {
                Users = [.. list.Users.Select(user => user.Name == name ? user with { Password = hash } : user)],
            };
        });
        output.WriteLine($"Changed the password of {name} in {file}; the sessions of before end");
    }

    /// <summary>Removes a user.</summary>
    public void RemoveUser(string name)
    {
        AccessFile.Change(file, list =>
        {
            EnsureUser(list, name);
            return list with { Users = [.. list.Users.Where(user => user.Name != name)] };
        });
        output.WriteLine($"Removed user {name} from {file}");
    }

    /// <summary>Lists users.</summary>
    public void ListUsers()
    {
        var users = AccessFile.Read(file).Users;
        if (users.Count == 0)
        {
            output.WriteLine($"There are no users in {file}");
        }

        foreach (var user in users)
        {
            output.WriteLine($"{user.Name}  {AccessNames.NameOf(user.Role)}");
        }
    }

    /// <summary>Makes a token.</summary>
    public void AddToken(string name, IReadOnlyList<string> scopeNames, string days)
    {
        CheckName(name);
        var scopes = Scopes.None;
        foreach (var scope in scopeNames)
        {
            scopes |= AccessNames.ScopeOf(scope) is var known && known != Scopes.None
                ? known
                : throw Refuse($"--scope: '{scope}' is not allowed; give some of {AccessNames.AllScopes}");
        }

        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var ends = Ends(now, days);
        var token = TokenEntry.Prefix + Secret.Create();
        AccessFile.Change(file, list => list.Tokens.Any(other => other.Name == name)
            ? throw Refuse($"token '{name}' is there already, in {file}; remove it first")
            : list with { Tokens = [.. list.Tokens, new TokenEntry(name, Secret.Hash(token), scopes, now, ends)] });
        output.WriteLine(token);
    }

    /// <summary>Removes a token.</summary>
    public void RemoveToken(string name)
    {
        AccessFile.Change(file, list => list.Tokens.Any(token => token.Name == name)
            ? list with { Tokens = [.. list.Tokens.Where(token => token.Name != name)] }
            : throw Refuse($"there is no token '{name}' in {file}"));
        output.WriteLine($"Removed token {name} from {file}");
    }

    /// <summary>Lists tokens.</summary>
    public void ListTokens()
    {
        var tokens = AccessFile.Read(file).Tokens;
        if (tokens.Count == 0)
        {
            output.WriteLine($"There are no tokens in {file}");
        }

        foreach (var token in tokens)
        {
            var ends = token.Expires is { } expires
                ? (token.IsValidAt(time.GetUtcNow()) ? "until " : "ended ")
                    + expires.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                : "for ever";
            output.WriteLine($"{token.Name}  {string.Join(',', AccessNames.NamesOf(token.Scopes))}  {ends}");
        }
    }

    private static DateTimeOffset? Ends(DateTimeOffset now, string days)
    {
        if (days == "never")
        {
            return null;
        }

        return int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= MaxDays
            ? now.AddDays(count)
            : throw Refuse($"--days: '{days}' is not allowed; give a whole number, 1 to {MaxDays}, or never");
    }

    private string NewPassword(string name)
    {
        var password = PasswordPrompt.Read($"Password for {name}: ", error);
        if (password.Length is < MinPasswordLength or > MaxPasswordLength)
        {
            throw Refuse($"a password of {password.Length} characters is not allowed; give {MinPasswordLength} to " +
                $"{MaxPasswordLength}");
        }

        return !PasswordPrompt.IsTerminal || PasswordPrompt.Read("Again: ", error) == password
            ? password
            : throw Refuse("the two passwords differ; nothing was changed");
    }

    private void EnsureUser(AccessList list, string name)
    {
        if (list.Users.All(user => user.Name != name))
        {
            throw Refuse($"there is no user '{name}' in {file}");
        }
    }

    private static void CheckName(string name)
    {
        if (!AccessList.IsName(name))
        {
            throw Refuse($"the name '{name}' is not allowed; give {AccessList.AllowedName}");
        }
    }

    private static StartRefusedException Refuse(string what) => new(ExitCode.Usage, what);
}
