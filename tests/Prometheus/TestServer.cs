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
/// Sampler, bus and gateway as the product wires them, on a free port of 127.0.0.1; of this machine, or of one whose
/// files are in a folder.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public static async Task<TestServer> StartAsync(HostRoots? roots = null, int intervalMs = 1000)
    {
        roots ??= new HostRoots();
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
        return new TestServer(app);
    }

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
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
