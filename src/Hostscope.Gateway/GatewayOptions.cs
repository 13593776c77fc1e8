using System.ComponentModel.DataAnnotations;
using Hostscope.Gateway.Admission;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway;

/// <summary>
/// What an operator may set of the gateway. Every limit here is reported by <c>GET /api/v1/status</c>. The addresses to
/// listen on are not here: they belong to the executable.
/// </summary>
public sealed record GatewayOptions
{
    /// <summary>
    /// Id of the host that <c>local</c> stands for in URLs and whose last 300 s are always kept ready. <c>null</c>: the
    /// first host that the bus knows, by id.
    /// </summary>
    public string? LocalHostId { get; set; }

    /// <summary>
    /// Names by which browsers may reach this server besides <c>localhost</c> and the address they connected to, such
    /// as <c>metrics.example.org</c> (with any port) or <c>localhost:9000</c> (with that port only). A request for
    /// another name is refused with 421, so that a foreign name pointed at this machine cannot read it.
    /// </summary>
    public IList<string> AllowedHosts { get; set; } = [];

    /// <summary>Who may look.</summary>
    [ValidateObjectMembers]
    public AccessOptions Access { get; } = new();

    /// <summary>Most viewers (WebSocket and SSE) at once, 1 to 100,000; beyond it 503 with Retry-After.</summary>
    [Range(1, 100_000)]
    public int MaxViewers { get; set; } = 1_000;

    /// <summary>Most TCP connections that are not WebSockets at once, 16 to 100,000; further ones are closed.</summary>
    [Range(16, 100_000)]
    public int MaxConnections { get; set; } = 2_048;

    /// <summary>
    /// Most bytes of method, path and query, 1,024 to 65,536; then 414. Our longest is a list of 20 series names.
    /// </summary>
    [Range(1_024, 65_536)]
    public int RequestLineBytes { get; set; } = 4_096;

    /// <summary>
    /// Most bytes of all headers, 4,096 to 131,072; then 431. Room for large cookies of other services on the
    /// same name.
    /// </summary>
    [Range(4_096, 131_072)]
    public int HeaderBytes { get; set; } = 16_384;

    /// <summary>Most headers, 16 to 500; then 431. A browser behind two proxies sends 30.</summary>
    [Range(16, 500)]
    public int HeaderCount { get; set; } = 64;

    /// <summary>Most bytes of a body, 4,096 to 1,048,576; then 413. A login takes 4,096 whatever is set here.</summary>
    [Range(4_096, 1_048_576)]
    public int BodyBytes { get; set; } = 65_536;

    /// <summary>Seconds from the first byte of a request to the end of its headers, 1 to 60; then 408.</summary>
    [Range(1, 60)]
    public int HeadersTimeoutSeconds { get; set; } = 5;

    /// <summary>
    /// Seconds from connecting to the first byte, and between two requests on a connection, 1 to 600; then it is
    /// closed. Short, as Kestrel has one limit for both, and a flood of connections that say nothing must not keep
    /// others out for long.
    /// </summary>
    [Range(1, 600)]
    public int KeepAliveSeconds { get; set; } = 8;

    /// <summary>
    /// Kernel send buffer of a connection (SO_SNDBUF), bytes, 4,096 to 4,194,304: what a viewer that stopped reading
    /// costs in kernel memory, twice over as the kernel counts it.
    /// </summary>
    [Range(4_096, 4_194_304)]
    public int SendBufferBytes { get; set; } = 65_536;

    /// <summary>A viewer to whom nothing could be sent for so long is cut off; seconds, 1 to 300.</summary>
    [Range(1, 300)]
    public int StalledSendSeconds { get; set; } = 10;

    /// <summary>Time between two pings to a WebSocket that is silent; seconds, 1 to 300.</summary>
    [Range(1, 300)]
    public int PingIntervalSeconds { get; set; } = 15;

    /// <summary>A WebSocket that has not answered a ping for so long is cut off; seconds, 1 to 300.</summary>
    [Range(1, 300)]
    public int PingTimeoutSeconds { get; set; } = 10;

    /// <summary>Most messages a viewer may send in a second, 1 to 1,000; more close it with 1008.</summary>
    [Range(1, 1_000)]
    public int MaxMessagesPerSecond { get; set; } = 20;

    /// <summary>Most bytes a viewer may send in a second on average, 1,024 to 16,777,216; more close it.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxBytesPerSecond { get; set; } = 65_536;

    /// <summary>Most bytes a viewer may send at once after it was quiet, 32,768 to 67,108,864.</summary>
    [Range(32_768, 67_108_864)]
    public int MaxBytesAtOnce { get; set; } = 262_144;

    /// <summary>
    /// Most names of processes, and most cgroups, that <c>/metrics</c> tells of at once, 1 to 1,000: the largest by CPU
    /// and by memory. It bounds the series that a Prometheus server has to keep.
    /// </summary>
    [Range(1, 1_000)]
    public int MetricsTopN { get; set; } = 50;
}

/// <summary>Checks <see cref="GatewayOptions"/> at the start of the program; generated from its annotations.</summary>
[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;

/// <summary>Checks the names of <see cref="GatewayOptions.AllowedHosts"/>.</summary>
internal sealed class AllowedHostsValidator : IValidateOptions<GatewayOptions>
{
    private const int MaxNames = 64;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        if (options.AllowedHosts.Count > MaxNames)
        {
            return ValidateOptionsResult.Fail($"allowedHosts: at most {MaxNames} names.");
        }

        foreach (var host in options.AllowedHosts)
        {
            // The last dot and the wildcard are refused on purpose: each would let more in than it seems to.
            var colon = host.LastIndexOf(':');
            var bare = colon > 0 && int.TryParse(host.AsSpan(colon + 1), out var port) && port is > 0 and <= 65535
                ? host[..colon]
                : host;
            if (Uri.CheckHostName(bare) == UriHostNameType.Unknown || bare.EndsWith('.'))
            {
                return ValidateOptionsResult.Fail(
                    $"allowedHosts: '{host}' is not a host name or address, alone or with a port, "
                    + "such as metrics.example.org or localhost:9000.");
            }
        }

        return ValidateOptionsResult.Success;
    }
}
