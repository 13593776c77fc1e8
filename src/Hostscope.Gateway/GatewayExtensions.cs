using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Api;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Page;
using Hostscope.Gateway.Past;
using Hostscope.Gateway.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway;

/// <summary>Puts the gateway into a web application: what shows hosts to people and programs.</summary>
public static class GatewayExtensions
{
    /// <summary>
    /// Registers the gateway and Kestrel's limits. Needs an <see cref="Bus.IFrameBus"/> among the services. The host
    /// that is announced on it when the application starts, or <see cref="GatewayOptions.LocalHostId"/>, is followed
    /// from then on.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets options; they are checked when the application starts.</param>
    public static IServiceCollection AddHostscopeGateway(
        this IServiceCollection services, Action<GatewayOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<GatewayOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.PostConfigure<ILoggerFactory>(FitDescriptors);
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddSingleton<IValidateOptions<GatewayOptions>, AllowedHostsValidator>();
        services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<GatewayOptions>>((kestrel, gateway) => KestrelLimits.Apply(kestrel, gateway.Value));
        services.AddOptions<SocketTransportOptions>()
            .Configure<IOptions<GatewayOptions>>((transport, gateway) => KestrelLimits.Apply(transport, gateway.Value));
        services.AddSingleton<IConnectionListenerFactory, ReservedTransport>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Counters>();
        services.AddSingleton<LiveHosts>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveHosts>());
        services.AddHostscopeAccess();
        services.AddPast();
        services.AddSingleton<LiveApi>();
        services.AddSingleton<StatusApi>();
        services.AddSingleton<PrometheusExporters>();
        services.TryAddSingleton<IPageFiles>(_ => new EmbeddedPage(typeof(GatewayExtensions).Assembly));
        services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default));
        return services.AddOpenApi(ApiDescription.Configure);
    }

    /// <summary>
    /// Puts the gateway's guard before everything else in the application, and adds its routes: the page, the API,
    /// the live messages. Call it before any other middleware.
    /// </summary>
    /// <param name="app">The application.</param>
    public static WebApplication MapHostscopeGateway(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hostscope.Gateway.Http");
        app.UseMiddleware<TrustedProxy>();
        app.UseMiddleware<Guard>();
        app.Use((context, next) => Problem.CatchAsync(context, next, log));
        app.Use(RequestBodies.CheckAsync);
        app.UseStatusCodePages(Problem.WriteForStatusAsync);
        app.UseRouting();
        app.UseMiddleware<AccessCheck>();
        LoginRoutes.Map(app);
        SessionApi.Map(app);
        HostsApi.Map(app);
        LiveApi.Map(app);
        StatusApi.Map(app);
        app.MapPast();
        app.MapPrometheus();
        app.MapOpenApi("/openapi/{documentName}.json").Needs(Need.SignedIn);
        PageRoutes.Map(app, app.Services.GetRequiredService<IPageFiles>());
        app.Services.GetRequiredService<RouteCensus>().Watch(app);
        return app;
    }

    private static void FitDescriptors(GatewayOptions options, ILoggerFactory logs)
    {
        if (Descriptors.Fit(options) is { } most)
        {
            var log = logs.CreateLogger("Hostscope.Gateway.Http");
            Log.LimitsLowered(log, most, options.MaxViewers, options.MaxConnections);
        }
    }
}
