using System.IO.Compression;
using System.Text;
using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Prometheus;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: scrapes get the last frame, written once for all of them, and cost the sampler nothing. Method: an in-process
/// bus and a clock that the test moves.
/// </summary>
public sealed class HostExporterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly InProcessBus _bus = new();
    private readonly FrameBuilder _builder = new();
    private readonly SeriesCell _load;
    private readonly HostExporter _exporter;
    private readonly HostState _host =
        new(new HostInfo { Id = "h", Name = "h", BootUnixMs = 1_700_000_000_000 }, 1000, []);

    private long _tick;

    public HostExporterTests()
    {
        _load = _builder.Define(Metrics.Load1);
        _bus.Announce(_host);
        _exporter = new HostExporter(
            "h", _bus, () => _host, new SelfFamilies(new Counters(), "1.2.3", () => null), _time, 50);
    }

    public void Dispose() => _exporter.Dispose();

    [Fact]
    public async Task A_scrape_gets_the_last_frame()
    {
        Tick(load: 20);
        Tick(load: 35);
        var scrape = await ReadAsync();
        Assert.Equal(0.35, Value(scrape, "node_load1{}"));
        Assert.Equal(1_700_000_000, Value(scrape, "node_boot_time_seconds{}"));
        Assert.Equal(1002.5, Value(scrape, "node_time_seconds{}"));
        Assert.Equal(1, Value(scrape, "hostscope_build_info{version=1.2.3}"));
        Assert.Equal(0, Value(scrape, "hostscope_metrics_omitted_samples{}"));
    }

    [Fact]
    public async Task A_storm_of_scrapes_writes_a_frame_once()
    {
        Tick(load: 1);
        var pages = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(ScrapeAsync)));
        Assert.Single(pages.Distinct());
        Tick(load: 2);
        var next = await ScrapeAsync();
        Assert.NotSame(pages[0], next);

        // The old page belongs to those who still send it.
        Assert.Contains("\nnode_load1 0.01\n", Encoding.UTF8.GetString(pages[0].Text.Span), StringComparison.Ordinal);
        Assert.Contains("\nnode_load1 0.02\n", Encoding.UTF8.GetString(next.Text.Span), StringComparison.Ordinal);
        Array.ForEach(pages, page => page.Release());
        next.Release();
    }

    [Fact]
    public async Task The_first_scrape_waits_for_the_first_frame()
    {
        var scrape = _exporter.ScrapeAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(scrape.IsCompleted);
        Tick(load: 7);
        var page = await scrape;
        Assert.Equal(1, page!.Sequence);
        page.Release();
    }

    [Fact]
    public async Task It_does_not_wait_for_ever()
    {
        var scrape = _exporter.ScrapeAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(scrape.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await scrape);
    }

    [Fact]
    public async Task A_frame_older_than_ten_intervals_is_not_told_as_news()
    {
        Tick(load: 1);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await ScrapeAsync()).Release();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _exporter.ScrapeAsync(TestContext.Current.CancellationToken));
        Tick(load: 2);
        (await ScrapeAsync()).Release();
    }

    [Fact]
    public async Task Tables_are_wanted_only_while_somebody_scrapes()
    {
        const Topics Tables = Topics.Processes | Topics.Cgroups;
        Assert.Equal(Topics.None, _bus.Wanted("h") & Tables);
        Tick(load: 1);
        (await ScrapeAsync()).Release();
        Assert.Equal(Tables, _bus.Wanted("h") & Tables);
        _time.Advance(HostExporter.WantTablesFor);
        Assert.Equal(Topics.None, _bus.Wanted("h") & Tables);
    }

    [Fact]
    public async Task Tables_of_every_tick_count_also_between_scrapes()
    {
        Tick(load: 1, ProcessGroupsTests.Process(1, "make", user: 10), ProcessGroupsTests.Process(2, "cc", user: 50));
        await EventuallyAsync(() => Value("hostscope_process_group_processes{group=cc}") == 1);
        Tick(load: 1, ProcessGroupsTests.Process(1, "make", user: 10));
        await EventuallyAsync(() => Value("hostscope_process_group_processes{group=cc}") == 0);
        Assert.Equal(0.5, Value("hostscope_process_group_cpu_seconds_total{group=cc,mode=user}"));
        Assert.Equal(1, Value("hostscope_process_groups{}"));
        Assert.Equal(0, Value("hostscope_processes_hidden{}"));
    }

    [Fact]
    public async Task Compressed_it_is_the_same_text()
    {
        Tick(load: 1);
        var page = await ScrapeAsync();
        await using var gzip = new GZipStream(new MemoryStream(page.Gzip.ToArray()), CompressionMode.Decompress);
        using var text = new MemoryStream();
        await gzip.CopyToAsync(text, TestContext.Current.CancellationToken);
        Assert.Equal(page.Text.ToArray(), text.ToArray());
        page.Release();
    }

    [Fact]
    public async Task To_take_a_frame_allocates_nothing()
    {
        // Three snapshots take turns; each grows to the size of a frame once.
        for (var i = 0; i < 10; i++)
        {
            Tick(load: i);
            (await ScrapeAsync()).Release();
        }

        _builder.Begin();
        _load.Set(1);
        var frame = _builder.Build(++_tick, 1, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _exporter.OnFrame(frame);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Tick(long load, params ProcessSample[] processes)
    {
        _builder.Begin();
        _load.Set(load);
        _tick++;
        if (processes.Length > 0)
        {
            _bus.Publish("h", ProcessGroupsTests.Table(_tick * 1_000_000_000, processes));
        }

        _bus.Publish("h", _builder.Build(_tick, (1000 + _tick) * 1000 + 500, _tick * 1_000_000_000));
    }

    private async Task<MetricsPage> ScrapeAsync() =>
        await _exporter.ScrapeAsync(TestContext.Current.CancellationToken)
        ?? throw new InvalidOperationException("The exporter has no page.");

    private async Task<Scrape> ReadAsync()
    {
        var page = await ScrapeAsync();
        var scrape = Scrape.Parse(Encoding.UTF8.GetString(page.Text.Span));
        page.Release();
        return scrape;
    }

    private double? Value(string key) =>
        ReadAsync().GetAwaiter().GetResult().Samples.SingleOrDefault(sample => sample.Key == key)?.Value;

    private static double Value(Scrape scrape, string key) => scrape.Samples.Single(sample => sample.Key == key).Value;

    private static Task EventuallyAsync(Func<bool> condition) => Eventually.TrueAsync(condition, "the condition");
}
