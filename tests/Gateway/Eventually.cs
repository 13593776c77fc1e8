namespace Hostscope.Gateway.Tests;

/// <summary>Waits for what another thread is about to do: by the condition itself, never by a guessed time.</summary>
internal static class Eventually
{
    /// <summary>Long enough for a machine that builds beside the tests; reached only when a test fails.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task True(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
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
