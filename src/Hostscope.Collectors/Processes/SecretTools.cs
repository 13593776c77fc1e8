using System.Collections.Frozen;

namespace Hostscope.Collectors.Processes;

/// <summary>What the next argument, or the rest of this one, is.</summary>
internal enum Expect
{
    /// <summary>Nothing known.</summary>
    Nothing,

    /// <summary>A secret as a whole.</summary>
    Secret,

    /// <summary><c>user:password</c>.</summary>
    Login,

    /// <summary><c>user%password</c>.</summary>
    LoginPercent,

    /// <summary><c>user,password</c>.</summary>
    LoginComma,

    /// <summary><c>Name: value</c> of HTTP.</summary>
    Header,

    /// <summary><c>name=value</c> of a cookie, or a file of them.</summary>
    Cookie,

    /// <summary>Commands of a shell.</summary>
    Script,

    /// <summary><c>user/password@database</c>.</summary>
    LoginSlash,
}

/// <summary>Where the value of an option stands.</summary>
[Flags]
internal enum ValuePlace
{
    /// <summary>In the next argument.</summary>
    Next = 1,

    /// <summary>In the same argument, directly behind the option.</summary>
    Glued = 2,

    /// <summary>In either.</summary>
    Either = Next | Glued,
}

/// <summary>An option of a program whose value is, or contains, a secret, though its name does not say so.</summary>
/// <param name="Name">The option, with its hyphens.</param>
/// <param name="Place">Where its value stands. A long option has it behind an equals sign when it is glued.</param>
/// <param name="Value">What it is.</param>
internal sealed record ToolOption(string Name, ValuePlace Place, Expect Value);

/// <summary>A program with such options.</summary>
/// <param name="Options">Its options.</param>
/// <param name="Flags">
/// Letters without a value that may stand before one of the options: <c>-sSu a:b</c> of curl.
/// </param>
/// <param name="AfterLogin">True when the options count only behind the word <c>login</c>.</param>
/// <param name="Word">What its arguments are that are no options.</param>
/// <param name="NamesAreHashes">True when it calls things by long hexadecimal names, which are not secret.</param>
internal sealed record Tool(
    ToolOption[] Options,
    string Flags = "",
    bool AfterLogin = false,
    Expect Word = Expect.Nothing,
    bool NamesAreHashes = false)
{
    /// <summary>Finds the option that an argument is.</summary>
    /// <param name="argument">An argument that begins with a hyphen.</param>
    /// <param name="valueAt">Where the value begins; the end of the argument when it is the next one.</param>
    /// <param name="value">What the value is.</param>
    public bool TryOption(ReadOnlySpan<byte> argument, out int valueAt, out Expect value)
    {
        foreach (var option in Options)
        {
            if (TryOption(option, argument, out valueAt))
            {
                value = option.Value;
                return true;
            }
        }

        valueAt = 0;
        value = Expect.Nothing;
        return false;
    }

    private bool TryOption(ToolOption option, ReadOnlySpan<byte> argument, out int valueAt)
    {
        valueAt = argument.Length;
        var name = option.Name.AsSpan();
        var skipped = 0;
        if (name.Length == 2)
        {
            while (skipped + 1 < argument.Length && Flags.Contains((char)argument[skipped + 1]))
            {
                skipped++;
            }
        }

        // The flags stand between the hyphen and the letter of the option.
        var rest = argument[skipped..];
        if (rest.Length < name.Length || argument[0] != name[0])
        {
            return false;
        }

        for (var i = 1; i < name.Length; i++)
        {
            if (rest[i] != name[i])
            {
                return false;
            }
        }

        if (rest.Length == name.Length)
        {
            return option.Place.HasFlag(ValuePlace.Next);
        }

        var isLong = option.Name.StartsWith("--", StringComparison.Ordinal);
        valueAt = skipped + name.Length + (isLong ? 1 : 0);
        return option.Place.HasFlag(ValuePlace.Glued) && (!isLong || rest[name.Length] == '=');
    }
}

/// <summary>The programs known to take secrets in options whose names do not say so.</summary>
internal static class SecretTools
{
    /// <summary>Longest name of a program that is looked up.</summary>
    private const int MaxName = 32;

    private static readonly Tool MySql = new([new("-p", ValuePlace.Glued, Expect.Secret)]);
    private static readonly Tool GluedOrNext = new([new("-p", ValuePlace.Either, Expect.Secret)]);
    private static readonly Tool CapitalP = new([new("-P", ValuePlace.Either, Expect.Secret)]);
    private static readonly Tool Ldap = new([new("-w", ValuePlace.Either, Expect.Secret)]);
    private static readonly Tool Samba = new([new("-U", ValuePlace.Either, Expect.LoginPercent),
        new("--user", ValuePlace.Either, Expect.LoginPercent)]);

    private static readonly Tool Archive = new([new("-hp", ValuePlace.Glued, Expect.Secret),
        new("-p", ValuePlace.Glued, Expect.Secret)]);

    private static readonly Tool Snmp = new([new("-c", ValuePlace.Either, Expect.Secret),
        new("-A", ValuePlace.Either, Expect.Secret), new("-X", ValuePlace.Either, Expect.Secret)]);

    private static readonly Tool Registry = new([new("-p", ValuePlace.Either, Expect.Secret)], AfterLogin: true,
        NamesAreHashes: true);
    private static readonly Tool Shell = new([new("-c", ValuePlace.Next, Expect.Script)], "abefhiklmnprstuvx");

    private static readonly Tool OpenSsl = new([new("-k", ValuePlace.Next, Expect.Secret),
        new("-K", ValuePlace.Next, Expect.Secret)]);

