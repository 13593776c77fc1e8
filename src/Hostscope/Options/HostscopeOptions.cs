using Hostscope.Collectors;
using Hostscope.Sampling;

namespace Hostscope.Options;

/// <summary>Every setting, understood and checked.</summary>
internal sealed record HostscopeOptions
{
    /// <summary>Where to serve; at least one.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>Who may look.</summary>
    public required AccessSettings Access { get; init; }

    /// <summary>Certificate and key; <c>null</c> without.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>Limits other than the defaults.</summary>
    public IReadOnlyList<GivenLimit> Limits { get; init; } = [];

    /// <summary>Names by which browsers may reach the server, checked by the gateway.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Most viewers at once, 1 to 100,000; <c>null</c> for the gateway's default.</summary>
    public int? MaxViewers { get; init; }

    /// <summary>
    /// Most process names and cgroups in /metrics, 1 to 1,000; <c>null</c> for the gateway's default.
    /// </summary>
    public int? MetricsTopN { get; init; }

    /// <summary>How often to sample.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Where the host's files are.</summary>
    public required HostRoots Roots { get; init; }

    /// <summary>Name of the host in addresses; <c>null</c> for the host name.</summary>
    public string? HostId { get; init; }

    /// <summary>An existing directory that can be written to; <c>null</c> when none was given.</summary>
    public string? DataDir { get; init; }

    /// <summary>The NLog configuration to use; <c>null</c> for the built-in one.</summary>
    public string? LogConfig { get; init; }

    /// <summary>What is odd but does not stop the start; for the log.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
