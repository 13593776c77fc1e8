using System.Net.Http.Headers;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: <c>curl -N</c> gets the same messages as a WebSocket. Method: both on one server; the lines of the stream are
/// read as they stand in docs/WIRE.md.
/// </summary>
public sealed class StreamTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stream_has_the_same_messages_as_the_socket_with_the_tick_as_id()
    {
        await using var server = await Server.StartAsync();
        using var socket = await server.WatchAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/hosts/local/stream");
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal(new MediaTypeHeaderValue("text/event-stream", "utf-8"), answer.Content.Headers.ContentType);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("no", answer.Headers.GetValues("X-Accel-Buffering").Single());
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));

        Assert.Equal("event: hello", await ReadLineAsync(lines));
        Messages.CheckHello(Data(await ReadLineAsync(lines)));
        Assert.Equal("", await ReadLineAsync(lines));
        await socket.ReceiveAsync("hello");

        server.Host.TickPlain(34, 100);
        Assert.Equal("event: schema", await ReadLineAsync(lines));
        Assert.Equal(await NextAsync(socket), await ReadLineAsync(lines));
        Assert.Equal("", await ReadLineAsync(lines));
        for (var i = 1; i < 4; i++)
        {
            Assert.Equal("event: frame", await ReadLineAsync(lines));
            Assert.Equal($"id: {i}", await ReadLineAsync(lines));
            Assert.Equal(await NextAsync(socket), await ReadLineAsync(lines));
            Assert.Equal("", await ReadLineAsync(lines));
            server.Host.TickPlain(34 + i, 100 + i);
        }
    }

    [Fact]
    public async Task Every_byte_of_a_stream_is_counted()
    {
        await using var server = await Server.StartAsync();
        await using var stream = await server.Http.GetStreamAsync("/api/v1/hosts/local/stream", Ct);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var (read, ends) = (0L, 0);
        var one = new byte[1];
        for (var last = (byte)0; ends < 3;)
        {
            Assert.Equal(1, await stream.ReadAsync(one, deadline.Token));
            read++;
            if (one[0] == '\n' && last == '\n' && ++ends == 1)
            {
                server.Host.TickPlain(34, 100); // After the hello: a schema and a frame.
            }

            last = one[0];
        }

        await Eventually.True(() => server.Counters.BytesSent == read, $"{read} bytes were sent, and counted");
    }

    [Fact]
    public async Task A_stream_that_its_reader_leaves_is_gone()
    {
        await using var server = await Server.StartAsync();
        using (await server.Http.GetStreamAsync("/api/v1/hosts/local/stream?topics=system", Ct))
        {
            await Eventually.True(() => server.Counters.HellosSent == 1, "it is on");
        }

        await Eventually.True(() => server.Counters.Viewers == 0, "it is gone");
    }

    private static async Task<string?> ReadLineAsync(StreamReader lines)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        return await lines.ReadLineAsync(deadline.Token);
    }

    private static async Task<string> NextAsync(WebSocketClient socket) =>
        "data: " + System.Text.Encoding.UTF8.GetString(await socket.ReceiveBytesAsync());

    private static System.Text.Json.JsonElement Data(string? line)
    {
        Assert.StartsWith("data: ", line, StringComparison.Ordinal);
        return WebSocketClient.Parse(System.Text.Encoding.UTF8.GetBytes(line![6..]));
    }
}
