using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hostscope.Gateway.Http;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: many that mean ill cost little and are gone, and those who watch lose nothing: viewers that never read (D-01),
/// too many viewers (D-04), bodies too large or compressed (D-07, D-10), floods of pings (D-09). Method: clients by
/// hand in numbers that a test bears, a good viewer beside them that checks every sequence number, the test's clock.
/// </summary>
public sealed class FloodTests
{
    private const int Many = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Viewers_that_never_read_are_all_cut_after_ten_seconds_and_hold_little_until_then()
    {
        await using var server = await Server.StartAsync();
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        Tick(server);
        await good.ReceiveAsync("schema");
        await good.ReceiveAsync("frame");
        var sentBefore = server.Counters.BytesSent;
        var stalled = new List<RawViewer>();
        for (var i = 0; i < Many; i++)
        {
            stalled.Add(await RawViewer.OpenAsync(server.Address));
        }

        // Ticks until the buffers of all are full: each tick that is not taken is replaced by the next.
        await Eventually.True(() => server.Counters.Viewers == Many + 1, "all are on");
        for (var i = 2; i < 30; i++)
        {
            Assert.Equal(i, Tick(server));
            Assert.Equal(i, (await good.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
        }

        var perViewer = (server.Counters.BytesSent - sentBefore) / Many;
        Assert.InRange(perViewer, 1, 256 * 1024);
        Assert.InRange(server.Counters.FramesReplaced, Many, long.MaxValue);
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.True(() => server.Counters.Viewers == 1, "they are cut off");
        Assert.Equal(Many, server.Counters.SlowCloses);
        Assert.Equal(30, Tick(server));
        Assert.Equal(30, (await good.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
        stalled.ForEach(viewer => viewer.Dispose());
    }

    [Fact]
    public async Task Viewers_beyond_the_limit_are_told_so_and_the_others_lose_nothing()
    {
        await using var server = await Server.StartAsync(options =>
        {
            options.MaxViewers = Many;
            options.PingIntervalSeconds = 300; // These answer none, and are to stay for more than a minute.
        });
        server.Host.TickPlain(1, 1);
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        var others = new List<RawViewer>();
        for (var i = 1; i < 3 * Many; i++)
        {
            var viewer = new RawViewer();
            others.Add(viewer);
            var answer = await viewer.RequestAsync(server.Address, Handshake(server));
            var isServed = i < Many;
            Assert.StartsWith(isServed ? "HTTP/1.1 101 " : "HTTP/1.1 503 ", answer, StringComparison.Ordinal);
            Assert.Equal(!isServed, answer.Contains("Retry-After: 5\r\n", StringComparison.Ordinal));
            var sequence = server.Host.TickPlain(i, i);
            Assert.Equal(sequence, (await good.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
        }

        Assert.Equal(2 * Many, server.Counters.ViewersRefused);
        Assert.Single(server.Log.With(4008)); // Once a minute, not once each.
        server.Time.Advance(TimeSpan.FromMinutes(1));
        using (var late = new RawViewer())
        {
            Assert.StartsWith(
                "HTTP/1.1 503 ", await late.RequestAsync(server.Address, Handshake(server)), StringComparison.Ordinal);
        }

        Assert.Contains(
            $", {2 * Many} since the last such line", server.Log.With(4008).Last().Text, StringComparison.Ordinal);
        others.ForEach(viewer => viewer.Dispose());
        await Eventually.True(() => server.Counters.Viewers == 1, "those who left are counted out");
        using var next = await server.WatchAsync();
        await next.ReceiveAsync("hello");
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_at_once_and_viewers_do_not_count()
    {
        const int Most = 20;
        await using var server = await Server.StartAsync(options => options.MaxConnections = Most);
        var others = new List<RawViewer>();
        for (var i = 0; i < Most + 10; i++)
        {
            others.Add(await RawViewer.OpenAsync(server.Address)); // More of them than connections may be.
        }

        var silent = new List<RawViewer>();
        for (var i = 0; i < Most; i++)
        {
            var client = new RawViewer();
            silent.Add(client);
            Assert.StartsWith("HTTP/1.1 404 ", await AnswerAsync(client, server), StringComparison.Ordinal);
        }

        using (var tooMany = new RawViewer())
        {
            Assert.Equal("", await AnswerAsync(tooMany, server));
        }

        silent[0].Dispose();
        await Eventually.True(
            () =>
            {
                using var next = new RawViewer();
                return AnswerAsync(next, server).WaitAsync(Eventually.Deadline).GetAwaiter().GetResult().Length > 0;
            },
            "the place of one that left is free");
        Assert.Equal(Most + 10, server.Counters.Viewers);
        silent.ForEach(client => client.Dispose());
        others.ForEach(viewer => viewer.Dispose());
    }

    [Fact]
    public async Task A_flood_of_pings_closes_with_1008_once_it_exceeds_the_bytes_that_may_come_at_once()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await RawViewer.OpenAsync(server.Address);
        byte[] ping = [0x89, 0x80, 0, 0, 0, 0];
        var pings = Enumerable.Repeat(ping, 262_144 / ping.Length).SelectMany(bytes => bytes).ToArray();
        await viewer.SendAsync(pings);
        await viewer.ReceiveUntilAsync(RawViewer.Opcode.Pong);
        Assert.Equal(0, server.Counters.ProtocolCloses);
        await viewer.SendAsync(ping);
        await viewer.SendAsync(ping);
        var close = await viewer.ReceiveUntilAsync(RawViewer.Opcode.Close);
        Assert.Equal(1008, BinaryPrimitives.ReadUInt16BigEndian(close));
        Assert.Equal("more than 65536 bytes a second", Encoding.UTF8.GetString(close.AsSpan(2)));
        server.Time.Advance(TimeSpan.FromSeconds(1.5));
        await Eventually.True(() => server.Counters.Viewers == 0, "it is gone");
    }

    [Fact]
    public async Task Pings_within_the_budget_go_on_for_ever()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await RawViewer.OpenAsync(server.Address);
        byte[] payload = new byte[119];
        for (var second = 0; second < 10; second++)
        {
            for (var i = 0; i < 500; i++)
            {
                await viewer.SendAsync(RawViewer.Opcode.Ping, payload); // 125 bytes each: 62,500 a second.
            }

            payload[0]++;
            await viewer.SendAsync(RawViewer.Opcode.Ping, payload);
            while ((await viewer.ReceiveUntilAsync(RawViewer.Opcode.Pong))[0] != payload[0])
            {
            }

            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((1, 0), (server.Counters.Viewers, server.Counters.ProtocolCloses));
    }

    [Theory]
    [InlineData(413, "Content-Length: 65537\r\n")]
    [InlineData(415, "Content-Length: 20\r\nContent-Encoding: gzip\r\n")]
    [InlineData(400, "Transfer-Encoding: chunked\r\nContent-Encoding: br\r\n")]
    public async Task A_body_that_is_too_large_or_compressed_is_refused_before_it_is_read(int status, string headers)
    {
        await using var server = await Server.StartAsync();
        using var client = new RawViewer();
        var answer = await client.RequestAsync(
            server.Address, $"POST /api/v1/hosts HTTP/1.1\r\nHost: {server.Address.Authority}\r\n{headers}\r\n");
        Assert.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(10_000, 1_000, 2_048, false, 1_000, 2_048)]
    [InlineData(1_024, 1_000, 2_048, true, 672, 224)]
    [InlineData(200, 9_000, 2_048, true, 54, 18)]
    public void Limits_that_the_descriptors_do_not_suffice_for_are_lowered(
        long most, int viewers, int connections, bool isLowered, int viewersThen, int connectionsThen)
    {
        var options = new GatewayOptions { MaxViewers = viewers, MaxConnections = connections };
        Assert.Equal(isLowered ? most : null, Descriptors.Fit(options, most));
        Assert.Equal((viewersThen, connectionsThen), (options.MaxViewers, options.MaxConnections));
    }

    [Fact]
    public async Task The_counters_of_status_and_metrics_are_those_of_what_happened()
    {
        await using var server = await Server.StartAsync();
        using (var viewer = await RawViewer.OpenAsync(server.Address))
        {
            Assert.NotNull(await viewer.ReceiveMessageAsync());
            server.Host.TickPlain(1, 1);
            Assert.NotNull(await viewer.ReceiveMessageAsync());
            Assert.NotNull(await viewer.ReceiveMessageAsync());
            await viewer.SendAsync(RawViewer.Opcode.Binary, [1]);
            await viewer.ReceiveUntilAsync(RawViewer.Opcode.Close);
        }

        await Eventually.True(() => server.Counters.Viewers == 0, "it is gone");
        var status = WebSocketClient.Parse(await server.Http.GetByteArrayAsync("/api/v1/status", Ct));
        var viewers = status.GetProperty("viewers");
        var scrape = server.Http.GetStringAsync("/metrics", Ct);
        await Eventually.True(
            () =>
            {
                server.Host.TickPlain(2, 2); // It waits for one.
                return scrape.IsCompleted;
            },
            "it is answered");
        var metrics = await scrape;
        foreach (var (member, family, value) in new (string, string, long)[]
        {
            ("connected", "hostscope_viewers", 0), ("total", "hostscope_viewers_seen_total", 1),
            ("refused", "hostscope_viewers_refused_total", 0), ("framesSent", "hostscope_frames_sent_total", 1),
            ("framesReplaced", "hostscope_frames_replaced_total", 0),
            ("bytesSent", "hostscope_bytes_sent_total", server.Counters.BytesSent),
            ("slowCloses", "hostscope_viewers_cut_total", 0),
            ("unansweredPings", "hostscope_viewers_silent_total", 0),
            ("protocolCloses", "hostscope_viewers_closed_total", 1),
        })
        {
            Assert.Equal(value, viewers.GetProperty(member).GetInt64());
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\n{family} {value}\n"), metrics,
                StringComparison.Ordinal);
        }
    }

    private static long Tick(Server server) => server.Host.Tick(
    [
        .. Enumerable.Range(0, 2_000).Select(n => (Model.Metrics.DiskPending, new[] { $"sd{n}" }, 1_000_000L + n)),
    ]);

    /// <summary>What a request is answered, after which the connection stays; nothing when it was closed.</summary>
    private static async Task<string> AnswerAsync(RawViewer client, Server server)
    {
        try
        {
            return await client.RequestAsync(
                server.Address, $"GET /none HTTP/1.1\r\nHost: {server.Address.Authority}\r\n\r\n");
        }
        catch (SocketException)
        {
            return ""; // Closed with the request unread, which resets it.
        }
    }

    private static string Handshake(Server server) =>
        $"GET /api/v1/hosts/local/live HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: Upgrade\r\n"
        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}
