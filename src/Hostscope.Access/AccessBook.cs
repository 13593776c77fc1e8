using System.Collections.Frozen;

namespace Hostscope.Access;

/// <summary>
/// The users and tokens in force: those of a file, which is read again when it changes. Safe for all threads.
/// </summary>
public sealed class AccessBook : IDisposable
{
    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _openEnded = new();
    private volatile Content _content;
    private FileStamp _seen;

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is, if anywhere; one that is not there is empty.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="AccessFileException">The file is not as it should be.</exception>
    public AccessBook(string? path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _seen = Look();
        _content = new Content(path is null ? AccessList.Empty : AccessFile.Read(path), null);
        AsksForLogin = _content.List.Users.Count > 0;
    }

    /// <summary>Users and tokens.</summary>
    public AccessList List => _content.List;

    /// <summary>
    /// Whether there are users. Once there were, a login stays necessary until the program is started anew: a file that
    /// was emptied must not open the page.
    /// </summary>
    public bool AsksForLogin { get; private set; }

    /// <summary>Cancelled when a login became necessary where none was before.</summary>
    public CancellationToken OpenEnded => _openEnded.Token;

    /// <summary>The user of a name; <c>null</c> when there is none.</summary>
    public UserEntry? FindUser(string name) => _content.Users.GetValueOrDefault(name);

    /// <summary>
    /// The password hash of a user, or one that nobody has, with as many rounds: whoever measures learns nothing.
    /// </summary>
    public string HashOf(string name) => FindUser(name)?.Password ?? _content.Nobody;

    /// <summary>Whom a token stands for; <c>null</c> when it opens nothing (any more).</summary>
    public Identity? FindToken(string token)
    {
        if (token.Length != TokenEntry.Prefix.Length + Secret.Length
            || !token.StartsWith(TokenEntry.Prefix, StringComparison.Ordinal)
            || !_content.Tokens.TryGetValue(Secret.Hash(token), out var live)
            || !live.Entry.IsValidAt(_time.GetUtcNow()))
        {
            return null;
        }

        return Identity.OfToken(live.Entry.Name, live.Entry.Scopes, live.Ended.Token);
    }

    /// <summary>
    /// Ends tokens that expired, and reads the file again when it changed. A file that is not as it should be changes
    /// nothing, and is an exception each time: what is wrong may be mended without a change of the file, by chmod.
    /// </summary>
    /// <returns>Whether users or tokens are others now.</returns>
    /// <exception cref="AccessFileException">The changed file is not as it should be.</exception>
    public bool Refresh()
    {
        lock (_lock)
        {
            EndExpired();
            var now = Look();
            if (now == _seen || _path is null)
            {
                return false;
            }

            var old = _content;
            _content = new Content(AccessFile.Read(_path), old);
            _seen = now;
            if (!AsksForLogin && _content.List.Users.Count > 0)
            {
                AsksForLogin = true;
                _openEnded.Cancel();
            }

            old.EndOthersThan(_content);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _openEnded.Dispose();

    private void EndExpired()
    {
        var now = _time.GetUtcNow();
        foreach (var live in _content.Tokens.Values)
        {
            if (!live.Entry.IsValidAt(now))
            {
                live.Ended.Cancel();
            }
        }
    }

    private FileStamp Look() => _path is null ? default : FileStamp.Of(_path);

    private sealed record LiveToken(TokenEntry Entry, CancellationTokenSource Ended);

    private sealed class Content
    {
        public Content(AccessList list, Content? before)
        {
            List = list;
            Users = list.Users.ToFrozenDictionary(user => user.Name, StringComparer.Ordinal);
            Tokens = list.Tokens.ToFrozenDictionary(
                token => token.Hash,
                token => before?.Tokens.GetValueOrDefault(token.Hash) is { } old && old.Entry == token
                    ? old
                    : new LiveToken(token, new CancellationTokenSource()),
                StringComparer.Ordinal);
            var rounds = list.Users.Select(user => PasswordHash.RoundsOf(user.Password) ?? 0)
                .DefaultIfEmpty(PasswordHash.Rounds).Max();
            Nobody = PasswordHash.OfNobody(rounds);
        }

        public AccessList List { get; }

        public FrozenDictionary<string, UserEntry> Users { get; }

        public FrozenDictionary<string, LiveToken> Tokens { get; }

        public string Nobody { get; }

        public void EndOthersThan(Content next)
        {
            foreach (var (hash, live) in Tokens)
            {
                if (next.Tokens.GetValueOrDefault(hash) != live)
                {
                    live.Ended.Cancel();
                }
            }
        }
    }
}
