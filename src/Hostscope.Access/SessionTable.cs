namespace Hostscope.Access;

/// <summary>How long logins last, and how many there are.</summary>
/// <param name="Idle">One that nobody used for so long ends; an open page uses it.</param>
/// <param name="Longest">None lasts longer, used or not.</param>
/// <param name="PerUser">One more ends the one that was idle longest.</param>
public sealed record SessionLimits(TimeSpan Idle, TimeSpan Longest, int PerUser);

/// <summary>
/// The logins that last. In memory alone, so that a restart ends them all; reckoned on the monotonic clock, so that a
/// wall clock that is put back makes none eternal. Safe for all threads.
/// </summary>
/// <param name="limits">How long and how many.</param>
/// <param name="time">The clock.</param>
public sealed class SessionTable(SessionLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Begins a session. Its secret goes to the user and is not kept.</summary>
    /// <param name="user">Who logged in.</param>
    /// <param name="address">From where.</param>
    public (Session Session, string Secret) Begin(UserEntry user, string address)
    {
        ArgumentNullException.ThrowIfNull(user);
        var secret = Secret.Create();
        var session = new Session(
            Secret.Hash(secret), user.Name, user.Role, user.Password, address, Moment.Now(time));
        Session[] surplus;
        lock (_lock)
        {
            _sessions.Add(session.KeyHash, session);
            surplus =
            [
                .. _sessions.Values.Where(other => other.User == user.Name)
                    .OrderByDescending(other => other.UsedAt).ThenByDescending(other => other == session)
                    .Skip(limits.PerUser),
            ];
        }

        EndAll(surplus);
        return (session, secret);
    }

    /// <summary>The session of a secret, which is used by this; <c>null</c> when there is none (any more).</summary>
    public Session? Find(string secret)
    {
        if (secret.Length != Secret.Length)
        {
            return null;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (!_sessions.TryGetValue(Secret.Hash(secret), out var session) || IsOver(session, now))
            {
                return null;
            }

            session.Use(now);
            return session;
        }
    }

    /// <summary>The sessions, newest first.</summary>
    public IReadOnlyList<Session> List()
    {
        lock (_lock)
        {
            return [.. _sessions.Values.OrderByDescending(session => session.Began.Timestamp)];
        }
    }

    /// <summary>Time since a session was used last.</summary>
    public TimeSpan IdleTimeOf(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.HasConnections ? TimeSpan.Zero : time.GetElapsedTime(session.UsedAt);
    }

    /// <summary>Ends a session: its secret opens nothing, and its connections are told.</summary>
    public void End(Session session) => EndAll([session]);

    /// <summary>Ends the sessions that are over; once a second is often enough.</summary>
    public void Sweep()
    {
        var now = time.GetTimestamp();
        EndAll(Where(session => IsOver(session, now)));
    }

    /// <summary>Ends the sessions of users who are gone, or whose password or role is another than at login.</summary>
    public void EndOutdated(AccessBook book)
    {
        ArgumentNullException.ThrowIfNull(book);
        EndAll(Where(session => book.FindUser(session.User) is not { } user
            || user.Password != session.Credential || user.Role != session.Role));
    }

    private Session[] Where(Func<Session, bool> condition)
    {
        lock (_lock)
        {
            return [.. _sessions.Values.Where(condition)];
        }
    }

    private bool IsOver(Session session, long now)
    {
        if (session.HasConnections)
        {
            session.Use(now);
        }

        return time.GetElapsedTime(session.UsedAt, now) >= limits.Idle
            || time.GetElapsedTime(session.Began.Timestamp, now) >= limits.Longest;
    }

    private void EndAll(IEnumerable<Session> sessions)
    {
        foreach (var session in sessions)
        {
            bool isThere;
            lock (_lock)
            {
                isThere = _sessions.Remove(session.KeyHash);
            }

            if (isThere)
            {
                session.End(); // Outside the lock: whoever is told may ask the table something.
            }
        }
    }
}
