using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>
/// What the sampling room says in the log: event ids 1000 to 1999. Once per episode, never once per sample.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Sampling {HostId} every {IntervalMs} ms with {Collectors} collectors.")]
    public static partial void Started(this ILogger logger, string hostId, int intervalMs, int collectors);

    [LoggerMessage(1001, LogLevel.Information, "Sampling has ended after {Ticks} ticks.")]
    public static partial void Stopped(this ILogger logger, long ticks);

    [LoggerMessage(1002, LogLevel.Warning,
        "Sampling did not end within {TimeoutSeconds} s: a collector hangs in the kernel. " +
        "The process ends without it.")]
    public static partial void StopTimedOut(this ILogger logger, double timeoutSeconds);

    [LoggerMessage(1010, LogLevel.Warning,
        "Collector {Collector} has failed: {Reason} Its values are absent; " +
        "this is said again only after it recovered.")]
    public static partial void CollectorFailed(
        this ILogger logger, string collector, string reason, Exception? exception);

    [LoggerMessage(1011, LogLevel.Debug, "Collector {Collector} is not available here: {Reason}")]
    public static partial void CollectorUnavailable(this ILogger logger, string collector, string reason);

    [LoggerMessage(1012, LogLevel.Information,
        "Collector {Collector} works again; it gave no values in {Ticks} ticks.")]
    public static partial void CollectorRecovered(this ILogger logger, string collector, long ticks);

    [LoggerMessage(1013, LogLevel.Debug, "Collector {Collector} is available now.")]
    public static partial void CollectorAvailable(this ILogger logger, string collector);

    [LoggerMessage(1020, LogLevel.Error,
        "A tick could not be finished; sampling goes on. This is said again only after a tick went well.")]
    public static partial void TickFailed(this ILogger logger, Exception exception);
}
