using System.Net;
using System.Net.WebSockets;
using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// The gateway on a real Kestrel, on a free port of 127.0.0.1, with a clock and a bus that the test drives.
/// </summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app, InProcessBus bus, FakeTimeProvider time, TestHost host, RecordedLog log)
    {
        _app = app;
        Bus = bus;
        Time = time;
        Host = host;
        Log = log;
        Address = new Uri(app.Urls.First());
        Http = new HttpClient(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            ResponseDrainTimeout = TimeSpan.Zero, // A stream that is left is left at once.
        })
        {
            BaseAddress = Address,
        };
    }

    public InProcessBus Bus { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>The host that <c>local</c> means.</summary>
    public TestHost Host { get; }

    public RecordedLog Log { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public Counters Counters => _app.Services.GetRequiredService<Counters>();

    public Pulse? LocalPulse => _app.Services.GetRequiredService<LiveHosts>().PulseOf(Host.Id);

    public IServiceProvider Services => _app.Services;

    public static async Task<Server> StartAsync(
        Action<GatewayOptions>? configure = null, IPageFiles? page = null, int intervalMs = 1000,
        Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var bus = new InProcessBus();
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_123));
        var host = new TestHost(bus, intervalMs: intervalMs);
        var log = new RecordedLog();
        // The framework's line for each request decodes the Host header, and throws where that is no name at all.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<IFrameBus>(bus);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(page ?? new MemoryPage());
        services?.Invoke(builder.Services);
        builder.Services.AddHostscopeGateway(options =>
        {
            options.LocalHostId = host.Id;
            configure?.Invoke(options);
        });
        var app = builder.Build();
        app.MapHostscopeGateway();
        await app.StartAsync();
        return new Server(app, bus, time, host, log);
    }

    /// <summary>Opens a WebSocket; the path is that of the local host's live messages unless said otherwise.</summary>
    public async Task<WebSocketClient> WatchAsync(
        string path = "/api/v1/hosts/local/live", Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        configure?.Invoke(socket.Options);
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}{path}"), deadline.Token);
        return new WebSocketClient(socket);
    }

    /// <summary>Begins to stop, as at SIGTERM; what it returns ends when the server has stopped.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            // The clock of the test stands still, so nobody would cut off what does not answer.
            await _app.StopAsync(patience.Token);
        }

        await _app.DisposeAsync();
    }
}
