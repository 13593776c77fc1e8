using System.Diagnostics;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: a signal ends the program in order and soon, whoever is watching. Method: the published binary, viewers by the
/// wire, one of them stalled.
/// </summary>
public sealed class StopTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(Server.Sigterm)]
    [InlineData(Server.Sigint)]
    public async Task A_signal_closes_viewers_with_1001_and_ends_with_0(int signal)
    {
        await using var server = await Server.StartAsync();
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        var clock = Stopwatch.StartNew();
        var ending = server.EndWellAsync(signal);
        while (await viewer.NextAsync() is not null)
        {
        }

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, viewer.CloseStatus);
        await ending;
        Assert.True(clock.Elapsed < Soon, $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task A_viewer_that_has_stopped_reading_does_not_delay_the_end()
    {
        await using var server = await Server.StartAsync("--interval", "0.1");
        using var stalled = new TcpClient { ReceiveBufferSize = 2048 };
        await stalled.ConnectAsync("127.0.0.1", server.Address.Port, TestContext.Current.CancellationToken);
        var request = $"GET /api/v1/hosts/local/stream HTTP/1.1\r\nHost: {server.Address.Authority}\r\n\r\n";
        await stalled.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        await using var viewer = await server.ViewAsync();
        for (var frames = 0; frames < 10; frames++)
        {
            await viewer.FirstAsync("frame");
        }

        var clock = Stopwatch.StartNew();
        await server.EndWellAsync();
        Assert.True(clock.Elapsed < Soon, $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task Start_and_end_are_in_the_log()
    {
        await using var server = await Server.StartAsync();
        await server.EndWellAsync();
        var log = string.Join('\n', server.Error.Lines);
        Assert.Contains($"Version 0.1.0 shows ", log, StringComparison.Ordinal);
        Assert.Contains($"at {server.Address.ToString().TrimEnd('/')}.", log, StringComparison.Ordinal);
        Assert.Contains("Asked to end.", log, StringComparison.Ordinal);
        Assert.Contains("Ended after ", server.Error.Lines[^1], StringComparison.Ordinal);
    }
}
