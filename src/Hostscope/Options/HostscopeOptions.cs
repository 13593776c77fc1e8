using Hostscope.Collectors;
using Hostscope.Recorder;
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

    /// <summary>Where everything that is kept lies; <c>null</c> when no place for it is known.</summary>
    public string? DataDir { get; init; }

    /// <summary>
    /// True when somebody said where to keep things: then it is an error that another instance does so there, too.
    /// </summary>
    public bool IsDataDirGiven { get; init; }

    /// <summary>What to record and where; <c>null</c> when nothing is recorded.</summary>
    public RecorderOptions? Recording { get; init; }

    /// <summary>Absolute path of a container engine's socket; <c>null</c>: no engine is asked.</summary>
    public string? ContainerEngine { get; init; }

    /// <summary>The NLog configuration to use; <c>null</c> for the built-in one.</summary>
    public string? LogConfig { get; init; }

    /// <summary>What is odd but does not stop the start; for the log.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
