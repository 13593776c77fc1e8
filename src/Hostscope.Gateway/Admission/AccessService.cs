using Hostscope.Access;
using Hostscope.Gateway.Http;
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
    private readonly RefusalLog _refusals = new(time);
    private readonly RefusalLog _failures = new(time);
    private ITimer? _timer;
    private string? _problem;

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

    /// <summary>On a thread of the pool: an exception that left it would end the whole program.</summary>
    private void GoRound()
    {
        try
        {
            var changed = Refresh();

            // Each time: a login whose password was being checked while the file changed begins after the change.
            sessions.EndOutdated(book);
            sessions.Sweep();
            if (changed)
            {
                // Last: whoever reads it may rely on it that who was removed is out.
                Log.AccessChanged(log, book.List.Users.Count, book.List.Tokens.Count);
            }
        }
        catch (Exception bug)
        {
            if (_failures.Note(out _))
            {
                Log.AccessRoundFailed(log, bug);
            }
        }
    }

    private bool Refresh()
    {
        try
        {
            var changed = book.Refresh();
            _problem = null;
            return changed;
        }
        catch (AccessFileException problem)
        {
            // Tried each second, told each minute; another problem is told at once, to whoever is mending the file.
            if (_refusals.Note(out _) || problem.Message != _problem)
            {
                Log.AccessFileRefused(log, problem.Message);
            }

            _problem = problem.Message;
            return false;
        }
    }
}
