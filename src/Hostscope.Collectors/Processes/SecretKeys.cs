using System.Buffers;

namespace Hostscope.Collectors.Processes;

/// <summary>What a key says of its value.</summary>
internal enum KeyKind
{
    /// <summary>Nothing secret.</summary>
    Plain,

    /// <summary>A secret, or a path or a small number: keys, credentials.</summary>
    Perhaps,

    /// <summary>Credentials, or the name of a way to authenticate.</summary>
    Login,

    /// <summary>A secret: passwords, tokens.</summary>
    Secret,
}

/// <summary>
/// Tells from its name whether the value of an option, a variable or a parameter is a secret. A name is taken apart
/// into words (<c>--dbPassword</c>, <c>DB_PASSWORD</c> and <c>db.password</c> are the same two), so that
/// <c>--passes</c> and
/// <c>--author</c> are not taken for what they resemble.
/// </summary>
internal static class SecretKeys
{
    /// <summary>Longest name looked at, bytes; of a longer one the end, where the noun is.</summary>
    public const int MaxName = 96;

    /// <summary>Most words looked at; a name of more has its noun among the last.</summary>
    private const int MaxWords = 24;

    /// <summary>A last word that says that the value only points at a secret, or describes it.</summary>
    private static readonly HashSet<string> Descriptions = new(StringComparer.Ordinal)
    {
        "file", "files", "path", "paths", "dir", "directory", "folder", "name", "type", "mode", "method", "methods",
        "policy", "length", "len", "size", "bits", "min", "max", "ttl", "expiry", "expiration", "expires", "timeout",
        "lifetime", "age", "interval", "rotation", "url", "uri", "endpoint", "host", "server", "port", "service",
        "provider", "algorithm", "alg", "algo", "format", "prefix", "suffix", "field", "column", "count", "limit",
        "plugin", "prompt", "stdin", "fd", "env", "var", "backend", "enabled", "disabled", "required", "version",
        "usage", "scheme", "realm", "domain", "issuer", "audience", "scope", "scopes", "class", "module", "command",
        "cmd", "socket", "config", "conf", "ring", "store", "location", "source", "map", "check", "lookup", "log",
        "retries", "attempts", "strength", "hint", "manager", "helper", "agent", "controller", "ca", "cert", "certs",
        "exchange", "alias", "jar", "through", "sock", "separator", "delimiter", "per", "only", "changed", "seconds",
        "days", "minutes",
    };

    /// <summary>A first word that makes a switch of the option: it has no value of its own.</summary>
    private static readonly HashSet<string> Switches = new(StringComparer.Ordinal)
    {
        "no", "disable", "enable", "skip", "without", "ignore", "allow", "require", "requires", "noninteractive",
    };

    /// <summary>A word before "key" that makes it one that opens nothing.</summary>
    private static readonly HashSet<string> OpenKeys = new(StringComparer.Ordinal)
    {
        "public", "pub", "sort", "primary", "partition", "foreign", "hot", "row", "group", "cache", "join", "unique",
        "index", "order", "shard", "routing", "host", "object", "message", "event", "label", "translation", "registry",
        "merge", "distribution", "dedup", "config", "map", "json", "yaml", "metric", "tag", "topic",
    };

    private static readonly SearchValues<byte> Numeric = SearchValues.Create("0123456789,.:-"u8);

    private static readonly HashSet<string> PlainWords = new(StringComparer.Ordinal)
    {
        "bypass", "compass", "encompass", "trespass", "surpass", "overpass", "underpass", "singlepass", "onepass",
        "monkey", "turkey", "donkey", "jockey", "hotkey", "whiskey", "hockey", "pubkey", "publickey", "primarykey",
        "foreignkey", "sortkey", "genkey", "keygen", "partitionkey", "hostkey", "rowkey",
    };

    private static readonly string[] SecretParts =
        ["password", "passwd", "passphrase", "passcode", "passwort", "secret", "pgpass"];

