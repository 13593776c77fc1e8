using System.Net.Sockets;
using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Gateway;
using Hostscope.Logging;
using Hostscope.Model;
using Hostscope.Options;
using Hostscope.Recorder;
using Hostscope.Sampling;
using Hostscope.Service;
using Microsoft.Extensions.Options;
using NLog.Extensions.Logging;

namespace Hostscope.Roles;

/// <summary>One machine that samples itself and shows itself: sampler, bus and gateway in one process.</summary>
internal static class Solo
{
    /// <summary>Viewers are told and gone within milliseconds; what takes longer is cut off.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Version of the program.</summary>
    public static readonly string Version = typeof(Solo).Assembly.GetName().Version!.ToString(3);

    /// <summary>Runs until the process is told to end.</summary>
    /// <param name="options">Checked settings.</param>
    /// <param name="output">Takes the one line that says where the page is.</param>
    /// <param name="error">Takes what cannot be said in the log.</param>
    /// <exception cref="StartRefusedException">An address cannot be listened on, or an option is not
    /// allowed.</exception>
    public static async Task RunAsync(HostscopeOptions options, TextWriter output, TextWriter error)
    {
        foreach (var address in options.Listen)
        {
            address.EnsureFree();
        }

        RefuseSecondRecorder(options);
        var clock = TimeProvider.System;
        var startedAt = clock.GetTimestamp();
        using var log = LogConfig.Start(options.LogConfig, clock, error);
        var host = HostFacts.Read(options.Roots, id: options.HostId);
        await using var app = BuildChecked(options, host, log, clock);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hostscope");
        if (Gate.Warning(options) is { } openEyes)
        {
            logger.OpenWithPrivileges(openEyes);
        }

        foreach (var warning in options.Warnings)
        {
            logger.SettingIgnored(warning);
        }

        app.Lifetime.ApplicationStopping.Register(logger.Ending);
        using var manager = ServiceManager.Find(Environment.GetEnvironmentVariable, logger);
        using var watchdog = manager?.FeedFrom(
            app.Services.GetRequiredService<IFrameBus>(), host.Id, options.Sampling.Interval, clock);
        app.Lifetime.ApplicationStopping.Register(() => manager?.Stopping());
        using var pages = ProgramPages.KeepReleasing(clock);
        await StartAsync(app, options.Listen).ConfigureAwait(false);
        var addresses = string.Join(" and ", app.Urls);
        logger.Serving(Version, host.Name, host.Id, addresses);
        await output.WriteLineAsync($"Hostscope {Version} is showing {host.Name} at {addresses}").ConfigureAwait(false);
        manager?.Ready($"Showing {host.Name} at {addresses}");
        await WaitForEndAsync(app, logger).ConfigureAwait(false);
        logger.Ended((long)clock.GetElapsedTime(startedAt).TotalSeconds);
    }

    private static WebApplication BuildChecked(
        HostscopeOptions options, HostInfo host, LogConfig log, TimeProvider clock)
    {
        try
        {
            return Build(options, host, log, clock);
        }
        catch (OptionsValidationException exception)
        {
            throw new StartRefusedException(ExitCode.Configuration, string.Join(' ', exception.Failures));
        }
    }

    /// <summary>
    /// From the empty builder: no appsettings.json, no ASPNETCORE_ variable and no command line has a say besides the
    /// table of settings.
    /// </summary>
    public static WebApplicationBuilder Builder(HostscopeOptions options, LogConfig log, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddNLog(_ => log.Factory);
        var tls = Gate.Tls(options, clock);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Gate.Listen(kestrel, options.Listen, tls));
        builder.Services.Configure<HostOptions>(hosting => hosting.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        return builder;
    }

    /// <summary>Hands the gateway its settings.</summary>
    public static void Configure(GatewayOptions gateway, HostscopeOptions options, string hostId)
    {
        Gate.Configure(gateway, options);
        gateway.LocalHostId = hostId;
        gateway.AllowedHosts = [.. options.AllowedHosts];
        gateway.MaxViewers = options.MaxViewers ?? gateway.MaxViewers;
        gateway.MetricsTopN = options.MetricsTopN ?? gateway.MetricsTopN;
    }

    private static WebApplication Build(HostscopeOptions options, HostInfo host, LogConfig log, TimeProvider clock)
    {
        var builder = Builder(options, log, clock);
        builder.Services
            .AddRoutingCore()
            .AddSingleton(clock)
            .AddSingleton<IFrameBus, InProcessBus>();
        if (options.Recording is { } recording)
        {
            // Before the sampler: what is registered first ends last, and the recorder has to see the last tick.
            builder.Services.AddHostscopeRecorder(host, recording with { BootUnixMs = host.BootUnixMs });
        }

        builder.Services
            .AddHostscopeSampling(
                host,
                new CollectorContext(options.Roots, new FrameBuilder(), clock)
                {
                    ContainerEngine = options.ContainerEngine,
                },
                options.Sampling)
            .AddHostscopeGateway(gateway => Configure(gateway, options, host.Id));
        var app = builder.Build();
        app.MapHostscopeGateway();
        return app;
    }

    /// <summary>
    /// Two that record into one directory are a mistake when the directory was named. Without that, the second is a
    /// person's look beside the service: it shows, and says why it does not record.
    /// </summary>
    private static void RefuseSecondRecorder(HostscopeOptions options)
    {
        if (options is { IsDataDirGiven: true, Recording: { } recording } && recording.Holder() is { } holder)
        {
            throw new StartRefusedException(
                ExitCode.Unavailable,
                $"another Hostscope ({holder}) records into {options.DataDir}; stop it, or give this one another "
                + $"directory with {Settings.DataDir.Option}, or say {Settings.NoRecord.Option}");
        }
    }

    private static async Task WaitForEndAsync(WebApplication app, ILogger logger)
    {
        try
        {
            await app.WaitForShutdownAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            logger.EndedLate(ShutdownTimeout.TotalSeconds);
        }
    }

    /// <summary>Starts to serve.</summary>
    /// <exception cref="StartRefusedException">An address cannot be listened on.</exception>
    public static async Task StartAsync(WebApplication app, IReadOnlyList<ListenAddress> addresses)
    {
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw ListenAddress.Refuse(string.Join(" and ", addresses), exception);
        }
    }
}
