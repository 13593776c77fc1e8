using Hostscope.Bus;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Bench;

/// <summary>A day of a repeated recording, and how long questions about it take.</summary>
internal static class Days
{
    private const long StartMs = 1_764_028_800_000; // 2025-11-25T00:00:00Z: a day in one file.
    private const int Ticks = 86_400;
    private const int Questions = 200;

    public static async Task MeasureAsync(List<RecordedTick> ticks, string directory)
    {
        Directory.CreateDirectory(directory);
        var disk = new StoreDisk(directory);
        using var past = new StorePast(disk, directory);
        var replay = new Replay(ticks, past.Store, StartMs);
        var started = TimeProvider.System.GetTimestamp();
        var took = new List<double>();
        for (var i = 0; i < Ticks; i++)
        {
            var before = TimeProvider.System.GetTimestamp();
            replay.Tick();
            took.Add(TimeProvider.System.GetElapsedTime(before).TotalMilliseconds);
        }

        Console.WriteLine($"a day was written in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s, "
            + $"the slowest tick, with an hour's minutes, took {Sizes.At(took, 1):0} ms");
        foreach (var file in disk.List().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            Console.WriteLine($"  {file.Name,-32} {file.Bytes / 1e6,8:0.0} MB");
        }

        await AskAsync(past, ticks);
    }

    /// <summary>Opens a store whose day is there thirty times.</summary>
    public static void MeasureOpening(string directory)
    {
        var day = Directory.GetFiles(directory, "s1-*.db")[0];
        for (var i = 1; i < 30; i++)
        {
            var copy = Path.Combine(directory, $"s1-202510{i:00}-{i:0000000000}.db");
            File.Copy(day, copy, overwrite: true);
        }

        for (var i = 0; i < 4; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            using var past = new StorePast(new StoreDisk(directory), directory);
            Console.WriteLine(
                $"opened {past.Store.Content.Files.Count} files in "
                + $"{TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }
    }

    private static async Task AskAsync(StorePast past, List<RecordedTick> ticks)
    {
        var history = new History(past, TimeProvider.System, null);
        var keys = ticks[^1].Frame.Schema.Series.ToArray().Select(series => series.Key).ToArray();
        var random = new Random(1);
        const long HourMs = 3_600_000;
        const long EndMs = StartMs + (Ticks * 1000L);
        long At() => StartMs + random.NextInt64(Ticks * 1000L);
        string[] Some(int count) => [.. Enumerable.Range(0, count).Select(i =>
            keys[((keys.Length * i / count) + random.Next(keys.Length / count)) % keys.Length])];
        async Task Series(int count, long fromMs, long toMs, int points) =>
            _ = await history.SeriesAsync(new SeriesQuery(Some(count), fromMs, toMs, points), default);
        long Hour() => StartMs + random.NextInt64((Ticks * 1000L) - HourMs);

        await TimeAsync("a whole second, anywhere", async () => _ = await history.MomentAsync(At(), default));
        var step = At();
        await TimeAsync("a whole second, the next one", async () =>
            _ = await history.MomentAsync(step += 1000, default));
        await TimeAsync("1 series, 1 h, seconds", async () =>
        {
            var from = Hour();
            await Series(1, from, from + HourMs, 4000);
        });
        await TimeAsync("20 series, 1 h, seconds", async () =>
        {
            var from = Hour();
            await Series(20, from, from + HourMs, 4000);
        });
        await TimeAsync("20 series, 6 h, 1,080 points", () => Series(20, EndMs - (6 * HourMs), EndMs, 1081));
        await TimeAsync("1 series, 24 h, 1,440 points", () => Series(1, StartMs, EndMs, 1441));
        await TimeAsync("20 series, 24 h, 1,440 points", () => Series(20, StartMs, EndMs, 1441));
        await TimeAsync("overview, 24 h, 1,440 points", async () =>
            _ = await history.OverviewAsync(new OverviewQuery(StartMs, EndMs, 1441), default));
        await TimeAsync("overview, 1 h", async () =>
        {
            var from = Hour();
            _ = await history.OverviewAsync(new OverviewQuery(from, from + HourMs, 1200), default);
        });
        await TimeAsync("process by name, 24 h", async () =>
            _ = await history.SearchAsync(new ProcessQuery("no such", StartMs, EndMs, 100), default), 5);
        await TimeAsync("the last 300 frames", async () =>
            _ = await history.FramesAsync(EndMs - 300_000, 300, default));
    }

    private static async Task TimeAsync(string what, Func<Task> ask, int questions = Questions)
    {
        var times = new List<double>();
        for (var i = 0; i < questions; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            await ask();
            times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }

        var first = times[0];
        Console.WriteLine($"{what,-32} p50 {Sizes.At(times, .5),7:0.0} ms   p95 {Sizes.At(times, .95),7:0.0} ms"
            + $"   first {first,7:0.0} ms");
    }
}

/// <summary>A store as questions see it.</summary>
internal sealed class StorePast : IPast, IDisposable
{
    public StorePast(IStoreDisk disk, string directory) => Store = new TickStore(disk, new RecorderOptions
    {
        Directory = directory,
        BudgetBytes = 8L << 30,
        FreeFloorBytes = 0,
        SyncInterval = RecorderOptions.MaxSyncInterval, // What is measured is reading; a day of syncs would take one.
    });

    public TickStore Store { get; }

    public StoreView View => Store.View;

    public ReaderPool? Readers => Store.Readers;

    public HistoryStatus Status() => new() { State = RecordingState.Recording };

    public void Dispose() => Store.Dispose();
}