    private static readonly HashSet<string> SecretWords = new(StringComparer.Ordinal)
    {
        "pass", "pwd", "pw", "psk", "token", "bearer", "jwt", "passin", "passout", "pat", "cookie", "passkey",
    };

    /// <summary>What a name says of its value.</summary>
    /// <param name="name">The name, with or without hyphens before it.</param>
    public static KeyKind KindOf(ReadOnlySpan<byte> name)
    {
        name = name.Length > MaxName ? name[^MaxName..] : name;
        Span<char> letters = stackalloc char[MaxName];
        Span<Range> words = stackalloc Range[MaxWords];
        var count = Split(name, letters, words);
        if (count == 0 || IsOneOf(Switches, letters[words[0]]))
        {
            return KeyKind.Plain;
        }

        var last = letters[words[count - 1]];
        if (IsOneOf(Descriptions, last) || last.EndsWith("file") || last.EndsWith("path") || last.EndsWith("dir"))
        {
            return KeyKind.Plain;
        }

        var kind = KeyKind.Plain;
        for (var i = 0; i < count; i++)
        {
            var word = letters[words[i]];
            var before = i == 0 ? default : letters[words[i - 1]];
            var ofWord = KindOfWord(word, before, i == count - 1);
            kind = ofWord > kind ? ofWord : kind;
        }

        // A key id is public, a secret id (Vault, Azure) is half of a login.
        return last is "id" && kind != KeyKind.Secret ? KeyKind.Plain : kind;
    }

    /// <summary>Whether a value tells nothing, though its key is one of a secret.</summary>
    public static bool IsHarmless(KeyKind kind, ReadOnlySpan<byte> value)
    {
        if ((value.Length <= 5 && IsSwitchValue(value)) || IsPath(value, kind == KeyKind.Perhaps))
        {
            return true;
        }

        return kind switch
        {
            KeyKind.Perhaps => value.Length <= 6 && !value.ContainsAnyExcept(Numeric),
            KeyKind.Login => IsWayToLogIn(value),
            _ => false,
        };
    }

    private static KeyKind KindOfWord(ReadOnlySpan<char> word, ReadOnlySpan<char> before, bool isLast)
    {
        if (IsOneOf(PlainWords, word))
        {
            return KeyKind.Plain;
        }

        foreach (var part in SecretParts)
        {
            if (word.Contains(part, StringComparison.Ordinal))
            {
                return KeyKind.Secret;
            }
        }

        if (IsOneOf(SecretWords, word) || word.EndsWith("pass") || word.EndsWith("pwd") || word.EndsWith("token"))
        {
            return KeyKind.Secret;
        }

        if (word.StartsWith("credential") || word is "tokens" or "creds" or "sig" or "signature" or "keys")
        {
            return KeyKind.Perhaps;
        }

        if (word.EndsWith("key"))
        {
            return word is not "key" ? KeyKind.Perhaps
                : !isLast || IsOneOf(OpenKeys, before) ? KeyKind.Plain : KeyKind.Perhaps;
        }

        return word is "auth" or "userauth" or "basicauth" || word.StartsWith("authoriz") || word.StartsWith("authent")
            || word.StartsWith("oauth") ? KeyKind.Login : KeyKind.Plain;
    }

    /// <summary>Takes a name apart at its separators and where its case says that a word begins.</summary>
    private static int Split(ReadOnlySpan<byte> name, Span<char> letters, Span<Range> words)
    {
        var count = 0;
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var isLetter = i < name.Length && IsLetterOrDigit(name[i]);
            if ((!isLetter || (i > start && BeginsWord(name, i))) && i > start)
            {
                if (count == words.Length)
                {
                    words[1..].CopyTo(words);
                    count--;
                }

                words[count++] = start..i;
                start = i;
            }

            if (isLetter)
            {
                letters[i] = char.ToLowerInvariant((char)name[i]);
            }
            else
            {
                start = i + 1;
            }
        }

