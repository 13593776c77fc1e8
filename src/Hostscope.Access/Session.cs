namespace Hostscope.Access;

/// <summary>
/// A login that lasts. The secret in the cookie is not here: only its hash is, as the key of the table.
/// </summary>
public sealed class Session
{
    private long _usedAt;
    private int _connections;

    internal Session(string keyHash, string user, Role role, string credential, string address, Moment now)
    {
        KeyHash = keyHash;
        User = user;
        Role = role;
        Credential = credential;
        Address = address;
        Began = now;
        Id = keyHash[..16];
        _usedAt = now.Timestamp;
    }

    /// <summary>
    /// Names the session in lists: the first 64 bits of the hash of its secret, which open nothing.
    /// </summary>
    public string Id { get; }

    /// <summary>Who logged in.</summary>
    public string User { get; }

    /// <summary>What they might see when they did; a change of it ends the session.</summary>
    public Role Role { get; }

    /// <summary>Address from which they logged in.</summary>
    public string Address { get; }

    /// <summary>When they did.</summary>
    public Moment Began { get; }

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Ended => Ending.Token;

    internal string KeyHash { get; }

    /// <summary>Never disposed of: without a timer and a wait handle there is nothing to give back.</summary>
    private CancellationTokenSource Ending { get; } = new();

    /// <summary>The stored password's hash at login: another one there means that the password was changed.</summary>
    internal string Credential { get; }

    internal long UsedAt => Volatile.Read(ref _usedAt);

    internal bool HasConnections => Volatile.Read(ref _connections) > 0;

    /// <summary>Notes that it was used: that it is not idle.</summary>
    internal void Use(long timestamp) => Volatile.Write(ref _usedAt, timestamp);

    /// <summary>Counts a lasting connection; false when the session has <paramref name="most"/> already.</summary>
    public bool TryConnect(int most)
    {
        if (Interlocked.Increment(ref _connections) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _connections);
        return false;
    }

    /// <summary>A lasting connection is over.</summary>
    public void Disconnect() => Interlocked.Decrement(ref _connections);

    internal void End() => Ending.Cancel();
}

/// <summary>A moment on both clocks: wall time to show, monotonic time to reckon with.</summary>
/// <param name="UnixMs">Wall time, Unix milliseconds.</param>
/// <param name="Timestamp">Timestamp of the <see cref="TimeProvider"/>.</param>
public readonly record struct Moment(long UnixMs, long Timestamp)
{
    /// <summary>Now.</summary>
    public static Moment Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new(time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp());
    }
}
