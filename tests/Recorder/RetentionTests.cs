using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-08. Goal: the store never takes more than it may, drops the oldest first, and says so. Method: long times on a
/// simulated clock with a small budget, and a disk that says how much is free.
/// </summary>
public sealed class RetentionTests
{
    private const long OneDayMs = 86_400_000;

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_two_years_nothing_is_kept_longer_than_its_age_and_the_newest_is_always_there()
    {
        using var harness = OfTwoYears(options => options);
        var most = FillTwoYears(harness);
        Assert.True(most <= RecorderOptions.MinBudgetBytes, $"{most} bytes");
        var last = await AssertNewestAsync(harness);
        var status = harness.Status();
        var ages = string.Join(' ', status.Tiers.Select(tier => (last.UnixMs - tier.OldestUnixMs) / OneDayMs));
        Assert.True(status.OldestUnixMs < last.UnixMs - (80 * OneDayMs), ages);
        Assert.True(status.Tiers[0].OldestUnixMs >= last.UnixMs - (16 * OneDayMs), ages);
        Assert.True(status.Tiers[1].OldestUnixMs >= last.UnixMs - (125 * OneDayMs), ages);
    }

    [Fact]
    public async Task Two_years_that_would_take_three_times_the_budget_stay_within_it()
    {
        const long Budget = 12 << 20;
        var decade = TimeSpan.FromDays(3650);
        using var harness = OfTwoYears(options => options with
        {
            BudgetBytes = Budget,
            SecondsMaxAge = decade,
            MinutesMaxAge = decade,
            HoursMaxAge = decade,
        });
        Assert.InRange(FillTwoYears(harness), Budget * 3 / 4, Budget);
        var last = await AssertNewestAsync(harness);
        Assert.All(harness.Status().Tiers, tier => Assert.True(tier.OldestUnixMs < last.UnixMs - (20 * OneDayMs)));

        // A year of hours alone is more than an eighth of this budget.
        var files = harness.Store.View.Files.SelectMany(file => file).ToList();
        Assert.All(files, file => Assert.InRange(file.Bytes, 1, (Budget / 8) + 100_000));
        Assert.Contains(files, file => file.Bytes > Budget / 8);
    }

    [Fact]
    public void The_forecast_is_what_the_budget_lasts_at_the_rate_of_now()
    {
        using var harness = new StoreHarness(2, options => options with { BudgetBytes = 100L << 20 });
        harness.Tick(300);
        Assert.Null(harness.Status().DaysAtThisRate);
        harness.Tick(900);
        var status = harness.Status();
        Assert.InRange(status.BytesPerDay!.Value, 1L << 20, 1L << 30);
        var days = (double)(100L << 20) / status.BytesPerDay.Value;
        Assert.InRange(status.DaysAtThisRate!.Value, 0.9 * Math.Min(14, days), 1.1 * Math.Min(14, days));
    }

    [Fact]
    public async Task Over_the_budget_the_oldest_seconds_go_first_and_an_event_says_so()
    {
        using var harness = new StoreHarness(2, host: new SimulatedHost(2, processes: 60));
        var retention = Shrink(harness, total => total * 3 / 4);
        var before = retention.Measure().Total;
        var (dropped, fault) = retention.MakeRoom(0, null);
        Assert.Null(fault);
        var names = dropped.ConvertAll(item => item.Name);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.StartsWith("s1-", dropped[0].Name, StringComparison.Ordinal);
        Assert.True(retention.Measure().Total <= before * 3 / 4);
        Assert.NotNull((await harness.History.MomentAsync(harness.Ticks[^1].Frame.UnixMs, None)).Value!.Frame);
    }

