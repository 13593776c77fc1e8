using Hostscope.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Once a second: reads the users file again when it changed, and ends what is over. So a removed user, a changed
/// password or an expired session loses its open pages within two seconds.
/// </summary>
internal sealed class AccessService(
    AccessBook book, SessionTable sessions, TimeProvider time, ILogger<AccessService> log) : IHostedService, IDisposable
{
    private ITimer? _timer;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => GoRound(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void GoRound()
    {
        try
        {
            if (book.Refresh())
            {
                sessions.EndOutdated(book);
                Log.AccessChanged(log, book.List.Users.Count, book.List.Tokens.Count);
            }
        }
        catch (AccessFileException problem)
        {
            Log.AccessFileRefused(log, problem.Message);
        }

        sessions.Sweep();
    }
}
