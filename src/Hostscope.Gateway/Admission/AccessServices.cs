using Hostscope.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Admission;

/// <summary>Registers what decides who may look.</summary>
internal static class AccessServices
{
    /// <summary>Adds it; the users file is read when the application starts.</summary>
    public static void AddHostscopeAccess(this IServiceCollection services)
    {
        services.AddSingleton<RouteCensus>();
        services.AddHostedService(provider => provider.GetRequiredService<RouteCensus>());
        services.AddSingleton(provider =>
            new AccessBook(Options(provider).UsersFile, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider =>
        {
            var access = Options(provider);
            var limits = new SessionLimits(
                TimeSpan.FromHours(access.SessionIdleHours), TimeSpan.FromDays(access.SessionDays),
                access.SessionsPerUser);
            return new SessionTable(limits, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(provider =>
        {
            var access = Options(provider);
            var rates = new LoginRates(access.LoginBurst, access.LoginRefillSeconds, access.LoginsPerMinute);
            return new LoginDesk(
                provider.GetRequiredService<AccessBook>(),
                provider.GetRequiredService<SessionTable>(),
                new LoginLimiter(rates, provider.GetRequiredService<TimeProvider>()),
                access.PasswordsAtOnce,
                access.PasswordQueue);
        });
        services.AddHostedService<AccessService>();
        services.AddSingleton<Reception>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<LoginPage>();
        services.AddSingleton<LoginRoutes>();
        services.AddSingleton<SessionApi>();
    }

    private static AccessOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<GatewayOptions>>().Value.Access;
}
