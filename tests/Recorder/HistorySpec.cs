using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: what every past answers, wherever it is kept. Method: one suite, run against ticks in memory, in files, after
/// a crash, and in a portable file; what is right comes from the list of ticks.
/// </summary>
public abstract class HistorySpec : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private StoreHarness? _harness;

    /// <summary>The past of the harness as this implementation keeps it.</summary>
    internal abstract Task<IHistory> Keep(StoreHarness harness);

    [Fact]
    public async Task A_moment_is_the_whole_second_as_it_was()
    {
        var (harness, history) = await Recorded(700);
        foreach (var at in new[] { 0, 1, 2, 29, 30, 31, 299, 300, 301, 333, 650, 699 })
        {
            var tick = harness.Ticks[at];
            var moment = (await history.MomentAsync(tick.Frame.UnixMs + 40, None)).Value!;
            Assert.Null(moment.NoData);
            Assert.Equal(tick.Frame.UnixMs, moment.UnixMs);
            Assert.Equal(at == 0 ? null : harness.Ticks[at - 1].Frame.UnixMs, moment.BeforeMs);
            Assert.Equal(at == 699 ? null : harness.Ticks[at + 1].Frame.UnixMs, moment.AfterMs);
            Assert.Equal(tick.Frame.Sequence, moment.Frame!.Sequence);
            Assert.Equal(tick.Frame.MonotonicNs, moment.Frame.MonotonicNs);
            AssertTable.Same(tick.Processes, moment.Processes);
            AssertTable.Same(tick.Cgroups, moment.Cgroups);
            AssertTable.Same(at == 0 ? null : harness.Ticks[at - 1].Processes, moment.PreviousProcesses);
            var present = 0;
            for (var i = 0; i < moment.Schema.Count; i++)
            {
                var key = moment.Schema.Series[i].Key;
                var slot = Oracle.SlotOf(tick.Frame, key);
                Assert.Equal(slot < 0 ? Frame.Absent : tick.Frame.Values[slot], moment.Frame.Values[i]);
                Assert.Equal(Oracle.Derived(harness.Ticks, at, key), moment.Values[i]);
                present += moment.Frame.Values[i] == Frame.Absent ? 0 : 1;
            }

            Assert.Equal(tick.Frame.Values.ToArray().Count(value => value != Frame.Absent), present);
        }
    }

    [Fact]
    public async Task Seconds_come_back_as_the_live_view_showed_them()
    {
        var (harness, history) = await Recorded(650);
        var keys = Keys(harness).Take(40).ToList();
        var from = harness.Ticks[250].Frame.UnixMs;
        var answer = (await history.SeriesAsync(new SeriesQuery(keys, from, from + 200_000, 250), None)).Value!;
        Assert.Equal(1000, answer.BucketMs);
        Assert.Equal(1000, answer.ResolutionMs);
        Assert.False(answer.IsCoarserThanAsked);
        Assert.True(answer.FromMs <= from && answer.FromMs > from - 1000);
        AssertBuckets(harness, answer, exact: true);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(40)]
    public async Task Wider_buckets_hold_minimum_average_maximum_and_count(int points)
    {
        var (harness, history) = await Recorded(650);
        var from = harness.Ticks[0].Frame.UnixMs;
        var answer = (await history.SeriesAsync(
            new SeriesQuery([.. Keys(harness).Take(20)], from, from + 600_000, points), None)).Value!;
        Assert.True(answer.Buckets <= points);
        AssertBuckets(harness, answer, exact: true);
    }

    [Fact]
    public async Task Ticks_with_a_stretched_scan_show_the_table_they_had()
    {
        _harness = new StoreHarness(3);
        _harness.Tick();
        _harness.Tick(3, withTables: false);
        _harness.Tick();
        var history = await Keep(_harness);
        var moment = (await history.MomentAsync(_harness.Ticks[3].Frame.UnixMs, None)).Value!;
        AssertTable.Same(_harness.Ticks[0].Processes, moment.Processes);
        Assert.Null(moment.PreviousProcesses);
    }

    [Fact]
    public async Task Where_nothing_was_recorded_the_answer_says_so_and_where_data_is()
    {
        var (harness, history) = await Recorded(40);
        var (first, last) = (harness.Ticks[0].Frame.UnixMs, harness.Ticks[^1].Frame.UnixMs);
        var before = (await history.MomentAsync(first - 1, None)).Value!;
        Assert.Equal((null, first), (before.NoData!.BeforeMs, before.NoData.AfterMs));
        Assert.NotEmpty(before.NoData.Reason);
        var after = (await history.MomentAsync(last + 3_600_000, None)).Value!;
        Assert.True(after.IsInGap);
        Assert.Equal(last, after.UnixMs);
        var empty = (await history.SeriesAsync(
            new SeriesQuery(["system.cpu.load_average.1m"], last + 60_000, last + 120_000, 60), None)).Value!;
        Assert.Equal((last, null), (empty.NoData!.BeforeMs, empty.NoData.AfterMs));
        Assert.All(empty.Columns[0].Avg, value => Assert.True(double.IsNaN(value)));
    }

    [Fact]
    public async Task A_series_that_was_never_there_is_absent_and_not_an_error()
    {
        var (harness, history) = await Recorded(40);
        var from = harness.Ticks[0].Frame.UnixMs;
        var answer = (await history.SeriesAsync(new SeriesQuery(["no.such"], from, from + 10_000, 10), None)).Value!;
        Assert.Null(answer.Columns[0].Series);
        Assert.All(answer.Columns[0].Count, count => Assert.Equal(0, count));
        Assert.Contains(answer.Ticks, ticks => ticks > 0);
    }

    [Fact]
    public async Task Questions_that_make_no_sense_are_refused_with_the_name_of_the_parameter()
    {
        var (_, history) = await Recorded(1);
        Assert.Equal("from", (await history.SeriesAsync(new SeriesQuery(["a"], 10, 10, 10), None)).Problem!.Parameter);
        Assert.Equal("points", (await history.SeriesAsync(new SeriesQuery(["a"], 0, 10, 1), None)).Problem!.Parameter);
        Assert.Equal("series", (await history.SeriesAsync(new SeriesQuery([], 0, 10, 10), None)).Problem!.Parameter);
        var strip = await history.OverviewAsync(new OverviewQuery(long.MinValue, 0, 9), None);
        Assert.Equal("from", strip.Problem!.Parameter);
        Assert.Equal("at", (await history.MomentAsync(long.MaxValue, None)).Problem!.Parameter);
        Assert.Equal("text", (await history.SearchAsync(new ProcessQuery(" ", 0, 1, 1), None)).Problem!.Parameter);
        Assert.Equal("limit", (await history.EventsAsync(new EventQuery(0, 1) { Limit = 0 }, None)).Problem!.Parameter);
    }

    [Fact]
    public async Task The_catalog_lists_every_series_that_has_data()
    {
        var (harness, history) = await Recorded(350);
        var from = harness.Ticks[0].Frame.UnixMs;
        var catalog = (await history.CatalogAsync(from, from + 350_000, None)).Value!;
        Assert.Equal(Keys(harness).Order(StringComparer.Ordinal), catalog.Select(series => series.Key));
    }

    [Fact]
    public async Task Processes_of_the_past_are_found_with_when_they_were_first_and_last_seen()
    {
        var (harness, history) = await Recorded(400);
        var (first, last) = (harness.Ticks[0].Frame.UnixMs, harness.Ticks[^1].Frame.UnixMs);
        var answer = (await history.SearchAsync(new ProcessQuery("POSTGRES", first, last + 1, 1000), None)).Value!;
        var expected = new Dictionary<(int, long), (long First, long Last)>();
        var names = new HashSet<(int, long)>();
        foreach (var tick in harness.Ticks)
        {
            var alive = tick.Processes!.Rows.ToArray().Where(row => row.Info.Name == "postgres")
                .Select(row => (row.Info.Pid, row.Info.StartTicks)).ToHashSet();
            names.UnionWith(alive);
            foreach (var row in tick.Processes.Rows)
            {
                var key = (row.Info.Pid, row.Info.StartTicks);
                if (!names.Contains(key))
                {
                    continue;
                }

                expected[key] = (expected.GetValueOrDefault(key, (tick.Frame.UnixMs, 0)).First, tick.Frame.UnixMs);
            }
        }

        Assert.Equal(expected.Count, answer.Processes.Count);
        Assert.Equal(first, answer.SearchedFromMs);
        Assert.All(answer.Processes, found =>
            Assert.Contains((found.Info.Pid, found.Info.StartTicks), expected.Keys));
    }

    [Fact]
    public async Task A_search_of_names_alone_does_not_tell_what_is_in_arguments()
    {
        var (harness, history) = await Recorded(700);
        var (first, last) = (harness.Ticks[0].Frame.UnixMs, harness.Ticks[^1].Frame.UnixMs);
        var query = new ProcessQuery("--port", first, last + 1, 1);
        var finds = (await history.SearchAsync(query, None)).Value!;
        Assert.Single(finds.Processes);
        Assert.True(finds.SearchedFromMs > first, "a search ends with the block in which it has enough");
        var none = (await history.SearchAsync(query with { InArguments = false }, None)).Value!;
        Assert.Empty(none.Processes);
        Assert.Equal(first, none.SearchedFromMs);
    }

    [Fact]
    public async Task The_overview_shows_how_busy_it_was_and_where_nothing_was_recorded()
    {
        _harness = new StoreHarness(5);
        _harness.Tick(100);
        _harness.Tick(1, stepMs: 45_000);
        _harness.Tick(100);
        var history = await Keep(_harness);
        var from = _harness.Ticks[0].Frame.UnixMs;
        var overview = (await history.OverviewAsync(new OverviewQuery(from, from + 250_000, 300), None)).Value!;
        Assert.Equal(4, overview.Cpus);
        Assert.Equal(201, overview.Ticks.Sum());
        Assert.Contains(overview.CpuMax, value => value > 0);
        var gap = Assert.Single(overview.Gaps);
        Assert.Equal((_harness.Ticks[99].Frame.UnixMs, _harness.Ticks[100].Frame.UnixMs), (gap.FromMs, gap.ToMs));
    }

    [Fact]
    public async Task Exports_hold_every_tick_of_the_range()
    {
        var (harness, history) = await Recorded(400);
        var from = harness.Ticks[0].Frame.UnixMs;
        using var csv = new MemoryStream();
        var query = new ExportQuery(from, from + 100_000, ExportFormat.Csv)
        {
            Series = ["system.cpu.load_average.1m", "system.cpu.time{cpu.mode=\"user\"}"],
        };
        var result = (await history.ExportAsync(query, csv, None)).Value!;
        var lines = System.Text.Encoding.UTF8.GetString(csv.ToArray()).Split("\r\n");
        Assert.Equal(100, result.Ticks);
        Assert.Equal("time,unix_ms,system.cpu.load_average.1m,\"system.cpu.time{cpu.mode=\"\"user\"\"}\"", lines[0]);
        for (var i = 0; i < 100; i++)
        {
            var fields = lines[i + 1].Split(',');
            Assert.Equal($"{harness.Ticks[i].Frame.UnixMs}", fields[1]);
            AssertField(Oracle.Derived(harness.Ticks, i, query.Series[0]), fields[2]);
            AssertField(Oracle.Derived(harness.Ticks, i, query.Series[1]), fields[3]);
        }

        using var json = new MemoryStream();
        await history.ExportAsync(query with { Format = ExportFormat.JsonLines, Series = [] }, json, None);
        var first = System.Text.Json.JsonDocument.Parse(
            System.Text.Encoding.UTF8.GetString(json.ToArray()).Split('\n')[5]).RootElement;
        Assert.Equal(harness.Ticks[5].Frame.UnixMs, first.GetProperty("t").GetInt64());
    }

    [Fact]
    public async Task The_newest_frames_are_those_of_the_last_ticks()
    {
        var (harness, history) = await Recorded(400);
        var frames = await history.FramesAsync(harness.Ticks[^120].Frame.UnixMs, 300, None);
        Assert.Equal(
            harness.Ticks.TakeLast(120).Select(tick => tick.Frame.Sequence), frames.Select(f => f.Frame.Sequence));
        Assert.Single(frames.Select(f => f.Run).Distinct());
        var key = Keys(harness)[0];
        Assert.Equal(
            harness.Ticks[^1].Frame.Values[Oracle.SlotOf(harness.Ticks[^1].Frame, key)],
            frames[^1].Frame.Values[Oracle.SlotOf(frames[^1].Frame, key)]);
    }

    public void Dispose()
    {
        _harness?.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static void AssertBuckets(StoreHarness harness, SeriesHistory answer, bool exact)
    {
        foreach (var column in answer.Columns)
        {
            for (var i = 0; i < answer.Buckets; i++)
            {
                var start = answer.FromMs + (i * answer.BucketMs);
                var (min, avg, max, count) = Oracle.Bucket(harness.Ticks, column.Key, start, start + answer.BucketMs);
                Assert.Equal(count, column.Count[i]);
                var tolerance = exact || count == 0 ? 0 : 0.06 / column.Series!.Metric.Scale;
                AssertNear(min, column.Min[i], tolerance);
                AssertNear(max, column.Max[i], tolerance);
                AssertNear(avg, column.Avg[i], tolerance + (Math.Abs(avg) * (exact ? 1e-9 : 1e-7)));
            }
        }
    }

    private static void AssertNear(double expected, double actual, double tolerance) => Assert.True(
        expected.Equals(actual) || Math.Abs(expected - actual) <= tolerance + (Math.Abs(expected) * 1e-12),
        $"expected {expected:R}, got {actual:R}");

    private static void AssertField(double expected, string field) => Assert.Equal(
        double.IsNaN(expected) ? "" : expected.ToString("R", System.Globalization.CultureInfo.InvariantCulture), field);

    private static List<string> Keys(StoreHarness harness) => [.. harness.Ticks
        .SelectMany(tick => tick.Frame.Schema.Series.ToArray().Where((_, i) => tick.Frame.Values[i] != Frame.Absent))
        .Select(series => series.Key).Distinct()];

    private async Task<(StoreHarness Harness, IHistory History)> Recorded(int ticks)
    {
        _harness = new StoreHarness(11);
        _harness.Tick(ticks);
        return (_harness, await Keep(_harness));
    }
}

/// <summary>The specification for ticks that are still in memory, and older ones in a file that grows.</summary>
public sealed class RunningHistoryTests : HistorySpec
{
    internal override Task<IHistory> Keep(StoreHarness harness) => Task.FromResult(harness.History);
}

/// <summary>The specification after an orderly end.</summary>
public sealed class ReopenedHistoryTests : HistorySpec
{
    internal override Task<IHistory> Keep(StoreHarness harness)
    {
        harness.Restart();
        return Task.FromResult(harness.History);
    }
}

/// <summary>The specification after the process was killed.</summary>
public sealed class CrashedHistoryTests : HistorySpec
{
    internal override Task<IHistory> Keep(StoreHarness harness)
    {
        harness.Crash();
        return Task.FromResult(harness.History);
    }
}
