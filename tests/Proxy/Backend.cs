using System.Collections.Concurrent;
using System.Net;
using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Gateway;
using Hostscope.Gateway.Tests;
using Hostscope.Model;
using Hostscope.Recorder;
using Hostscope.Sampling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hostscope.Proxy.Tests;

/// <summary>
/// Hostscope on a real Kestrel, sampling and recording this machine ten times a second, with every request that Kestrel
/// took for one written down before anything of ours looks at it.
/// </summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _seen;
    private readonly string _directory;

    private Backend(WebApplication app, ConcurrentQueue<SeenRequest> seen, RecordedLog log, string directory)
    {
        _app = app;
        _directory = directory;
        _seen = seen;
        Log = log;
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    public RecordedLog Log { get; }

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<SeenRequest> Seen => [.. _seen];

    /// <summary>Starts it on a port of 127.0.0.1; 0 is any free one.</summary>
    public static async Task<Backend> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new RecordedLog();
        var seen = new ConcurrentQueue<SeenRequest>();
        var roots = new HostRoots();
        var host = HostFacts.Read(roots);
        var interval = TimeSpan.FromSeconds(0.1);
        var directory = Directory.CreateTempSubdirectory("hostscope-proxy-").FullName;
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IFrameBus, InProcessBus>()
            .AddHostscopeSampling(
                host,
                new CollectorContext(roots, new FrameBuilder(), TimeProvider.System),
                new SamplingOptions { Interval = interval })
            .AddHostscopeRecorder(host, new RecorderOptions { Directory = directory, Interval = interval })
            .AddHostscopeGateway(options =>
            {
                options.LocalHostId = host.Id;
                options.AllowedHosts = [Nginx.Name];
            });
        var app = builder.Build();
        app.Use((context, next) =>
        {
            seen.Enqueue(new SeenRequest(context.Request));
            return next(context);
        });
        app.MapHostscopeGateway();
        await app.StartAsync();
        return new Backend(app, seen, log, directory);
    }

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _app.StopAsync(patience.Token);
        }

        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A request as Kestrel understood it.</summary>
internal sealed class SeenRequest(HttpRequest request)
{
    public string Method { get; } = request.Method;

    public string Target { get; } = request.Path + request.QueryString.Value;

    /// <summary>The headers, several of one name joined by a line break.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; } = request.Headers.ToDictionary(
        header => header.Key, header => string.Join('\n', header.Value.ToArray()), StringComparer.OrdinalIgnoreCase);

    public override string ToString() => $"{Method} {Target}";
}
