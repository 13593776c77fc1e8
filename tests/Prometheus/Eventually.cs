namespace Hostscope.Prometheus.Tests;

/// <summary>Waits for what another thread or process does: by the condition itself, with a deadline.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a machine that builds beside the tests; reached only when a test fails.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string what) =>
        TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within {Deadline.TotalSeconds} s: {what}");
            }
        }
    }
}
