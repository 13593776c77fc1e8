using System.Text.Json;
using Hostscope.Gateway.Live;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: a viewer gets what docs/WIRE.md promises. Method: a real Kestrel and a real WebSocket client; ticks are
/// published by hand; every message is checked member by member.
/// </summary>
public sealed class LiveTests
{
    [Fact]
    public async Task A_hello_comes_first_even_before_the_first_sample()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync();
        var hello = await viewer.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal(1_764_000_000_123, hello.GetProperty("now").GetInt64());
        Assert.Equal(1000, hello.GetProperty("interval").GetInt32());
        Assert.Equal("web-1", hello.GetProperty("host").GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("host").GetProperty("kernel").ValueKind);
        Assert.Equal("load the driver", hello.GetProperty("capabilities")[1].GetProperty("remedy").GetString());
        Assert.Equal(0, hello.GetProperty("backlog").GetProperty("seq").GetArrayLength());

        server.Host.TickPlain(34, 100);
        Messages.CheckSchema(await viewer.ReceiveAsync("schema"));
        var frame = await viewer.ReceiveAsync("frame");
        Messages.CheckFrame(frame);
        Assert.Equal(JsonValueKind.Null, frame.GetProperty("dt").ValueKind);
    }

    [Fact]
    public async Task Frames_carry_rates_of_counters_and_levels_of_gauges_in_schema_order()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(34, 100);
        using var viewer = await server.WatchAsync();
        var hello = await viewer.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal(
            [
                "system.cpu.time{cpu.mode=user}", "system.cpu.time{cpu.logical_number=0,cpu.mode=user}",
                "system.cpu.load_average.1m{}",
            ],
            Messages.Keys(hello.GetProperty("schema")));

        server.Host.TickPlain(150, 250);
        var frame = await viewer.ReceiveAsync("frame");
        Messages.CheckFrame(frame);
        Assert.Equal(2, frame.GetProperty("seq").GetInt64());
        Assert.Equal(server.Host.UnixMs, frame.GetProperty("t").GetInt64());
        Assert.Equal(1000, frame.GetProperty("dt").GetDouble());
        Assert.Equal([1.5, 1.5, 1.5], Messages.Values(frame.GetProperty("v")));

        server.Host.TickPlain(150, 240); // The counter went back.
        Assert.Equal([null, null, 1.5], Messages.Values((await viewer.ReceiveAsync("frame")).GetProperty("v")));
    }

    [Fact]
    public async Task The_backlog_is_what_a_viewer_that_was_there_all_along_received()
    {
        await using var server = await Server.StartAsync();
        using var early = await server.WatchAsync();
        await early.ReceiveAsync("hello");
        var received = new List<(long, long, double?, List<double?>)>();
        var random = new Random(1);
        for (var i = 0; i < 340; i++)
        {
            server.Host.TickPlain(random.Next(500), 100 * i);
            if (i == 0)
            {
                await early.ReceiveAsync("schema");
            }

            var frame = await early.ReceiveAsync("frame");
            received.Add((frame.GetProperty("seq").GetInt64(), frame.GetProperty("t").GetInt64(),
                Messages.Value(frame.GetProperty("dt")), Messages.Values(frame.GetProperty("v"))));
        }

        using var late = await server.WatchAsync();
        var hello = await late.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal(300, hello.GetProperty("backlog").GetProperty("seq").GetArrayLength());
        for (var i = 0; i < 300; i++)
        {
            Assert.Equivalent(received[40 + i], Messages.BacklogFrame(hello, i), strict: true);
        }

        // The CPU time grew by 1 s a second throughout: one number stands for all.
        Assert.Equal(JsonValueKind.Number, hello.GetProperty("backlog").GetProperty("columns")[0].ValueKind);
        Assert.Equal(JsonValueKind.Array, hello.GetProperty("backlog").GetProperty("columns")[2].ValueKind);
    }

    [Fact]
    public async Task A_new_device_gives_a_new_schema_before_its_first_frame_and_is_absent_in_the_backlog_before()
    {
        await using var server = await Server.StartAsync();
        server.Host.Tick((Metrics.Load1, [], 1));
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        server.Host.Tick((Metrics.Load1, [], 2), (Metrics.DiskPending, ["sda"], 7), (Metrics.CpuCount, [], 4));
        var schema = await viewer.ReceiveAsync("schema");
        Messages.CheckSchema(schema);
        Assert.Equal(2, schema.GetProperty("version").GetInt32());
        Assert.Equal(
            [
                "system.cpu.logical.count{}", "system.cpu.load_average.1m{}",
                "system.disk.pending_operations{system.device=sda}",
            ],
            Messages.Keys(schema));
        Assert.Equal([4, 0.02, 7], Messages.Values((await viewer.ReceiveAsync("frame")).GetProperty("v")));

        using var late = await server.WatchAsync();
        var hello = await late.ReceiveAsync("hello");
        Assert.Equal([null, 0.01, null], Messages.BacklogFrame(hello, 0).V);
        Assert.Equal([4, 0.02, 7], Messages.BacklogFrame(hello, 1).V);
    }

    [Fact]
    public async Task Subscribing_gives_a_new_schema_at_once_and_then_only_those_series()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(34, 100);
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        await viewer.SendAsync("""{"type":"subscribe","topics":["cores"]}""");
        var schema = await viewer.ReceiveAsync("schema");
        Assert.Equal("[\"cores\"]", schema.GetProperty("topics").GetRawText());
        Assert.Equal(["system.cpu.time{cpu.logical_number=0,cpu.mode=user}"], Messages.Keys(schema));
        server.Host.TickPlain(34, 150);
        var frame = await viewer.ReceiveAsync("frame");
        Assert.Equal(2, frame.GetProperty("seq").GetInt64());
        Assert.Equal([0.5], Messages.Values(frame.GetProperty("v")));

        await viewer.SendAsync("""{"type":"subscribe","topics":[]}""");
        Assert.Empty(Messages.Keys(await viewer.ReceiveAsync("schema")));
    }

    [Fact]
    public async Task Topics_in_the_address_hold_from_the_hello_on()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(34, 100);
        using var viewer = await server.WatchAsync("/api/v1/hosts/web-1/live?topics=system");
        var hello = await viewer.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal("[\"system\"]", hello.GetProperty("schema").GetProperty("topics").GetRawText());
        Assert.Equal(2, Messages.Keys(hello.GetProperty("schema")).Count);
    }

    [Fact]
    public async Task A_resync_gives_a_new_hello_whose_backlog_ends_with_the_newest_frame()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(1, 1);
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        server.Host.TickPlain(2, 2);
        await viewer.ReceiveAsync("frame");
        await viewer.SendAsync("""{"type":"resync","unknown":{"members":["are","ignored"]}}""");
        var hello = await viewer.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal("[1,2]", hello.GetProperty("backlog").GetProperty("seq").GetRawText());
        server.Host.TickPlain(3, 3);
        Assert.Equal(3, (await viewer.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Resyncs_within_a_tick_give_one_hello_so_asking_multiplies_nothing()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(1, 1);
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        for (var i = 0; i < 10; i++)
        {
            await viewer.SendAsync("""{"type":"resync"}""");
        }

        await viewer.SendAsync("""{"type":"subscribe","topics":["system"]}""");
        var hello = await viewer.ReceiveAsync("hello"); // Other topics: another hello.
        Assert.Equal("[\"system\"]", hello.GetProperty("schema").GetProperty("topics").GetRawText());
        Assert.Equal(2, server.Counters.HellosSent);
    }

    [Fact]
    public async Task Two_viewers_get_the_same_bytes()
    {
        await using var server = await Server.StartAsync();
        using var one = await server.WatchAsync();
        using var other = await server.WatchAsync("/api/v1/hosts/web-1/live?topics=cores,system");
        await one.ReceiveAsync("hello");
        await other.ReceiveAsync("hello");
        for (var i = 0; i < 5; i++)
        {
            server.Host.TickPlain(i, 7 * i);
            var count = i == 0 ? 2 : 1; // A schema with the first.
            for (var message = 0; message < count; message++)
            {
                Assert.Equal(await one.ReceiveBytesAsync(), await other.ReceiveBytesAsync());
            }
        }
    }

    [Fact]
    public async Task A_host_whose_numbering_begins_anew_gives_its_viewers_a_new_hello()
    {
        await using var server = await Server.StartAsync();
        server.Host.TickPlain(1, 1);
        server.Host.TickPlain(2, 2);
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        server.Host.Restart();
        server.Host.TickPlain(3, 3);
        var hello = await viewer.ReceiveAsync("hello");
        Messages.CheckHello(hello);
        Assert.Equal("[1]", hello.GetProperty("backlog").GetProperty("seq").GetRawText());
        server.Host.TickPlain(4, 4);
        Assert.Equal(2, (await viewer.ReceiveAsync("frame")).GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task A_hello_is_at_most_a_megabyte_and_keeps_the_newest_frames()
    {
        await using var server = await Server.StartAsync();
        const int Series = 1_000;
        var random = new Random(2);
        for (var tick = 0; tick < 300; tick++)
        {
            server.Host.Tick([.. Enumerable.Range(0, Series)
                .Select(i => (Metrics.DiskPending, new[] { $"sd{i}" }, (long)random.Next(1_000_000)))]);

            // The inbox holds 16 frames, the test makes them faster than any sampler.
            await Eventually.True(
                () => server.LocalPulse?.Sequence == tick + 1, "the encoder takes the frame");
        }

        using var viewer = await server.WatchAsync();
        var bytes = await viewer.ReceiveBytesAsync();
        var hello = WebSocketClient.Parse(bytes);
        Messages.CheckHello(hello);
        Assert.InRange(bytes.Length, Wire.MaxHelloBytes / 2, Wire.MaxHelloBytes + 200);
        var seq = hello.GetProperty("backlog").GetProperty("seq");
        Assert.InRange(seq.GetArrayLength(), 50, 299);
        Assert.Equal(300, seq[seq.GetArrayLength() - 1].GetInt64());
    }

    [Fact]
    public async Task A_faster_host_keeps_three_hundred_seconds_as_well()
    {
        await using var server = await Server.StartAsync(intervalMs: 60_000);
        for (var i = 0; i < 9; i++)
        {
            server.Host.TickPlain(i, i);
        }

        await Eventually.True(() => server.LocalPulse is { Sequence: 9 }, "all are encoded");
        using var viewer = await server.WatchAsync();
        var hello = await viewer.ReceiveAsync("hello");
        Assert.Equal("[5,6,7,8,9]", hello.GetProperty("backlog").GetProperty("seq").GetRawText());
    }
}
