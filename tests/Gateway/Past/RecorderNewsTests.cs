using Hostscope.Bus;
using Hostscope.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: a viewer that comes has the minutes before the start, and learns of the recorder without asking. Method:
/// viewers by the wire, before a past that says what the test wants.
/// </summary>
public sealed class RecorderNewsTests
{
    /// <summary>A second before the first tick of the test host.</summary>
    private const long Before = 1_764_000_000_000;

    private readonly FakePast _past = new("web-1");

    [Fact]
    public async Task A_hello_begins_with_what_was_recorded_before_the_start()
    {
        // Numbered otherwise, in another order, with a series that is gone: only names count.
        var schema = new Schema(
            1,
            [
                new Series(70, Metrics.CpuTime, ["user"]), new Series(71, Metrics.Load5, []),
                new Series(72, Metrics.Load1, []),
            ]);
        _past.Frames =
        [
            new RecordedFrame(1, Recorded(schema, 40, -9_000, 100)),
            new RecordedFrame(1, Recorded(schema, 41, -8_000, 150)),
            new RecordedFrame(2, Recorded(schema, 1, 1_000, 7)), // The first tick of this run: it came live, too.
        ];
        await using var server = await StartAsync();
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        for (var isThere = false; !isThere;)
        {
            Assert.False(deadline.IsCancellationRequested, "The recorded minutes come into the backlog.");
            server.Host.TickPlain(20, 100);
            using var viewer = await server.WatchAsync();
            var seq = (await viewer.ReceiveAsync("hello")).GetProperty("backlog").GetProperty("seq");
            isThere = seq.GetArrayLength() > 0 && seq[0].GetInt64() == 40;
        }

        using var late = await server.WatchAsync();
        var hello = await late.ReceiveAsync("hello");
        var all = hello.GetProperty("backlog");
        Assert.StartsWith("[40,41,1,", all.GetProperty("seq").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith(
            $"[{Before - 9_000},{Before - 8_000},{Before + 1_000},",
            all.GetProperty("t").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith("[null,1000,null,", all.GetProperty("dt").GetRawText(), StringComparison.Ordinal);
        var series = hello.GetProperty("schema").GetProperty("series").EnumerateArray()
            .Select(item => item.GetProperty("name").GetString()).ToList();
        var columns = all.GetProperty("columns");
        Assert.StartsWith(
            "[null,0.5,null,", columns[series.IndexOf("system.cpu.time")].GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith(
            "[0.5,0.5,0.2",
            columns[series.IndexOf("system.cpu.load_average.1m")].GetRawText(), StringComparison.Ordinal);

        Frame Recorded(Schema of, long sequence, long afterMs, long cpu)
        {
            var frame = new Frame();
            frame.Set(of, [cpu, 1, 50], sequence, Before + afterMs, sequence * 1_000_000_000);
            return frame;
        }
    }

    [Fact]
    public async Task A_viewer_is_told_of_the_recorder_first_and_when_it_changes()
    {
        await using var server = await StartAsync();
        using var viewer = await server.WatchAsync();
        var hello = await viewer.ReceiveAsync("hello");
        Assert.Equal("recording", hello.GetProperty("recorder").GetProperty("state").GetString());
        server.Host.TickPlain(1, 1);
        await viewer.ReceiveAsync("schema");
        await viewer.ReceiveAsync("frame");
        _past.Tell(new HistoryEvent(7, 5, HistoryEventKind.Mark, "", "deploy 42", []));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        server.Host.TickPlain(1, 1);
        await viewer.ReceiveAsync("frame");
        var news = await viewer.ReceiveAsync("recorder");
        Assert.Equal("deploy 42", news.GetProperty("events")[0].GetProperty("text").GetString());
        server.Time.Advance(TimeSpan.FromSeconds(1));
        server.Host.TickPlain(1, 1);
        await viewer.ReceiveAsync("frame"); // And nothing of the recorder: nothing is new.
        server.Host.TickPlain(1, 1);
        await viewer.ReceiveAsync("frame");
    }

    [Fact]
    public async Task A_recorder_that_cannot_be_asked_is_said_once_a_minute_and_asked_again()
    {
        _past.StatusFailure = new InvalidOperationException("no status");
        await using var server = await StartAsync();
        for (var second = 0; second < 30; second++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Eventually.True(() => server.Log.With(4014).Any(), "it is said");
        Assert.Contains("no status", Assert.Single(server.Log.With(4014)).Text, StringComparison.Ordinal);
        server.Time.Advance(TimeSpan.FromSeconds(31));
        await Eventually.True(() => server.Log.With(4014).Count() == 2, "it is said again after a minute");
        _past.StatusFailure = null;
        server.Time.Advance(TimeSpan.FromSeconds(1));
        using var viewer = await server.WatchAsync();
        var hello = await viewer.ReceiveAsync("hello");
        Assert.Equal("recording", hello.GetProperty("recorder").GetProperty("state").GetString());
    }

    private Task<Server> StartAsync() => Server.StartAsync(services: services => services
        .AddSingleton<IHistories>(_past).AddSingleton<IMarks>(_past).AddSingleton<IEventFeed>(_past));
}