        return count;
    }

    /// <summary>apiKey, APIKey: a word begins at the K.</summary>
    private static bool BeginsWord(ReadOnlySpan<byte> name, int i) =>
        IsUpper(name[i]) && (!IsUpper(name[i - 1]) || (i + 1 < name.Length && IsLower(name[i + 1])));

    private static bool IsSwitchValue(ReadOnlySpan<byte> value)
    {
        Span<byte> lower = stackalloc byte[8];
        for (var i = 0; i < value.Length; i++)
        {
            lower[i] = (byte)char.ToLowerInvariant((char)value[i]);
        }

        lower = lower[..value.Length];
        return lower.Length <= 1 || lower.SequenceEqual("true"u8) || lower.SequenceEqual("false"u8)
            || lower.SequenceEqual("yes"u8) || lower.SequenceEqual("no"u8) || lower.SequenceEqual("on"u8)
            || lower.SequenceEqual("off"u8) || lower.SequenceEqual("none"u8) || lower.SequenceEqual("null"u8)
            || lower.SequenceEqual("auto"u8);
    }

    private static bool IsPath(ReadOnlySpan<byte> value, bool alsoRelative)
    {
        // No one's password begins like this; what follows is where it is kept.
        if (value.StartsWith("/etc/"u8) || value.StartsWith("/run/"u8) || value.StartsWith("/var/"u8)
            || value.StartsWith("/home/"u8) || value.StartsWith("/root/"u8) || value.StartsWith("/opt/"u8)
            || value.StartsWith("/usr/"u8) || value.StartsWith("/tmp/"u8) || value.StartsWith("/srv/"u8)
            || value.StartsWith("/dev/"u8))
        {
            return true;
        }

        return alsoRelative && (value.StartsWith("/"u8) || value.StartsWith("./"u8) || value.StartsWith("../"u8)
            || value.StartsWith("~/"u8) || value.EndsWith(".pem"u8) || value.EndsWith(".key"u8)
            || value.EndsWith(".crt"u8) || value.EndsWith(".json"u8) || value.EndsWith(".p12"u8)
            || value.EndsWith(".jks"u8) || value.EndsWith(".pub"u8) || value.EndsWith(".gpg"u8)
            || value.EndsWith(".asc"u8) || value.EndsWith(".txt"u8) || value.EndsWith(".yaml"u8)
            || value.EndsWith(".yml"u8));
    }

    private static bool IsWayToLogIn(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("basic"u8) || value.SequenceEqual("digest"u8) || value.SequenceEqual("ldap"u8)
        || value.SequenceEqual("md5"u8) || value.SequenceEqual("trust"u8) || value.SequenceEqual("peer"u8)
        || value.SequenceEqual("pam"u8) || value.SequenceEqual("ntlm"u8) || value.SequenceEqual("x509"u8)
        || value.SequenceEqual("oidc"u8) || value.SequenceEqual("oauth2"u8) || value.SequenceEqual("negotiate"u8)
        || value.SequenceEqual("kerberos"u8) || value.SequenceEqual("gssapi"u8) || value.SequenceEqual("rbac"u8)
        || value.SequenceEqual("RBAC"u8) || value.SequenceEqual("Node,RBAC"u8) || value.SequenceEqual("local"u8)
        || value.SequenceEqual("password"u8) || value.SequenceEqual("publickey"u8)
        || value.SequenceEqual("scram-sha-256"u8);

    private static bool IsOneOf(HashSet<string> set, ReadOnlySpan<char> word) =>
        set.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);

    private static bool IsLetterOrDigit(byte value) => IsUpper(value) || IsLower(value) || IsDigit(value);

    private static bool IsUpper(byte value) => value is >= (byte)'A' and <= (byte)'Z';

    private static bool IsLower(byte value) => value is >= (byte)'a' and <= (byte)'z';

    private static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';
}
