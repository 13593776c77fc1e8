using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: questions and recording do not get into each other's way: each tick is answered once and right at any moment,
/// while blocks close, are folded and rolled up. Method: several threads ask about recorded ticks, with the list
/// of ticks as the oracle, while another records.
/// </summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Questions_are_right_at_any_moment_of_a_recording()
    {
        using var harness = new StoreHarness(12, host: new SimulatedHost(12, processes: 10));
        harness.Tick(100);
        var ready = harness.Ticks.ToList();
        using var end = new CancellationTokenSource();
        var asked = 0;
        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!end.IsCancellationRequested)
            {
                await AskAsync(harness.History, Volatile.Read(ref ready), random);
                Interlocked.Increment(ref asked);
            }
        })).ToList();

        for (var i = 0; i < 2_500; i++)
        {
            harness.Tick();
            if (i % 10 == 0)
            {
                Volatile.Write(ref ready, harness.Ticks.ToList());
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Null(harness.Store.Fault);
        Assert.True(asked > 20, $"{asked} questions");
        Assert.True(harness.Store.Cache.Bytes <= BlobCache.DefaultMaxBytes);
    }

    [Fact]
    public async Task A_question_with_an_old_view_hides_no_new_series_from_the_next()
    {
        using var harness = new StoreHarness(3, host: new SimulatedHost(3, processes: 1));
        harness.Tick(2);
        for (var i = 0; i < 300; i++)
        {
            var earlier = new FrozenPast(harness.View, harness.Readers);
            harness.Tick();
            _ = new BlockIndex(earlier);
            var frame = harness.Ticks[^1].Frame;
            var moment = (await harness.History.MomentAsync(frame.UnixMs, CancellationToken.None)).Value!;
            Assert.Equal(CountOf(frame), CountOf(moment.Frame!));
        }
    }

    private static async Task AskAsync(IHistory history, List<OracleTick> ticks, Random random)
    {
        var at = random.Next(3) == 0 ? ticks.Count - 1 - random.Next(20) : random.Next(ticks.Count);
        var tick = ticks[at];
        var moment = (await history.MomentAsync(tick.Frame.UnixMs, CancellationToken.None)).Value!;
        Assert.Equal(tick.Frame.UnixMs, moment.UnixMs);
        Assert.Equal(CountOf(tick.Frame), CountOf(moment.Frame!));
        AssertTable.Same(tick.Processes, moment.Processes);

        var from = ticks[Math.Max(0, at - 400)].Frame.UnixMs;
        var query = new SeriesQuery(["system.cpu.load_average.1m"], from, tick.Frame.UnixMs + 1, 500);
        var answer = (await history.SeriesAsync(query, CancellationToken.None)).Value!;
        Assert.Equal(at - Math.Max(0, at - 400) + 1, answer.Ticks.Sum());
    }

    private static int CountOf(Frame frame) => frame.Values.ToArray().Count(value => value != Frame.Absent);

    /// <summary>The past as a question sees it that began a while ago.</summary>
    private sealed class FrozenPast(StoreView view, ReaderPool? readers) : IPast
    {
        public StoreView View => view;

        public ReaderPool? Readers => readers;

        public HistoryStatus Status() => new() { State = RecordingState.Recording };
    }
}
