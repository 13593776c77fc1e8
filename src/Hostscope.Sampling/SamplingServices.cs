using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>How a program gets the sampling thread.</summary>
public static class SamplingServices
{
    /// <summary>
    /// Samples a host for as long as the program runs. Takes <see cref="IFrameBus"/> and <see cref="TimeProvider"/>
    /// from the services.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="host">Static data of the host.</param>
    /// <param name="context">Where its files are; disposed when sampling has ended.</param>
    /// <param name="options">How often.</param>
    public static IServiceCollection AddHostscopeSampling(
        this IServiceCollection services, HostInfo host, CollectorContext context, SamplingOptions options) =>
        services.AddSingleton<IHostedService>(provider => new SamplerService(
            host,
            context,
            Registry.Create(context),
            options,
            provider.GetRequiredService<IFrameBus>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Sampler>>()));
}
