using CsCheck;
using Hostscope.Bus;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: the store is a list of ticks, whatever happens to it. Method: random runs of ticks, clock steps, stretched
/// scans, orderly restarts and kills against a plain list; then every tick, and random questions, are compared.
/// </summary>
public sealed class ModelTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_store_answers_as_the_list_of_ticks_does() =>
        await Gen.Select(Gen.Int, Gen.Int[0, 9].Array[3, 25]).SampleAsync(
            async (seed, steps) =>
            {
                using var harness = new StoreHarness(seed, host: new SimulatedHost(seed, processes: 6));
                var random = new Random(seed);
                foreach (var step in steps)
                {
                    Do(harness, step, random);
                }

                harness.Tick();
                await CompareAsync(harness, random);
                harness.Crash();
                await CompareAsync(harness, random);
            },
            iter: 40);

    [Fact]
    public async Task Minutes_and_hours_agree_with_the_seconds_they_were_made_from()
    {
        using var harness = new StoreHarness(21, host: new SimulatedHost(21, processes: 3));
        harness.Tick(1500);
        harness.Restart();
        harness.Tick(50 * 60, stepMs: 1000);
        harness.Tick(30, stepMs: 60_000);
        harness.Tick(600, stepMs: 200_000);
        Assert.NotEmpty(harness.Store.View.Files[1]);
        Assert.NotEmpty(harness.Store.View.Files[2]);
        string[] keys =
        [
            "system.cpu.load_average.1m", "system.cpu.time{cpu.mode=\"user\"}", "system.memory.linux.available",
            "system.cpu.logical.count",
        ];
        var from = harness.Ticks[0].Frame.UnixMs;
        (long SpanMs, int Points)[] questions = [(3_600_000, 60), (7_200_000, 24), (36_000_000, 10), (2_000_000, 40)];
        foreach (var (span, points) in questions)
        {
            var answer = (await harness.History.SeriesAsync(
                new SeriesQuery(keys, from, from + span, points), None)).Value!;
            Assert.True(answer.BucketMs >= 60_000 || span < 3_600_000);
            HistorySpec.AssertBuckets(harness, answer, exact: false);
        }
    }

    private static void Do(StoreHarness harness, int step, Random random)
    {
        switch (step)
        {
            case 0:
                harness.Host.UnixMs += random.NextInt64(-7_200_000, 7_200_000);
                break;
            case 1:
                harness.Restart();
                break;
            case 2:
                harness.Crash();
                break;
            case 3:
                harness.Tick(random.Next(1, 20), withTables: false);
                break;
            case 4:
                harness.Tick(random.Next(1, 8), stepMs: random.Next(1, 90_000));
                break;
            default:
                harness.Tick(random.Next(1, 120));
                break;
        }
    }

    private static async Task CompareAsync(StoreHarness harness, Random random)
    {
        for (var i = 0; i < 25; i++)
        {
            // The label nearest at or before a time; of equal labels the one recorded last.
            var at = harness.Ticks[random.Next(harness.Ticks.Count)].Frame.UnixMs + random.Next(-500, 500);
            var expected = harness.Ticks.Select((tick, index) => (tick, index))
                .Where(item => item.tick.Frame.UnixMs <= at)
                .OrderByDescending(item => item.tick.Frame.UnixMs).ThenByDescending(item => item.index)
                .FirstOrDefault();
            var moment = (await harness.History.MomentAsync(at, None)).Value!;
            Assert.Equal(expected.tick is null, moment.NoData is not null);
            if (expected.tick is null)
            {
                continue;
            }

            Assert.Equal(expected.tick.Frame.UnixMs, moment.UnixMs);
            Assert.Equal(expected.tick.Frame.Sequence, moment.Frame!.Sequence);
            AssertTable.Same(expected.tick.Cgroups, moment.Cgroups);
            if (expected.tick.Processes is not null)
            {
                AssertTable.Same(expected.tick.Processes, moment.Processes);
            }

            for (var s = 0; s < moment.Schema.Count; s++)
            {
                Assert.Equal(
                    Oracle.Derived(harness.Ticks, expected.index, moment.Schema.Series[s].Key), moment.Values[s]);
            }
        }

        var from = harness.Ticks[random.Next(harness.Ticks.Count)].Frame.UnixMs;
        var to = from + random.Next(1, 400_000);
        var query = new SeriesQuery(["system.cpu.load_average.1m", "system.cpu.time{cpu.mode=\"idle\"}"], from, to, 60);
        var answer = (await harness.History.SeriesAsync(query, None)).Value!;
        HistorySpec.AssertBuckets(harness, answer, exact: answer.ResolutionMs == 1000);
    }
}
