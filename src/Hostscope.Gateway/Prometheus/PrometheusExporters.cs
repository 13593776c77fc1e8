using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Past;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// The exporter of the machine that answers, made at its first scrape: a server that nobody scrapes pays nothing.
/// </summary>
internal sealed class PrometheusExporters(
    IFrameBus bus,
    LiveHosts hosts,
    Counters counters,
    RecorderWatch recorder,
    IOptions<GatewayOptions> options,
    TimeProvider time)
    : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SelfFamilies _self = new(counters, GatewayVersion.Text, () => recorder.State);
    private HostExporter? _local;
    private string? _localId;

    /// <summary>The text of the last frame of the local host; see <see cref="HostExporter.ScrapeAsync"/>.</summary>
    public async ValueTask<MetricsPage?> ScrapeAsync(CancellationToken cancel) =>
        Local() is { } local ? await local.ScrapeAsync(cancel).ConfigureAwait(false) : null;

    /// <inheritdoc/>
    public void Dispose() => _local?.Dispose();

    private HostExporter? Local()
    {
        if (hosts.LocalId is not { } id)
        {
            return null;
        }

        lock (_lock)
        {
            if (_local is null || _localId != id)
            {
                _local?.Dispose();
                _local = new HostExporter(
                    id, bus, () => hosts.Find(id), _self, time, options.Value.MetricsTopN);
                _localId = id;
            }

            return _local;
        }
    }
}
