using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hostscope.Access;

/// <summary>A users file cannot be read or written; the message is for people and names the file.</summary>
/// <param name="message">One line.</param>
public sealed class AccessFileException(string message) : Exception(message);

/// <summary>
/// Reads and writes users files: JSON, for their owner alone. Written as a whole to a new file that takes the place of
/// the old one, so that a reader never sees half of it.
/// </summary>
/// <example>
/// <code>
/// {
///   "version": 1,
///   "users": [{ "name": "anna", "role": "operator", "password": "pbkdf2-sha256$600000$JQ9c…==$eJ4Q…=" }],
///   "tokens": [{ "name": "prometheus", "hash": "9f86d081…", "scopes": ["metrics"],
///     "created": "2026-01-31T12:00:00+00:00", "expires": "2027-01-31T12:00:00+00:00" }]
/// }
/// </code>
/// </example>
public static class AccessFile
{
    /// <summary>Far more than the most entries need; more is no users file.</summary>
    private const int MaxBytes = 1 << 20;

    private const int Version = 1;

    /// <summary>Characters of a file that a message repeats: the serializer's own sentences are shorter.</summary>
    private const int MaxShown = 200;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a file; one that is not there is empty.</summary>
    /// <exception cref="AccessFileException">It cannot be read, others may read it, or it is not well formed.
    /// </exception>
    public static AccessList Read(string path)
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if (!OperatingSystem.IsWindows())
            {
                EnsureOwnersAlone(path, File.GetUnixFileMode(file.SafeFileHandle));
            }

