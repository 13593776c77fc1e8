namespace Hostscope.Options;

/// <summary>How often a setting may be given.</summary>
internal enum SettingShape
{
    /// <summary>One value.</summary>
    Single,

    /// <summary>Any number of values.</summary>
    Many,

    /// <summary>On or off; on the command line the option alone is on.</summary>
    Flag,
}

/// <summary>One setting, which has the same name in all three places where it can be given.</summary>
/// <param name="Key">Name in hostscope.json, in camel case.</param>
/// <param name="Value">What stands for the value in the help.</param>
/// <param name="Help">One sentence for the help, with the default.</param>
internal sealed record Setting(string Key, string Value, string Help)
{
    /// <summary>How often it may be given.</summary>
    public SettingShape Shape { get; init; } = SettingShape.Single;

    /// <summary>False for what a file cannot say: where the file is.</summary>
    public bool InFile { get; init; } = true;

    /// <summary>True for what few people set; the help leaves it to docs/LIMITS.md.</summary>
    public bool IsRare { get; init; }

    /// <summary>Name on the command line: <c>dataDir</c> is <c>--data-dir</c>.</summary>
    public string Option { get; } = "--" + Split(Key, '-');

    /// <summary>Name in the environment: <c>dataDir</c> is <c>HOSTSCOPE_DATA_DIR</c>.</summary>
    public string Variable { get; } = Settings.VariablePrefix + Split(Key, '_').ToUpperInvariant();

    private static string Split(string key, char separator) => string.Concat(
        key.Select(c => char.IsAsciiLetterUpper(c) ? $"{separator}{char.ToLowerInvariant(c)}" : c.ToString()));
}

/// <summary>
/// THE table of settings: command line, environment, file and help read it; none names a setting of its own.
/// </summary>
internal static class Settings
{
    public const string VariablePrefix = "HOSTSCOPE_";

    public static readonly Setting Listen = new("listen", "URL",
        "Address to serve at, http://ADDRESS:PORT or https://…; may be given several times. " +
        "Default: http://127.0.0.1:4678.")
    { Shape = SettingShape.Many };

    public static readonly Setting NoAuth = new("noAuth", "",
        "Serve other addresses than loopback although nobody has to log in.")
    { Shape = SettingShape.Flag };

    public static readonly Setting Users = new("users", "FILE",
        "File with users and tokens, made by 'hostscope user' and 'hostscope token'. Default: users.json in the data " +
        "directory, else in $STATE_DIRECTORY, /var/lib/hostscope for root, ~/.local/state/hostscope.");

    public static readonly Setting PublicUrl = new("publicUrl", "URL",
        "Address that people type when it is another than the ones served at: https://metrics.example.org.");

    public static readonly Setting TlsCert = new("tlsCert", "FILE",
        "Certificate for https://, and those between it and the root, as PEM; read again when it changes.");

    public static readonly Setting TlsKey = new("tlsKey", "FILE",
        "Private key of the certificate as PEM, readable by its owner alone.");

    public static readonly Setting TrustedProxies = new("trustedProxies", "ADDRESS",
        "Address of a reverse proxy that may say who its clients are; may be given several times. Needs the next one.")
    { Shape = SettingShape.Many };

    public static readonly Setting ProxySecretFile = new("proxySecretFile", "FILE",
        "File with the secret that a trusted proxy sends in X-Hostscope-Proxy-Secret.");

    public static readonly Setting ProxyRole = new("proxyRole", "ROLE",
        "What users of a trusted proxy may see who are not in the users file: viewer, operator, admin. " +
        "Default: viewer.");

    public static readonly Setting Interval = new("interval", "TIME",
        "Time between samples, 0.1 to 60 seconds: 0.5, 1s, 500ms. Default: 1s.");

    public static readonly Setting HostId = new("hostId", "ID",
        "Name of this host in addresses. Default: the host name in lower case.");

    public static readonly Setting DataDir = new("dataDir", "DIR",
        "Directory for what is kept; made when it does not exist. Default: $STATE_DIRECTORY, /var/lib/hostscope for " +
        "root, else ~/.local/state/hostscope.");

    public static readonly Setting NoRecord = new("noRecord", "",
        "Keep nothing: no history, no rewinding.")
    { Shape = SettingShape.Flag };

    public static readonly Setting StoreMax = new("storeMax", "SIZE",
        "Most bytes that history may take, 64MiB or more. Default: 2GiB or 5 % of the file system.");

    public static readonly Setting StoreFloor = new("storeFloor", "SIZE",
        "Bytes that history leaves free on the file system. Default: 256MiB or 2 % of it.");

    public static readonly Setting StoreSync = new("storeSync", "TIME",
        "What a power cut may cost, 1 to 60 seconds; 10s spares an SD card. Default: 1s.");

    public static readonly Setting Root = new("root", "DIR",
        "Where the root file system of the host is seen, for a container that mounts it. Default: /.");

    public static readonly Setting ProcRoot = new("procRoot", "DIR",
        "Where the host's /proc is seen. Default: proc below the root.");

    public static readonly Setting SysRoot = new("sysRoot", "DIR",
        "Where the host's /sys is seen. Default: sys below the root.");

    public static readonly Setting AllowedHosts = new("allowedHosts", "NAME",
        "Name by which browsers may reach this server besides localhost and its address; may be given several times.")
    { Shape = SettingShape.Many };

    public static readonly Setting MaxViewers = new("maxViewers", "NUMBER",
        "Most viewers at once, 1 to 100000. Default: 1000.");

    public static readonly Setting MetricsTopN = new("metricsTopN", "NUMBER",
        "Most process names, and most cgroups, that /metrics tells of at once, 1 to 1000. Default: 50.");

    public static readonly Setting ContainerEngine = new("containerEngine", "PATH",
        "Socket of Docker or Podman, such as /run/docker.sock, to ask for the names of containers. Default: none.");

    public static readonly Setting LogConfig = new("logConfig", "FILE",
        "NLog configuration. Default: /etc/hostscope/NLog.config, else NLog.config beside the program, else built in.");

    public static readonly Setting Config = new("config", "FILE",
        "Settings as JSON. Default: /etc/hostscope/hostscope.json, else hostscope.json beside the program, if there.")
    { InFile = false };

    /// <summary>Every setting, in the order of the help.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        Listen, NoAuth, Users, AllowedHosts, PublicUrl, TlsCert, TlsKey, TrustedProxies, ProxySecretFile, ProxyRole,
        MaxViewers, MetricsTopN, Interval, HostId, DataDir, NoRecord, StoreMax, StoreFloor, StoreSync, Root,
        ProcRoot, SysRoot, ContainerEngine, LogConfig, Config, .. LimitSettings.All.Select(limit => limit.Setting),
    ];

    /// <summary>
    /// The name that was probably meant, as an addition to an error message; empty when none is near.
    /// </summary>
    /// <param name="given">What is not a name.</param>
    /// <param name="names">The names there are.</param>
    public static string DidYouMean(string given, IEnumerable<string> names)
    {
        var nearest = names
            .Select(name => (Name: name, Letters: name.Trim('-').Length, Distance: Distance(given, name)))
            .MinBy(candidate => candidate.Distance);

        // A quarter of the letters wrong is a slip of the fingers; more is another word.
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Letters / 4)
            ? $"; did you mean {nearest.Name}?"
            : "";
    }

    /// <summary>
    /// Letters to insert, remove or replace to get from one to the other (Levenshtein), ignoring case.
    /// </summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                var replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
