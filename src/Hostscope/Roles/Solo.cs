using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Logging;
using Hostscope.Model;
using Hostscope.Options;
using Hostscope.Recorder;
using Hostscope.Sampling;
using Hostscope.Service;

namespace Hostscope.Roles;

/// <summary>One machine that samples itself and shows itself: sampler, bus and gateway in one process.</summary>
internal static class Solo
{
    /// <summary>Runs until the process is told to end.</summary>
    /// <param name="options">Checked settings.</param>
    /// <param name="output">Takes the one line that says where the page is.</param>
    /// <param name="error">Takes what cannot be said in the log.</param>
    /// <exception cref="StartRefusedException">An address cannot be listened on, or an option is not
    /// allowed.</exception>
    public static async Task RunAsync(HostscopeOptions options, TextWriter output, TextWriter error)
    {
        Serving.EnsureFree(options);
        RefuseSecondRecorder(options);
        var clock = TimeProvider.System;
        using var log = LogConfig.Start(options.LogConfig, clock, error);
        var host = HostFacts.Read(options.Roots, id: options.HostId);
        await using var app = Serving.Build(
            options, host.Id, log, clock, services => Show(services, options, host, clock));
        var logger = Serving.Logger(app);
        if (Gate.Warning(options) is { } openEyes)
        {
            logger.OpenWithPrivileges(openEyes);
        }

        using var manager = ServiceManager.Find(Environment.GetEnvironmentVariable, logger);
        using var watchdog = manager?.FeedFrom(
            app.Services.GetRequiredService<IFrameBus>(), host.Id, options.Sampling.Interval, clock);
        app.Lifetime.ApplicationStopping.Register(() => manager?.Stopping());
        using var pages = ProgramPages.KeepReleasing(clock);
        await Serving.RunAsync(app, options, async addresses =>
        {
            logger.Serving(Serving.Version, host.Name, host.Id, addresses);
            await output.WriteLineAsync($"Hostscope {Serving.Version} is showing {host.Name} at {addresses}")
                .ConfigureAwait(false);
            manager?.Ready($"Showing {host.Name} at {addresses}");
        }).ConfigureAwait(false);
    }

    private static void Show(
        IServiceCollection services, HostscopeOptions options, HostInfo host, TimeProvider clock)
    {
        services.AddSingleton<IFrameBus, InProcessBus>();
        if (options.Recording is { } recording)
        {
            // Before the sampler: what is registered first ends last, and the recorder has to see the last tick.
            services.AddHostscopeRecorder(host, recording with { BootUnixMs = host.BootUnixMs });
        }

        services.AddHostscopeSampling(
            host,
            new CollectorContext(options.Roots, new FrameBuilder(), clock)
            {
                ContainerEngine = options.ContainerEngine,
            },
            options.Sampling);
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
}