    [Fact]
    public void The_files_that_grow_are_never_dropped()
    {
        using var harness = new StoreHarness(2, host: new SimulatedHost(2, processes: 5));
        var retention = Shrink(harness, _ => 0);
        var (dropped, _) = retention.MakeRoom(0, null);
        Assert.NotEmpty(dropped);
        var left = harness.Disk.List().Select(file => file.Name).ToList();
        Assert.All(
            harness.Store.View.Files.Where(files => files.Length > 0), files => Assert.Contains(files[^1].Name, left));
    }

    [Fact]
    public void Below_the_floor_old_data_is_dropped_and_then_recording_pauses_and_resumes_by_itself()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            2, options => options with { FreeFloorBytes = 1 << 30 },
            real => disk = new FaultyDisk(real) { FreeBytes = 2L << 30 });
        harness.Tick(700);
        disk.FreeBytes = 100;
        harness.Tick(300);
        Assert.Contains("is full", harness.Store.Fault!.Message, StringComparison.Ordinal);
        disk.FreeBytes = 2L << 30;
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.Equal(0, harness.Store.TicksLost);
    }

    [Fact]
    public void A_clock_that_jumps_ten_years_ahead_drops_nothing()
    {
        using var harness = new StoreHarness(2);
        harness.Tick(700);
        var files = harness.Store.View.Files[0].Length;
        harness.Host.UnixMs += 3650 * OneDayMs;
        harness.Store.DistrustClock();
        harness.Tick(700);
        harness.Host.UnixMs -= 3650 * OneDayMs;
        harness.Store.DistrustClock();
        harness.Tick(700);
        Assert.True(harness.Store.View.Files[0].Length >= files + 1);
        Assert.Contains(
            harness.Store.View.Files[0], file => file.Segment.Period.StartsWith("2035", StringComparison.Ordinal));
        Assert.Equal(2100, new Past.BlockIndex(harness).Headers(Tier.Second).Sum(block => block.Ticks));
    }

    private static StoreHarness OfTwoYears(Func<RecorderOptions, RecorderOptions> change) => new(
        6,
        options => change(options with
        {
            BudgetBytes = RecorderOptions.MinBudgetBytes,
            SyncInterval = TimeSpan.FromMinutes(1),
        }),
        host: new SimulatedHost(6, processes: 2, devices: 1));

    /// <summary>
    /// Ticks far apart fill blocks with days: what counts here is files, periods and bytes, not seconds.
    /// </summary>
    /// <returns>The most that all files ever had.</returns>
    private static long FillTwoYears(StoreHarness harness)
    {
        long most = 0;
        for (var day = 0; day < 730; day++)
        {
            FillDay(harness, day);
            most = Math.Max(most, harness.Store.Retention.Measure().Total);
        }

        return most;
    }

    private static async Task<Model.Frame> AssertNewestAsync(StoreHarness harness)
    {
        var last = harness.Ticks[^1].Frame;
        Assert.Equal(last.UnixMs, (await harness.History.MomentAsync(last.UnixMs, None)).Value!.UnixMs);
        return last;
    }

    private static void FillDay(StoreHarness harness, int day)
    {
        // 40 ticks: a block, and the first tick of the next day ends it.
        for (var i = 0; i < 40; i++)
        {
            harness.Tick(1, stepMs: day == 0 && i == 0 ? 1000 : OneDayMs / 40);
        }

        if (harness.Ticks.Count > 400)
        {
            harness.Ticks.RemoveRange(0, 200);
        }
    }

    private static Retention Shrink(StoreHarness harness, Func<long, long> budgetOf)
    {
        harness.Tick(300);
        for (var i = 0; i < 8; i++)
        {
            harness.Host.UnixMs += OneDayMs;
            harness.Tick(330);
        }

        var segments = new SegmentSet(
            harness.Disk, harness.Store.Readers, harness.Store.View.Files.SelectMany(files => files), 1 << 20);
        var budget = budgetOf(harness.Store.Retention.Measure().Total);
        return new Retention(harness.Disk, segments, harness.Store.Limits with { BudgetBytes = budget });
    }
}
