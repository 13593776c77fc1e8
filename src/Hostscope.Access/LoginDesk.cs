using System.Net;

namespace Hostscope.Access;

/// <summary>What came of a login.</summary>
/// <param name="Session">The session; <c>null</c> when there is none.</param>
/// <param name="Secret">What opens it; <c>null</c> when there is none.</param>
/// <param name="RetryAfter">How long to wait before the next try; zero when the try counted.</param>
public readonly record struct LoginResult(Session? Session, string? Secret, TimeSpan RetryAfter);

/// <summary>
/// Checks passwords: few at a time, as each costs some 0.2 s of a core, and always with the same work, so that neither
/// words nor time tell an unknown user from a wrong password.
/// </summary>
public sealed class LoginDesk : IDisposable
{
    private readonly AccessBook _book;
    private readonly SessionTable _sessions;
    private readonly LoginLimiter _limiter;
    private readonly SemaphoreSlim _atOnce;
    private readonly int _most;
    private int _present;
    private long _checked;

    /// <summary>Opens it.</summary>
    /// <param name="book">Who there is.</param>
    /// <param name="sessions">Where sessions begin.</param>
    /// <param name="limiter">Who may try.</param>
    /// <param name="atOnce">Passwords checked at the same time.</param>
    /// <param name="queue">Tries that wait for it; further ones are sent away.</param>
    public LoginDesk(AccessBook book, SessionTable sessions, LoginLimiter limiter, int atOnce, int queue)
    {
        _book = book;
        _sessions = sessions;
        _limiter = limiter;
        _atOnce = new SemaphoreSlim(atOnce);
        _most = atOnce + queue;
    }

    /// <summary>Passwords that were checked since the start.</summary>
    public long Checked => Interlocked.Read(ref _checked);

    /// <summary>Tries a password.</summary>
    /// <param name="user">Name, as it was typed.</param>
    /// <param name="password">Password, as it was typed.</param>
    /// <param name="address">Where the try comes from.</param>
    /// <param name="cancel">Cancelled when whoever tries is gone.</param>
    public async ValueTask<LoginResult> TryAsync(
        string user, string password, IPAddress address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (_limiter.Take(address) is var wait && wait > TimeSpan.Zero)
        {
            return new LoginResult(null, null, wait);
        }

        if (Interlocked.Increment(ref _present) > _most)
        {
            Interlocked.Decrement(ref _present);
            return new LoginResult(null, null, TimeSpan.FromSeconds(1));
        }

        try
        {
            await _atOnce.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => Check(user, password, address), cancel).ConfigureAwait(false);
            }
            finally
            {
                _atOnce.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _present);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _atOnce.Dispose();

    private LoginResult Check(string user, string password, IPAddress address)
    {
        Interlocked.Increment(ref _checked);
        var hash = _book.HashOf(user);
        var isRight = PasswordHash.Verify(password, hash);
        if (!isRight || _book.FindUser(user) is not { } entry || entry.Password != hash)
        {
            return default;
        }

        _limiter.Succeeded(address);
        var (session, secret) = _sessions.Begin(entry, address.ToString());
        return new LoginResult(session, secret, TimeSpan.Zero);
    }
}
