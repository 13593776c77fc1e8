using System.Buffers.Binary;
using System.Text;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: every malformed frame and handshake gets its exact answer, ends that connection and no other (D-08), and
/// compression is never agreed to (D-10). Method: bytes by hand at a real server, a good viewer beside them.
/// </summary>
public sealed class MalformedTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Version = "Sec-WebSocket-Version: 13\r\n";
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// <summary>
    /// What is sent, in hex and with a mask of zeros, so that the payload can be read; the code; and what it is.
    /// </summary>
    public static TheoryData<string, int, string> Frames { get; } = new()
    {
        { "c1 82 00000000 7b7d", 1002, "a reserved bit is set, and no extension was agreed to" },
        { "a1 82 00000000 7b7d", 1002, "a reserved bit is set, and no extension was agreed to" },
        { "91 82 00000000 7b7d", 1002, "a reserved bit is set, and no extension was agreed to" },
        { "83 80 00000000", 1002, "a frame of an opcode that does not exist" },
        { "8b 80 00000000", 1002, "a frame of an opcode that does not exist" },
        { "81 02 7b7d", 1002, "a frame of a client must be masked" },
        { "80 80 00000000", 1002, "a continuation of no message" },
        { "01 81 00000000 7b 81 81 00000000 7d", 1002, "a message began within another" },
        { "09 80 00000000", 1002, "a control frame must not be fragmented" },
        { "89 fe 007e 00000000", 1002, "a control frame has at most 125 bytes" },
        { "81 fe 0002 00000000 7b7d", 1002, "a length must be positive and written in its shortest form" },
        { "81 ff 000000000000ffff 00000000", 1002, "a length must be positive and written in its shortest form" },
        { "81 ff 8000000000000000 00000000", 1002, "a length must be positive and written in its shortest form" },
        { "88 81 00000000 03", 1002, "a close with a code that must not be sent" },
        { "88 82 00000000 03ed", 1002, "a close with a code that must not be sent" },
        { "88 82 00000000 0001", 1002, "a close with a code that must not be sent" },
        { "88 83 00000000 03e8ff", 1007, "the reason of a close is not valid UTF-8" },
        { "81 82 00000000 c328", 1007, "a text is not valid UTF-8" },
        { "82 80 00000000", 1003, "messages are JSON text, not binary" },
        { "81 fe 4001 00000000", 1009, "a message has at most 16384 bytes" },
        { "81 ff 7fffffffffffffff 00000000", 1009, "a message has at most 16384 bytes" },
        { "81 80 00000000", 1008, "not a JSON object" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task A_malformed_frame_is_answered_with_its_code_and_ends_that_connection_alone(
        string hex, int code, string reason)
    {
        await using var server = await Server.StartAsync();
        using var good = await server.WatchAsync();
        await good.ReceiveAsync("hello");
        using var viewer = await RawViewer.OpenAsync(server.Address);
        await viewer.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        var close = await viewer.ReceiveUntilAsync(RawViewer.Opcode.Close);
        Assert.Equal(code, BinaryPrimitives.ReadUInt16BigEndian(close));
        Assert.Equal(reason, Encoding.UTF8.GetString(close.AsSpan(2)));
        server.Time.Advance(TimeSpan.FromSeconds(1.5)); // It does not answer the close.
        await Eventually.True(() => server.Counters.Viewers == 1, "it is gone");
        Assert.Equal(1, server.Counters.ProtocolCloses);
        server.Host.TickPlain(1, 1);
        await good.ReceiveAsync("schema");
        Assert.Empty(server.Log.With(4010));
    }

    [Theory]
    [InlineData("88 82 00000000 03e9", new byte[] { 0x03, 0xe9 })] // Its own code comes back,
    [InlineData("88 86 00000000 0bb8 627965 21", new byte[] { 0x0b, 0xb8 })] // without its words,
    [InlineData("88 80 00000000", new byte[0])] // and none where it gave none.
    public async Task A_close_is_answered_in_kind(string hex, byte[] answer)
    {
        await using var server = await Server.StartAsync();
        using var viewer = await RawViewer.OpenAsync(server.Address);
        await viewer.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(answer, await viewer.ReceiveUntilAsync(RawViewer.Opcode.Close));
        await Eventually.True(() => server.Counters.Viewers == 0, "it is gone");
        Assert.Equal(0, server.Counters.ProtocolCloses);
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_payload_and_the_newest_of_many_at_the_least()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await RawViewer.OpenAsync(server.Address);
        await viewer.SendAsync(RawViewer.Opcode.Ping, "one"u8.ToArray());
        Assert.Equal("one"u8.ToArray(), await viewer.ReceiveUntilAsync(RawViewer.Opcode.Pong));
        for (var i = 0; i < 100; i++)
        {
            await viewer.SendAsync(RawViewer.Opcode.Ping, [(byte)i]);
        }

        byte[] last;
        do
        {
            last = await viewer.ReceiveUntilAsync(RawViewer.Opcode.Pong);
        }
        while (last[0] != 99);
    }

    [Theory]
    [InlineData(400, Upgrade + Version)]
    [InlineData(400, Upgrade + Version + "Sec-WebSocket-Key: c2hvcnQ=\r\n")]
    [InlineData(400, Upgrade + Version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!!==\r\n")]
    [InlineData(400, Upgrade + Version + Key + Key)]
    [InlineData(426, Upgrade + Key)]
    [InlineData(426, Upgrade + Key + "Sec-WebSocket-Version: 8\r\n")]
    [InlineData(426, Upgrade + Key + "Sec-WebSocket-Version: 013\r\n")]
    [InlineData(426, "Connection: Upgrade\r\nUpgrade: h2c\r\n" + Version + Key)]
    [InlineData(426, "Upgrade: websocket\r\n" + Version + Key)]
    [InlineData(426, Version + Key)]
    [InlineData(101, "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" + Version + Key)]
    public async Task A_handshake_that_is_not_right_is_refused_by_its_own_status(int status, string headers)
    {
        await using var server = await Server.StartAsync();
        using var viewer = new RawViewer();
        var answer = await viewer.RequestAsync(server.Address, Request(server, headers));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(status == 101 ? 1 : 0, server.Counters.ViewersTotal);
        if (status == 101)
        {
            // RFC 6455, section 1.3: what this key is answered with.
            Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Compression_is_not_agreed_to()
    {
        await using var server = await Server.StartAsync();
        using var viewer = new RawViewer();
        var answer = await viewer.RequestAsync(server.Address, Request(
            server, Upgrade + Version + Key
                + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"));
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Extensions", answer, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(await viewer.ReceiveMessageAsync()); // Whose frames have no reserved bit: ReceiveAsync looks.
    }

    private static string Request(Server server, string headers) =>
        $"GET /api/v1/hosts/local/live HTTP/1.1\r\nHost: {server.Address.Authority}\r\n{headers}\r\n";
}
