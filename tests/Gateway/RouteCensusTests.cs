using Hostscope.Bus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: a route that somebody forgot to protect is a program that does not start. Method: one more route.
/// </summary>
public sealed class RouteCensusTests
{
    [Fact]
    public async Task A_route_that_does_not_say_what_it_needs_stops_the_start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IFrameBus, InProcessBus>();
        builder.Services.AddHostscopeGateway();
        await using var app = builder.Build();
        app.MapHostscopeGateway();
        app.MapGet("/forgotten", () => "open to all");
        var bug = await Assert.ThrowsAsync<InvalidOperationException>(
            () => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("/forgotten", bug.Message, StringComparison.Ordinal);
        Assert.Contains(".Needs(", bug.Message, StringComparison.Ordinal);
    }
}
