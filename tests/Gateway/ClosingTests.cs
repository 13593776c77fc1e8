using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: whatever a viewer does, the others do not notice and the server lives (D-01, D-02, D-03, D-07, O-01). Method:
/// good clients beside a client by hand that stops reading, sends what is not allowed, or says nothing; the clock is
/// the test's.
/// </summary>
public sealed class ClosingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Enough that a few frames fill every buffer between server and viewer.</summary>
    private const int LargeSeries = 2_000;

    [Fact]
    public async Task A_viewer_that_does_not_read_delays_nobody_and_gets_the_newest_frame_next()
    {
        await using var server = await Server.StartAsync();
        Tick(server, 0);
        using var stalled = await RawViewer.OpenAsync(server.Address);
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        const int Ticks = 100;
        for (var i = 1; i < Ticks; i++)
        {
            Tick(server, i);
            Assert.Equal(i + 1, (await good.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
        }

        Assert.True(server.Counters.FramesReplaced > 50, $"{server.Counters.FramesReplaced} were replaced");
        Assert.Equal(0, server.Counters.FramesLost);
        var warning = Assert.Single(server.Log.With(4003));
        Assert.Equal(LogLevel.Warning, warning.Level);

        // It wakes up: a few old frames that were on their way, then the newest at once.
        var hello = WebSocketClient.Parse(await stalled.ReceiveMessageAsync());
        var last = hello.GetProperty("backlog").GetProperty("seq")[0].GetInt64();
        var received = 0;
        while (last < Ticks)
        {
            var frame = WebSocketClient.Parse(await stalled.ReceiveMessageAsync());
            Assert.True(frame.GetProperty("seq").GetInt64() > last);
            last = frame.GetProperty("seq").GetInt64();
            received++;
        }

        // Those that its own buffers held, one that was begun, and the newest: nothing old waits on our side.
        Assert.InRange(received, 1, 6);
    }

    [Fact]
    public async Task A_viewer_to_whom_nothing_can_be_sent_for_ten_seconds_is_cut_off()
    {
        await using var server = await Server.StartAsync();
        Tick(server, 0);
        using var stalled = await RawViewer.OpenAsync(server.Address);
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        for (var i = 1; i < 60; i++)
        {
            Tick(server, i);
            await good.ReceiveAsync("frame");
        }

        server.Time.Advance(TimeSpan.FromSeconds(9.5));
        Assert.Equal(0, server.Counters.SlowCloses);
        server.Time.Advance(TimeSpan.FromSeconds(0.5));
        await Eventually.True(() => server.Counters.SlowCloses == 1 && server.Counters.Viewers == 1, "it is cut off");
        Assert.Single(server.Log.With(4004));
        Tick(server, 60);
        await good.ReceiveAsync("frame");
        await Eventually.True(() => server.Log.With(4001).Any(), "its leaving is logged");
    }

    [Fact]
    public async Task A_stream_that_is_not_read_for_ten_seconds_is_cut_off_as_well()
    {
        await using var server = await Server.StartAsync();
        Tick(server, 0);
        using var stalled = new RawViewer();
        await stalled.RequestAsync(
            server.Address, $"GET /api/v1/hosts/local/stream HTTP/1.1\r\nHost: {server.Address.Authority}\r\n\r\n");
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        for (var i = 1; i < 60; i++)
        {
            Tick(server, i);
            await good.ReceiveAsync("frame");
        }

        server.Time.Advance(TimeSpan.FromSeconds(11));
        await Eventually.True(() => server.Counters.SlowCloses == 1 && server.Counters.Viewers == 1, "it is cut off");
    }

    [Fact]
    public async Task A_viewer_that_answers_no_ping_is_gone()
    {
        await using var server = await Server.StartAsync();
        using var silent = await RawViewer.OpenAsync(server.Address);
        using var good = await RawViewer.OpenAsync(server.Address);
        Assert.NotNull(await good.ReceiveMessageAsync());
        Assert.NotNull(await silent.ReceiveMessageAsync());
        server.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(RawViewer.Opcode.Ping, (await good.ReceiveAsync())!.Value.Opcode);
        Assert.Equal(RawViewer.Opcode.Ping, (await silent.ReceiveAsync())!.Value.Opcode);
        await good.SendAsync(RawViewer.Opcode.Pong, []);
        await good.SendAsync(RawViewer.Opcode.Text, """{"type":"subscribe","topics":["cores"]}"""u8.ToArray());
        Assert.NotNull(await good.ReceiveMessageAsync()); // So the pong has been read.
        server.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(2, server.Counters.Viewers);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(() => server.Counters.Viewers == 1, "the silent one is cut off");
        Assert.Equal((1, 0), (server.Counters.UnansweredPings, server.Counters.SlowCloses));
        Assert.Null(await silent.ReceiveAsync());
        server.Host.TickPlain(1, 1);
        Assert.NotNull(await good.ReceiveMessageAsync());
    }

    [Theory]
    [InlineData(
        """{"type":"subscribe","topics":["everything"]}""",
        "'topics' has an unknown entry; known are: system, cores, processes, cgroups")]
    [InlineData("hello", "not a JSON object")]
    [InlineData("", "not a JSON object")]
    public async Task A_message_that_is_none_of_ours_closes_with_1008_and_the_reason(string text, string reason)
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        await viewer.SendAsync(text);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, reason), await viewer.ReceiveCloseAsync());
        await Eventually.True(() => server.Counters is { Viewers: 0, ProtocolCloses: 1 }, "it is gone and counted");
    }

    [Fact]
    public async Task More_than_twenty_messages_in_a_second_close_with_1008()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        for (var i = 0; i < 20; i++)
        {
            await viewer.SendAsync("""{"type":"resync"}""");
        }

        await viewer.ReceiveAsync("hello");
        await viewer.SendAsync("""{"type":"resync"}""");
        Assert.Equal(
            (WebSocketCloseStatus.PolicyViolation, "more than 20 messages in a second"),
            await viewer.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Twenty_messages_in_each_second_are_fine()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(1, 1);
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 19; i++)
            {
                await viewer.SendAsync("""{"type":"resync"}""");
            }

            // The answer to the last one tells that all were read.
            await viewer.SendAsync(second % 2 == 0
                ? """{"type":"subscribe","topics":["cores"]}"""
                : """{"type":"subscribe","topics":["system"]}""");
            await viewer.ReceiveBytesAsync();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_message_of_sixteen_kibibytes_is_read_and_one_byte_more_closes_with_1009()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        await viewer.SendAsync(Padded(16 * 1024));
        await viewer.ReceiveAsync("schema");
        await viewer.SendAsync(Padded((16 * 1024) + 1));
        Assert.Equal(
            (WebSocketCloseStatus.MessageTooBig, "a message has at most 16384 bytes"),
            await viewer.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_large_message_closes_with_1009_though_the_rest_of_it_is_still_coming()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        await viewer.SendAsync(new string('x', 1 << 20));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, (await viewer.ReceiveCloseAsync()).Status);
    }

    [Fact]
    public async Task Fragments_without_end_close_with_1009()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        for (var i = 0; i < 3; i++)
        {
            await viewer.SendAsync(new byte[6_000].Select(_ => (byte)' ').ToArray(), WebSocketMessageType.Text, false);
        }

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, (await viewer.ReceiveCloseAsync()).Status);
    }

    [Fact]
    public async Task A_binary_message_closes_with_1003()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        await viewer.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal(
            (WebSocketCloseStatus.InvalidMessageType, "messages are JSON text, not binary"),
            await viewer.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_viewer_that_closes_is_answered_and_gone()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        await viewer.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Ct);
        Assert.Equal(WebSocketState.Closed, viewer.Socket.State);
        await Eventually.True(() => server.Counters.Viewers == 0, "it is gone");
    }

    [Fact]
    public async Task At_shutdown_every_viewer_is_closed_with_1001_and_the_server_ends()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(1, 1);
        using var one = await server.WatchAsync();
        using var other = await server.WatchAsync();
        await one.ReceiveAsync("hello");
        await other.ReceiveAsync("hello");
        using var stream = await server.Http.GetStreamAsync("/api/v1/hosts/local/stream", Ct);
        await Eventually.True(() => server.Counters.HellosSent == 3, "the stream is on");
        var stopped = server.StopAsync();
        var expected = (WebSocketCloseStatus.EndpointUnavailable, "the server is going down; reconnect");
        Assert.Equal(expected, await one.ReceiveCloseAsync());
        Assert.Equal(expected, await other.ReceiveCloseAsync());
        using var reader = new StreamReader(stream);
        Assert.EndsWith("\n\n", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
        await stopped.WaitAsync(TimeSpan.FromSeconds(5), Ct);
        Assert.Equal(LogLevel.Information, Assert.Single(server.Log.With(4006)).Level);
    }

    [Fact]
    public async Task At_shutdown_a_viewer_that_does_not_answer_is_cut_off_soon()
    {
        await using var server = await Server.StartAsync();
        using var silent = await RawViewer.OpenAsync(server.Address);
        await Eventually.True(() => server.Counters.HellosSent == 1, "it is on");
        var stopped = server.StopAsync();
        Assert.Equal(1001, await silent.ReceiveCloseAsync());
        server.Time.Advance(TimeSpan.FromSeconds(3));
        await stopped.WaitAsync(TimeSpan.FromSeconds(5), Ct);
    }

    [Fact]
    public async Task One_viewer_too_many_is_sent_away_with_503_and_may_come_when_another_has_left()
    {
        await using var server = await Server.StartAsync(options => options.MaxViewers = 1);
        using (var first = await server.WatchAsync())
        {
            using var answer = await server.Http.GetAsync("/api/v1/hosts/local/stream", Ct);
            Assert.Equal(503, (int)answer.StatusCode);
            Assert.Equal("5", answer.Headers.GetValues("Retry-After").Single());
            Assert.Contains("maxViewers", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            await first.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
        }

        await Eventually.True(() => server.Counters.Viewers == 0, "it has left");
        using var second = await server.WatchAsync();
        await second.ReceiveAsync("hello");
        Assert.Equal(1, server.Counters.ViewersRefused);
    }

    [Fact]
    public async Task The_number_of_viewers_is_logged_at_most_once_a_minute()
    {
        await using var server = await Server.StartAsync(options => options.PingIntervalSeconds = 300);
        using var viewer = await server.WatchAsync();
        server.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(server.Log.With(4002));
        server.Time.Advance(TimeSpan.FromSeconds(2));
        var line = Assert.Single(server.Log.With(4002));
        Assert.Equal((LogLevel.Information, "1 viewers are watching"), (line.Level, line.Text));
        server.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Single(server.Log.With(4002)); // Nothing has changed.
    }

    private static string Padded(int length)
    {
        const string Message = """{"type":"subscribe","topics":["system"]}""";
        return Message + new string(' ', length - Message.Length);
    }

    private static void Tick(Server server, int i) => server.Host.Tick(
    [
        .. Enumerable.Range(0, LargeSeries)
            .Select(n => (Model.Metrics.DiskPending, new[] { $"sd{n}" }, 1_000_000L + (i * n))),
    ]);
}
