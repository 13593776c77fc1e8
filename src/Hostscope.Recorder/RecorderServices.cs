using Hostscope.Bus;
using Hostscope.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hostscope.Recorder;

/// <summary>Puts the recorder into an application.</summary>
public static class RecorderServices
{
    /// <summary>
    /// Registers a recorder of the host that this process samples, as <see cref="IHistories"/>,
    /// <see cref="IMarks"/> and <see cref="IEventFeed"/>. Call it before the sampler is registered: services end in the
    /// reverse order, and the recorder has to be the last to end. Needs an <see cref="IFrameBus"/> and a
    /// <see cref="TimeProvider"/>.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="host">The host.</param>
    /// <param name="options">What to keep and where.</param>
    /// <exception cref="ArgumentException">The options are not allowed; the message says which and why.</exception>
    public static IServiceCollection AddHostscopeRecorder(
        this IServiceCollection services, HostInfo host, RecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
        }

        services.AddSingleton(provider => new HostRecorder(
            options,
            host,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<HostRecorder>>()));
        services.AddSingleton<IHistories>(provider => provider.GetRequiredService<HostRecorder>());
        services.AddSingleton<IMarks>(provider => provider.GetRequiredService<HostRecorder>());
        services.AddSingleton<IEventFeed>(provider => provider.GetRequiredService<HostRecorder>());
        services.AddHostedService<RecorderService>();
        return services;
    }
}

/// <summary>Starts the recorder with the application, and ends it after the sampler.</summary>
internal sealed class RecorderService(HostRecorder recorder, IFrameBus bus) : IHostedService
{
    /// <summary>
    /// The last fold takes tens of milliseconds; a disk that has not answered by then may take for ever, and the next
    /// start folds what is left.
    /// </summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        recorder.Start();
        _subscription = bus.Subscribe(recorder.Host.Id, recorder);
        return Task.CompletedTask;
    }

    /// <summary>Not cancelled with the host's time: what is queued is seconds that were sampled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        await recorder.StopAsync(StopTimeout, CancellationToken.None).ConfigureAwait(false);
    }
}
