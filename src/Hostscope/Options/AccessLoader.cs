using System.Collections;
using System.Net;
using Hostscope.Access;

namespace Hostscope.Options;

/// <summary>Who may look, as the settings say.</summary>
internal sealed record AccessSettings
{
    /// <summary>Nobody has to log in.</summary>
    public required bool NoAuth { get; init; }

    /// <summary>The file with users and tokens, which need not exist; <c>null</c> when it is out of sight.</summary>
    public required string? UsersFile { get; init; }

    /// <summary>
    /// Whether somebody can show who they are: there is a user, a token or a trusted proxy. A network address needs it.
    /// </summary>
    public required bool KnowsAnybody { get; init; }

    /// <summary>Whether nobody has to log in on loopback, as nobody could; a token for a script changes nothing.
    /// </summary>
    public required bool IsOpenOnLoopback { get; init; }

    /// <summary>The address that people type.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Addresses of trusted proxies.</summary>
    public IReadOnlyList<IPAddress> TrustedProxies { get; init; } = [];

    /// <summary>What a trusted proxy knows.</summary>
    public string? ProxySecret { get; init; }

    /// <summary>What a proxy's users may see; <c>null</c> for the default.</summary>
    public Access.Role? ProxyRole { get; init; }
}

/// <summary>Understands and checks the settings about who may look.</summary>
/// <param name="given">What was given, in all places.</param>
/// <param name="environment">The environment.</param>
internal sealed class AccessLoader(Dictionary<Setting, Given> given, IDictionary environment)
{
    private const string UsersFileName = "users.json";

    /// <summary>Shorter secrets can be guessed over a network.</summary>
    private const int MinSecretLength = 32;

    private const int MaxSecretLength = 256;

    /// <summary>With an end of line, and some; whatever the path leads to is not read to its end.</summary>
    private const int MaxSecretFileLength = 1_024;

    /// <summary>Checks what can be checked without reading a file: those are the server's alone.</summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public void CheckValues()
    {
        UsersFile();
        TrustedProxies();
        PublicUrl();
        ProxyRole();
    }

    /// <summary>Loads.</summary>
    /// <exception cref="StartRefusedException">Something is not allowed.</exception>
    public AccessSettings Load(bool noAuth)
    {
        var usersFile = UsersFile();
        var list = IsOutOfSight(usersFile) ? AccessList.Empty : Read(usersFile);
        var proxies = TrustedProxies();
        var secret = ProxySecret();
        if (secret is null != (proxies.Count == 0))
        {
            var (there, missing) = secret is null
                ? (Settings.TrustedProxies, Settings.ProxySecretFile)
                : (Settings.ProxySecretFile, Settings.TrustedProxies);
            throw new StartRefusedException(
                ExitCode.Configuration, $"{given[there].Where}: needs {missing.Option}, too");
        }

        var asksPeople = list.Users.Count > 0 || secret is not null;
        if (noAuth && asksPeople)
        {
            throw new StartRefusedException(ExitCode.Configuration,
                $"{given[Settings.NoAuth].Where}: nobody would have to log in, but there are " +
                (secret is null ? $"users in {usersFile}" : "trusted proxies") + "; take one of the two away");
        }

        return new AccessSettings
        {
            NoAuth = noAuth,
            UsersFile = IsOutOfSight(usersFile) ? null : usersFile,
            KnowsAnybody = asksPeople || list.Tokens.Count > 0,
            IsOpenOnLoopback = !noAuth && !asksPeople,
            PublicUrl = PublicUrl(),
            TrustedProxies = proxies,
            ProxySecret = secret,
            ProxyRole = ProxyRole(),
        };
    }

    /// <summary>
    /// Where users and tokens are: where it was said; else among what is kept, which is the same for the service and
    /// for root who makes its users.
    /// </summary>
    public string UsersFile()
    {
        if (given.TryGetValue(Settings.Users, out var file))
        {
            return file.FullPath("give the path of a file; it need not exist");
        }

        var directory = given.TryGetValue(Settings.DataDir, out var data)
            ? data.FullPath(RecordingSettings.AllowedDirectory)
            : StateDirectory.Find(environment) ?? StateDirectory.OfService;
        return Path.Combine(directory, UsersFileName);
    }

    /// <summary>
    /// Whether nobody named the file, and the usual place for it is in a directory that is not ours to enter: somebody
    /// else's home, when the program was started as another user. Nobody can have made users there for us.
    /// </summary>
    private bool IsOutOfSight(string path)
    {
        if (given.ContainsKey(Settings.Users) || given.ContainsKey(Settings.DataDir))
        {
            return false;
        }

        try
        {
            File.GetAttributes(path);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static AccessList Read(string path)
    {
        try
        {
            return AccessFile.Read(path);
        }
        catch (AccessFileException problem)
        {
            throw new StartRefusedException(ExitCode.Configuration, problem.Message);
        }
    }

    private List<IPAddress> TrustedProxies()
    {
        var addresses = new List<IPAddress>();
        if (given.TryGetValue(Settings.TrustedProxies, out var values))
        {
            foreach (var value in values.Values)
            {
                addresses.Add(IPAddress.TryParse(value, out var address) && address.ToString() == value
                    ? address
                    : throw values.Refuse(value, "give the IP address of a proxy, such as 127.0.0.1 or ::1"));
            }
        }

        return addresses;
    }

    private string? ProxySecret()
    {
        if (!given.TryGetValue(Settings.ProxySecretFile, out var file))
        {
            return null;
        }

        var path = file.FullPath("give the path of a file");
        try
        {
            // Of the file that is open: by its path it could be another one by now.
            using var open = new FileStream(path, FileMode.Open, FileAccess.Read);
            AccessFile.EnsureOwnersAlone(file.Value, File.GetUnixFileMode(open.SafeFileHandle));
            using var text = new StreamReader(open);
            var characters = new char[MaxSecretFileLength];
            var secret = new string(characters, 0, text.ReadBlock(characters)).Trim();
            return secret.Length is >= MinSecretLength and <= MaxSecretLength
                && secret.All(c => c is > ' ' and < '\x7f')
                ? secret
                : throw new StartRefusedException(ExitCode.Configuration,
                    $"{file.Where}: '{file.Value}' holds no secret; it should be {MinSecretLength} to " +
                    $"{MaxSecretLength} characters without spaces: openssl rand -hex 32 > {file.Value}");
        }
        catch (AccessFileException problem)
        {
            throw new StartRefusedException(ExitCode.Configuration, problem.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(ExitCode.Configuration,
                $"{file.Where}: '{file.Value}' cannot be read: {exception.Message}");
        }
    }

    private Access.Role? ProxyRole()
    {
        if (!given.TryGetValue(Settings.ProxyRole, out var role))
        {
            return null;
        }

        return AccessNames.RoleOf(role.Value) is { } known
            ? known
            : throw role.Refuse(role.Value, $"give one of {AccessNames.AllRoles}");
    }

    private Uri? PublicUrl()
    {
        if (!given.TryGetValue(Settings.PublicUrl, out var url))
        {
            return null;
        }

        return Uri.TryCreate(url.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            && !uri.Host.EndsWith('.')
            ? uri
            : throw url.Refuse(
                url.Value,
                "give scheme, name and, if it is not the usual one, port, such as https://metrics.example.org; " +
                "a path before Hostscope's own is the proxy's matter");
    }
}