    private static readonly Tool Curl = new(
        [
            new("-u", ValuePlace.Either, Expect.Login), new("--user", ValuePlace.Either, Expect.Login),
            new("-U", ValuePlace.Either, Expect.Login), new("--proxy-user", ValuePlace.Either, Expect.Login),
            new("-H", ValuePlace.Either, Expect.Header), new("--header", ValuePlace.Either, Expect.Header),
            new("--proxy-header", ValuePlace.Either, Expect.Header),
            new("-b", ValuePlace.Either, Expect.Cookie), new("--cookie", ValuePlace.Either, Expect.Cookie),
            new("-E", ValuePlace.Either, Expect.Login), new("--cert", ValuePlace.Either, Expect.Login),
        ],
        "sSkLfvgiIOjNnla0123456#R");

    private static readonly Tool HttpClient = new(
        [
            new("-H", ValuePlace.Either, Expect.Header), new("--header", ValuePlace.Either, Expect.Header),
            new("-a", ValuePlace.Either, Expect.Login), new("-A", ValuePlace.Either, Expect.Login),
        ]);

    private static readonly FrozenDictionary<string, Tool> Tools = MakeTools();

    private static readonly FrozenDictionary<string, Tool>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Tools.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Stands for every program: options that mean the same wherever they are.</summary>
    public static readonly Tool Any = new([new("--user", ValuePlace.Either, Expect.Login),
        new("--header", ValuePlace.Either, Expect.Header)]);

    /// <summary>The program that a word is the path or name of.</summary>
    public static Tool? Find(ReadOnlySpan<byte> word)
    {
        var name = word[(word.LastIndexOf((byte)'/') + 1)..];
        if (name.IsEmpty || name.Length > MaxName)
        {
            return null;
        }

        Span<char> letters = stackalloc char[MaxName];
        for (var i = 0; i < name.Length; i++)
        {
            letters[i] = (char)name[i];
        }

        return Lookup.TryGetValue(letters[..name.Length], out var tool) ? tool : null;
    }

    /// <summary>
    /// How many words stand between a command and the secret that follows it without an option; -1 for no such command.
    /// </summary>
    /// <param name="command">The word.</param>
    /// <param name="tool">The program it was given to, if known.</param>
    public static int WordsBeforeSecret(ReadOnlySpan<byte> command, Tool? tool) => command switch
    {
        _ when ReferenceEquals(tool, OpenSsl) && command.SequenceEqual("passwd"u8) => 0,

        // htpasswd -b FILE NAME PASSWORD
        _ when command.EndsWith("htpasswd"u8) => 2,

        // rabbitmqctl add_user NAME PASSWORD; wpa_passphrase NETWORK PASSPHRASE
        _ when command.SequenceEqual("add_user"u8) || command.SequenceEqual("change_password"u8)
            || command.SequenceEqual("authenticate_user"u8) || command.EndsWith("wpa_passphrase"u8) => 1,
        _ => -1,
    };

    private static FrozenDictionary<string, Tool> MakeTools()
    {
        var tools = new Dictionary<string, Tool>(StringComparer.Ordinal);
        Add(MySql, "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck", "mysqlslap",
            "mysqlpump", "mysqlbinlog", "mariadb", "mariadb-dump", "mariadb-admin", "mariadb-backup", "mycli",
            "xtrabackup");
        Add(GluedOrNext, "sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport",
            "rdesktop", "hydra", "ncftpput", "ncftpget", "ncftp", "cassandra", "cqlsh", "clickhouse", "rabbitmqadmin");
        Add(CapitalP, "sqlcmd", "bcp", "tsql", "isql", "ipmitool", "zip", "unzip", "mssql-cli",
            "mosquitto_pub", "mosquitto_sub", "mosquitto_rr");
        Add(Ldap, "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldappasswd", "ldapwhoami", "ldapcompare",
            "ldapmodrdn", "ldapexop");
        Add(Samba, "smbclient", "rpcclient", "smbget", "smbcacls", "net", "wmic", "winexe");
        Add(Archive, "7z", "7za", "7zr", "7zz", "rar", "unrar");
        Add(Snmp, "snmpget", "snmpwalk", "snmpset", "snmpbulkwalk", "snmpbulkget", "snmptrap", "snmpstatus");
        Add(Registry, "docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "helm", "az", "oc", "cf");
        Add(Shell, "sh", "bash", "dash", "zsh", "ash", "ksh", "busybox", "su", "runuser", "fish");
        Add(Curl, "curl");
        Add(HttpClient, "wget", "http", "https", "xh", "ab", "wrk", "hey", "siege", "websocat", "grpcurl");
        Add(new Tool([new("-u", ValuePlace.Either, Expect.LoginComma)]), "lftp");
        Add(new Tool([new("-a", ValuePlace.Next, Expect.Secret)]), "redis-cli", "valkey-cli", "keydb-cli");
        Add(OpenSsl, "openssl");
        Add(new Tool([new("/p:", ValuePlace.Glued, Expect.Secret)]), "xfreerdp", "xfreerdp3", "wlfreerdp");
        Add(new Tool([], NamesAreHashes: true), "git", "runc", "crun", "ctr", "crictl", "conmon", "docker-init",
            "containerd-shim-runc-v2", "containerd-shim");
        Add(new Tool([], Word: Expect.LoginSlash), "sqlplus", "sqlldr", "expdp", "impdp", "exp", "imp", "rman");
        return tools.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(Tool tool, params string[] names)
        {
            foreach (var name in names)
            {
                tools.Add(name, tool);
            }
        }
    }
}
