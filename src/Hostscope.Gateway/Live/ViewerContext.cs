using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Live;

/// <summary>What the viewers of one host share.</summary>
/// <param name="HostId">The host they watch.</param>
/// <param name="FanOut">Where their updates come from.</param>
/// <param name="Options">Limits.</param>
/// <param name="Time">The clock.</param>
/// <param name="Counters">Where they count.</param>
/// <param name="Log">Where they log.</param>
/// <param name="Version">Version of the server, such as <c>0.1.0</c>.</param>
internal sealed record ViewerContext(
    string HostId,
    FanOut FanOut,
    GatewayOptions Options,
    TimeProvider Time,
    Counters Counters,
    ILogger Log,
    string Version);
