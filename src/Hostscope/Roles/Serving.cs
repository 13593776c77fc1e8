using System.Net.Sockets;
using Hostscope.Gateway;
using Hostscope.Logging;
using Hostscope.Options;
using Microsoft.Extensions.Options;
using NLog.Extensions.Logging;

namespace Hostscope.Roles;

/// <summary>
/// Serves a page until the process is told to end, whatever the page shows: the checks before, the warnings, the line
/// on standard output, and the end are the same for all roles.
/// </summary>
internal static class Serving
{
    /// <summary>Viewers are told and gone within milliseconds; what takes longer is cut off.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Version of the program.</summary>
    public static readonly string Version = typeof(Serving).Assembly.GetName().Version!.ToString(3);

    /// <summary>Refuses addresses that cannot be had, before anything is started.</summary>
    /// <exception cref="StartRefusedException">One cannot be had.</exception>
    public static void EnsureFree(HostscopeOptions options)
    {
        foreach (var address in options.Listen)
        {
            address.EnsureFree();
        }
    }

    /// <summary>
    /// Builds the gateway over what is shown. From the empty builder: no appsettings.json, no ASPNETCORE_ variable and
    /// no command line has a say besides the table of settings.
    /// </summary>
    /// <param name="options">Checked settings.</param>
    /// <param name="hostId">Id of the host that is shown.</param>
    /// <param name="log">Where everything is logged.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="show">Registers what is shown: a bus, and what publishes on it or answers for the past.</param>
    /// <exception cref="StartRefusedException">An option is not allowed.</exception>
    public static WebApplication Build(
        HostscopeOptions options, string hostId, LogConfig log, TimeProvider clock, Action<IServiceCollection> show)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddNLog(_ => log.Factory);
        var tls = Gate.Tls(options, clock);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Gate.Listen(kestrel, options.Listen, tls));
        builder.Services.Configure<HostOptions>(hosting => hosting.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddRoutingCore().AddSingleton(clock);
        show(builder.Services);
        builder.Services.AddHostscopeGateway(gateway => Configure(gateway, options, hostId));
        try
        {
            var app = builder.Build();
            app.MapHostscopeGateway();
            return app;
        }
        catch (OptionsValidationException exception)
        {
            throw new StartRefusedException(ExitCode.Configuration, string.Join(' ', exception.Failures));
        }
    }

    /// <summary>The program's own part of the log.</summary>
    public static ILogger Logger(WebApplication app) =>
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hostscope");

    /// <summary>Starts to serve, says so, and comes back when the process has been told to end.</summary>
    /// <param name="app">What <see cref="Build"/> has built.</param>
    /// <param name="options">The same settings.</param>
    /// <param name="started">Says where; gets the addresses.</param>
    /// <exception cref="StartRefusedException">An address cannot be listened on.</exception>
    public static async Task RunAsync(WebApplication app, HostscopeOptions options, Func<string, Task> started)
    {
        var logger = Logger(app);
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var startedAt = clock.GetTimestamp();
        foreach (var warning in options.Warnings)
        {
            logger.SettingIgnored(warning);
        }

        app.Lifetime.ApplicationStopping.Register(logger.Ending);
        await StartAsync(app, options.Listen).ConfigureAwait(false);
        await started(string.Join(" and ", app.Urls)).ConfigureAwait(false);
        await WaitForEndAsync(app, logger).ConfigureAwait(false);
        logger.Ended((long)clock.GetElapsedTime(startedAt).TotalSeconds);
    }

    private static void Configure(GatewayOptions gateway, HostscopeOptions options, string hostId)
    {
        Gate.Configure(gateway, options);
        gateway.LocalHostId = hostId;
        gateway.AllowedHosts = [.. options.AllowedHosts];
        gateway.MaxViewers = options.MaxViewers ?? gateway.MaxViewers;
        gateway.MetricsTopN = options.MetricsTopN ?? gateway.MetricsTopN;
    }

    private static async Task StartAsync(WebApplication app, IReadOnlyList<ListenAddress> addresses)
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
}
