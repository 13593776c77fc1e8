using System.Net;
using System.Net.Sockets;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: a container engine that starts `hostscope health` learns whether the server beside it works. Method: the
/// published binary asks itself.
/// </summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_server_that_samples_is_healthy()
    {
        await using var server = await Server.StartAsync();
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        await using var health = await Server.RunAsync(
            [], "health", "--listen", server.Address.ToString());
        Assert.Matches("^ok: the last sample was taken [0-9.]+ s ago$", Assert.Single(health.Output.Lines));
        Assert.Equal(0, await health.EndAsync());
    }

    [Fact]
    public async Task A_server_on_every_address_is_asked_over_loopback()
    {
        await using var server = await Server.StartAsync("--listen", "http://0.0.0.0:0", "--no-auth");
        await server.Error.FirstAsync(line => line.Contains("Version 0.1.0 shows ", StringComparison.Ordinal));
        await using var health = await Server.RunAsync(
            new() { ["HOSTSCOPE_LISTEN"] = server.Address.ToString() }, "health", "--no-auth");

        // It may have come before the first sample: what counts is that the server itself has answered.
        var line = Assert.Single([.. health.Output.Lines, .. health.Error.Lines]);
        Assert.Matches("(ok: |no sample has been taken yet)", line);
    }

    [Fact]
    public async Task Nobody_there_is_said_and_is_69()
    {
        await using var health = await Server.RunAsync([], "health", "--listen", "http://127.0.0.1:1");
        Assert.Equal("hostscope: http://127.0.0.1:1: Connection refused", Assert.Single(health.Error.Lines));
        Assert.Equal(69, await health.EndAsync());
    }

    [Fact]
    public async Task Another_program_on_the_port_is_no_healthy_server()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://{listener.LocalEndpoint}";
        var answering = AnswerAsync(listener, "SSH-2.0-OpenSSH_9.2\r\n");
        await using var health = await Server.RunAsync([], "health", "--listen", address);
        await answering;
        Assert.Equal(69, await health.EndAsync());
        Assert.StartsWith($"hostscope: {address}: ", Assert.Single(health.Error.Lines), StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(TcpListener listener, string text)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Server.Deadline);
        using var client = await listener.AcceptTcpClientAsync(deadline.Token);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), deadline.Token);
    }
}
