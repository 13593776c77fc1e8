namespace Hostscope.Gateway.Past;

/// <summary>
/// Where questions about the past are worked on: few at a time, each on a thread of its own and never on the pool, so
/// that a costly one takes nothing from the ticks and from what viewers are sent.
/// </summary>
internal sealed class QuestionDesk(TimeProvider time) : IDisposable
{
    /// <summary>Questions that are taken at once, waiting ones included; further ones are sent away with 429.</summary>
    public const int MaxQuestions = 4;

    /// <summary>Exports at once: each may take minutes.</summary>
    public const int MaxExports = 2;

    /// <summary>A question that takes longer is given up. A day of twenty series takes 35 ms.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _questions = new(MaxQuestions);
    private readonly SemaphoreSlim _exports = new(MaxExports);

    /// <summary>Half of the CPUs work on questions, the others are for the present.</summary>
    private readonly SemaphoreSlim _working = new(Math.Clamp(Environment.ProcessorCount / 2, 1, MaxQuestions));

    /// <summary>Works on a question.</summary>
    /// <param name="work">Gives the answer; ends early when it is cancelled.</param>
    /// <param name="aborted">Nobody waits for the answer any more.</param>
    /// <returns>False when there are too many questions.</returns>
    /// <exception cref="TimeoutException">It took longer than <see cref="MaxTime"/>.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task<bool> TryAskAsync(Action<CancellationToken> work, CancellationToken aborted)
    {
        if (!_questions.Wait(0, CancellationToken.None))
        {
            return false;
        }

        try
        {
            using var limit = new CancellationTokenSource(MaxTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
            try
            {
                await _working.WaitAsync(either.Token).ConfigureAwait(false);
                try
                {
                    await OnOwnThread(() => work(either.Token)).ConfigureAwait(false);
                }
                finally
                {
                    _working.Release();
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !aborted.IsCancellationRequested)
            {
                throw new TimeoutException();
            }

            return true;
        }
        finally
        {
            _questions.Release();
        }
    }

    /// <summary>Works on an export, for as long as it takes.</summary>
    /// <returns>False when there are too many.</returns>
    public async Task<bool> TryExportAsync(Action work)
    {
        if (!_exports.Wait(0, CancellationToken.None))
        {
            return false;
        }

        try
        {
            await OnOwnThread(work).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _exports.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _questions.Dispose();
        _exports.Dispose();
        _working.Dispose();
    }

    private static Task OnOwnThread(Action work) => Task.Factory.StartNew(
        work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
