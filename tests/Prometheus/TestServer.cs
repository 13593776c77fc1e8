using System.Net;
using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Gateway;
using Hostscope.Model;
using Hostscope.Sampling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Hostscope on a free port of 127.0.0.1, of this machine or of one whose files are in a folder. The published binary
/// where HOSTSCOPE_BIN names it; else sampler, bus and gateway in the test's own process, wired as the product is.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly IAsyncDisposable _server;

    private TestServer(IAsyncDisposable server, Uri address)
    {
        _server = server;
        Address = address;
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static Task<TestServer> StartAsync(HostRoots? roots = null, int intervalMs = 1000) =>
        Environment.GetEnvironmentVariable("HOSTSCOPE_BIN") is { Length: > 0 } binary
            ? StartBinaryAsync(binary, roots, intervalMs)
            : StartHereAsync(roots ?? new HostRoots(), intervalMs);

    /// <summary>Scrapes <c>/metrics</c>.</summary>
    public async Task<Scrape> ScrapeAsync() => Scrape.Parse(await Http.GetStringAsync("/metrics"));

    /// <summary>Scrapes until the answer tells of a tick that began after a moment.</summary>
    public async Task<Scrape> ScrapeAfterAsync(DateTimeOffset moment)
    {
        Scrape? scrape = null;
        await Eventually.TrueAsync(
            async () =>
            {
                scrape = await ScrapeAsync();
                return TimeOf(scrape) > moment.ToUnixTimeMilliseconds() / 1000.0;
            },
            "a frame that was sampled later");
        return scrape!;
    }

    /// <summary>When the values of an answer were sampled, seconds since 1970.</summary>
    public static double TimeOf(Scrape scrape) => scrape.Families["node_time_seconds"].Single().Value;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task<TestServer> StartBinaryAsync(string binary, HostRoots? roots, int intervalMs)
    {
        var address = new Uri($"http://127.0.0.1:{Tool.FreePort()}");
        string[] files = roots is null
            ? []
            : ["--root", roots.Root, "--proc-root", roots.Proc, "--sys-root", roots.Sys];
        var tool = await Tool.ServeAsync(
            binary, "./dev publish", $"{address}healthz",
            ["--listen", address.ToString().TrimEnd('/'), "--interval", $"{intervalMs}ms", .. files]);
        return new TestServer(tool, address);
    }

    private static async Task<TestServer> StartHereAsync(HostRoots roots, int intervalMs)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var host = HostFacts.Read(roots);
        builder.Services
            .AddRoutingCore()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning))
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IFrameBus, InProcessBus>()
            .AddHostscopeSampling(
                host,
                new CollectorContext(roots, new FrameBuilder(), TimeProvider.System),
                new SamplingOptions { Interval = TimeSpan.FromMilliseconds(intervalMs) })
            .AddHostscopeGateway(gateway => gateway.LocalHostId = host.Id);
        var app = builder.Build();
        app.MapHostscopeGateway();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new TestServer(app, new Uri(addresses.Addresses.Single()));
    }
}
