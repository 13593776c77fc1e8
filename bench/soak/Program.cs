using System.Diagnostics;
using System.Globalization;
using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Gateway;
using Hostscope.Model;
using Hostscope.Sampling;

namespace Hostscope.Bench.Soak;

/// <summary>
/// Ages the program: every collector, the bus and the gateway on a clock that runs fast, one tick each of its seconds,
/// while viewers of all kinds come and go in a process of their own. Prints what it holds each minute, and its slope.
/// <code>
/// soak serve MINUTES [SPEED]     default speed: 20
/// soak viewers URL               the other process; runs until its standard input ends
/// </code>
/// </summary>
internal static class Program
{
    private const int DefaultSpeed = 20;

    private static async Task<int> Main(string[] args)
    {
        if (args is ["viewers", var address])
        {
            using var crowd = new Crowd(new Uri(address));
            await crowd.RunAsync().ConfigureAwait(false);
            return 0;
        }

        var speed = DefaultSpeed;
        if (args.Length is not (2 or 3) || args[0] != "serve" || !TryRead(args[1], out var minutes) ||
            (args.Length == 3 && !TryRead(args[2], out speed)))
        {
            await Console.Error.WriteLineAsync("usage: soak serve MINUTES [SPEED] | soak viewers URL")
                .ConfigureAwait(false);
            return 2;
        }

        await ServeAsync(minutes, speed).ConfigureAwait(false);
        return 0;
    }

    private static bool TryRead(string word, out int value) =>
        int.TryParse(word, CultureInfo.InvariantCulture, out value) && value > 0;

    private static async Task ServeAsync(int minutes, int speed)
    {
        var clock = new FastClock(speed);
        var roots = new HostRoots();
        var host = HostFacts.Read(roots);
        await using var app = Build(host, clock);
        await app.StartAsync().ConfigureAwait(false);
        using var context = new CollectorContext(roots, new FrameBuilder(), clock);
        using var pause = new FastPause(clock);
        var sampler = MakeSampler(host, context, app, clock, pause);
        sampler.Announce();
        var thread = new Thread(sampler.Run) { Name = "sampler", IsBackground = true };
        thread.Start();
        using var viewers = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["viewers", app.Urls.First()])
        {
            RedirectStandardInput = true,
        })!;
        await WatchAsync(minutes, sampler, app.Urls.First()).ConfigureAwait(false);
        viewers.StandardInput.Close();
        await viewers.WaitForExitAsync().ConfigureAwait(false);
        pause.Stop();
        thread.Join();
        await app.StopAsync().ConfigureAwait(false);
    }

    private static Sampler MakeSampler(
        HostInfo host, CollectorContext context, WebApplication app, FastClock clock, FastPause pause)
    {
        var options = new SamplingOptions();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("sampling");
        return new Sampler(
            host,
            Registry.Create(context),
            context.Builder,
            options,
            app.Services.GetRequiredService<IFrameBus>(),
            clock,
            pause,
            logger,
            new TableRuns(
                new ProcessCollector(context, new ProcessOptions { Tick = options.Interval }),
                new CgroupCollector(context),
                context.Builder,
                clock,
                logger));
    }

    private static WebApplication Build(HostInfo host, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services
            .AddRoutingCore()
            .AddSingleton(clock)
            .AddSingleton<IFrameBus, InProcessBus>()
            .AddHostscopeGateway(gateway => gateway.LocalHostId = host.Id);
        var app = builder.Build();
        app.MapHostscopeGateway();
        return app;
    }

    private static async Task WatchAsync(int minutes, Sampler sampler, string address)
    {
        using var status = new StatusReader(new Uri(address));
        var readings = new List<Reading>();
        Console.WriteLine(Reading.Header);
        var began = TimeProvider.System.GetTimestamp();
        for (var minute = 0; minute <= minutes; minute++)
        {
            var left = TimeSpan.FromMinutes(minute) - TimeProvider.System.GetElapsedTime(began);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
            var traffic = await status.ReadAsync().ConfigureAwait(false);
            var reading = Reading.Take(minute, sampler.Ticks, traffic, isLast: minute == minutes);
            readings.Add(reading);
            Console.WriteLine(reading);
        }

        Console.WriteLine(Slope.Describe(readings));
    }
}