            bytes = new byte[MaxBytes + 1];
            bytes = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return AccessList.Empty;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AccessFileException($"{path}: cannot be read: {exception.Message}");
        }

        return bytes.Length <= MaxBytes
            ? Parse(path, bytes)
            : throw new AccessFileException($"{path}: is longer than {MaxBytes} bytes; that is not a users file");
    }

    /// <summary>Understands the content of a file; the path is for messages.</summary>
    /// <exception cref="AccessFileException">It is not well formed.</exception>
    public static AccessList Parse(string path, ReadOnlySpan<byte> utf8)
    {
        AccessDocument document;
        try
        {
            document = JsonSerializer.Deserialize(utf8, AccessJson.Default.AccessDocument)
                ?? throw new AccessFileException($"{path}: an object is expected");
        }
        catch (JsonException exception)
        {
            throw new AccessFileException(
                $"{path}: line {(exception.LineNumber ?? 0) + 1}: "
                + Shown(exception.Message.Split(" Path:", 2)[0].TrimEnd('.', ' ')));
        }

        if (document.Version != Version)
        {
            throw new AccessFileException(
                $"{path}: version {document.Version} is not known; this program writes version {Version}");
        }

        return new AccessList
        {
            Users = Checked(path, "user", document.Users ?? [], User, user => user.Name),
            Tokens = WithHashesOfTheirOwn(
                path, Checked(path, "token", document.Tokens ?? [], Token, token => token.Name)),
        };
    }

    /// <summary>
    /// Reads, changes and writes a file, while no other program does. The directory is made when it is not there. A
    /// file made by root in somebody else's directory becomes theirs: the service must be able to read it.
    /// </summary>
    /// <exception cref="AccessFileException">As <see cref="Read"/>; or it cannot be written.</exception>
    public static void Change(string path, Func<AccessList, AccessList> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var fresh = path + ".new";
        try
        {
            CreateDirectory(directory);
            using var turn = Turn.Take(directory);
            var list = change(Read(path));
            File.Delete(fresh);
            using (var file = new FileStream(fresh, Private()))
            {
                Owner.CopyTo(file.SafeFileHandle, File.Exists(path) ? path : directory);
                JsonSerializer.Serialize(file, Document(list), AccessJson.Default.AccessDocument);
                file.Write("\n"u8);
                file.Flush(flushToDisk: true);
            }

            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AccessFileException($"{path}: cannot be written: {exception.Message}");
        }
    }

    /// <summary>Refuses a file with secrets that others than its owner may read or write.</summary>
    /// <exception cref="AccessFileException">They may.</exception>
    public static void EnsureOwnersAlone(string path, UnixFileMode mode)
    {
        if ((mode & Others) != 0)
        {
            throw new AccessFileException(
                $"{path}: others may read or write it (mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}); " +
                $"it holds secrets: chmod 600 {path}");
        }
    }

    private static void CreateDirectory(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A new file, for its owner alone from its first moment; no link of that name is followed.</summary>
    private static FileStreamOptions Private()
    {
        var file = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = OwnerOnly;
        }

        return file;
    }

    /// <summary>One token under two names: whichever was removed, it would still open what the other may.</summary>
    private static List<TokenEntry> WithHashesOfTheirOwn(string path, List<TokenEntry> tokens)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var token in tokens)
        {
            if (!names.TryAdd(token.Hash, token.Name))
            {
                throw new AccessFileException(
                    $"{path}: token '{token.Name}' has the hash of token '{names[token.Hash]}'; remove one of the two");
            }
        }

        return tokens;
    }

    private static List<TEntry> Checked<TRow, TEntry>(
        string path, string what, List<TRow?> rows, Func<string, TRow, TEntry> read, Func<TEntry, string> name)
        where TRow : class
    {
        if (rows.Count > AccessList.MaxEntries)
        {
            throw new AccessFileException($"{path}: more than {AccessList.MaxEntries} {what}s");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<TEntry>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var where = $"{path}: {what} {i + 1}";
            var row = rows[i] ?? throw new AccessFileException($"{where}: an object is expected, not null");
            var entry = read(where, row);
            entries.Add(names.Add(name(entry))
                ? entry
                : throw new AccessFileException($"{path}: {what} '{name(entry)}' is there twice"));
        }

        return entries;
    }

    private static UserEntry User(string where, UserRow row) => new(
        Name(where, row.Name),
        AccessNames.RoleOf(row.Role) ?? throw new AccessFileException(
            $"{where}: '{Shown(row.Role)}' is no role; give one of {AccessNames.AllRoles}"),
        PasswordHash.RoundsOf(row.Password) is null
            ? throw new AccessFileException(
                $"{where}: its password is no hash of 'hostscope user passwd'; passwords themselves are not kept here")
            : row.Password);

    private static TokenEntry Token(string where, TokenRow row)
    {
        var scopes = Scopes.None;
        foreach (var name in row.Scopes)
        {
            scopes |= name is not null && AccessNames.ScopeOf(name) is var scope && scope != Scopes.None
                ? scope
                : throw new AccessFileException(
                    $"{where}: '{Shown(name ?? "")}' is no scope; give some of {AccessNames.AllScopes}");
        }

        var isHash = row.Hash.Length == 64 && row.Hash.All(char.IsAsciiHexDigitLower);
        return isHash
            ? new TokenEntry(Name(where, row.Name), row.Hash, scopes, row.Created, row.Expires)
            : throw new AccessFileException($"{where}: its hash is none of 'hostscope token add'");
    }

    private static string Name(string where, string name) => AccessList.IsName(name)
        ? name
        : throw new AccessFileException($"{where}: its name is not allowed; give {AccessList.AllowedName}");

    /// <summary>
    /// What a file says, as it may stand in a message: on one line, without a control character that a terminal would
    /// obey. Root reads files that a service may write.
    /// </summary>
    private static string Shown(string text)
    {
        var shortened = text.Length > MaxShown ? text[..MaxShown] + "…" : text;
        return string.Concat(shortened.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    private static AccessDocument Document(AccessList list) => new()
    {
        Version = Version,
        Users = [.. list.Users.Select(user => new UserRow(user.Name, AccessNames.NameOf(user.Role), user.Password))],
        Tokens =
        [
            .. list.Tokens.Select(token => new TokenRow(
                token.Name, token.Hash, AccessNames.NamesOf(token.Scopes), token.Created, token.Expires)),
        ],
    };
}

/// <summary>A users file as it is written.</summary>
internal sealed record AccessDocument
{
    public required int Version { get; init; }

    /// <summary>JSON can say null where a row is expected; the serializer looks at properties alone.</summary>
    public List<UserRow?>? Users { get; init; }

    /// <summary>As <see cref="Users"/>.</summary>
    public List<TokenRow?>? Tokens { get; init; }
}

/// <summary>A user as written.</summary>
internal sealed record UserRow(string Name, string Role, string Password);

/// <summary>A token as written.</summary>
internal sealed record TokenRow(
    string Name, string Hash, IReadOnlyList<string?> Scopes, DateTimeOffset Created, DateTimeOffset? Expires);

/// <summary>JSON of users files, by code generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(AccessDocument))]
internal sealed partial class AccessJson : JsonSerializerContext;
