using Hostscope.Gateway.Past;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// D-12. Goal: whatever is asked about the past, the present keeps its processors and its threads. Method: questions
/// and exports that do not end before the test says so, counted.
/// </summary>
public sealed class QuestionDeskTests : IDisposable
{
    private readonly QuestionDesk _desk = new(TimeProvider.System);
    private readonly ManualResetEventSlim _end = new();
    private int _working;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_leave_half_of_the_processors_to_the_present()
    {
        var most = Math.Clamp(Environment.ProcessorCount / 2, 1, QuestionDesk.MaxQuestions);
        var asked = Enumerable.Range(0, QuestionDesk.MaxQuestions)
            .Select(_ => _desk.TryAskAsync(_ => Work(), Ct)).ToArray();
        await Eventually.True(() => Volatile.Read(ref _working) == most, "as many as may be are worked on");
        Assert.False(await _desk.TryAskAsync(_ => Work(), Ct)); // All places are taken, working or waiting.
        Assert.Equal(most, Volatile.Read(ref _working));
        _end.Set();
        Assert.All(await Task.WhenAll(asked), Assert.True);
    }

    [Fact]
    public async Task A_question_is_worked_on_by_a_thread_that_is_nobody_elses()
    {
        var isOfPool = true;
        Assert.True(await _desk.TryAskAsync(_ => isOfPool = Thread.CurrentThread.IsThreadPoolThread, Ct));
        Assert.False(isOfPool);
    }

    [Fact]
    public async Task The_third_export_at_once_is_sent_away()
    {
        var taken = Enumerable.Range(0, QuestionDesk.MaxExports).Select(_ => _desk.TryExportAsync(Work)).ToArray();
        Assert.False(await _desk.TryExportAsync(Work).WaitAsync(Eventually.Deadline, Ct));
        _end.Set();
        Assert.All(await Task.WhenAll(taken), Assert.True);
        Assert.True(await _desk.TryExportAsync(Work));
    }

    public void Dispose()
    {
        _end.Set();
        _desk.Dispose();
        _end.Dispose();
    }

    private void Work()
    {
        Interlocked.Increment(ref _working);
        _end.Wait(Eventually.Deadline, CancellationToken.None);
        Interlocked.Decrement(ref _working);
    }
}
