using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Looks at every route before the server listens. A route that somebody forgot to protect must not be a route that is
/// open: it is a program that does not start.
/// </summary>
internal sealed class RouteCensus : IHostedService
{
    private ICollection<EndpointDataSource> _sources = [];

    /// <summary>Gives it the application's routes, of which there may come more until the start.</summary>
    public void Watch(IEndpointRouteBuilder routes) => _sources = routes.DataSources;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in _sources.SelectMany(source => source.Endpoints))
        {
            if (endpoint.Metadata.GetMetadata<NeedMetadata>() is null)
            {
                throw new InvalidOperationException(
                    $"BUG: the route '{endpoint.DisplayName}' does not say what it needs; add .Needs(Need.…) to it.");
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
