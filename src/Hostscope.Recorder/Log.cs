using Microsoft.Extensions.Logging;

namespace Hostscope.Recorder;

/// <summary>What the recorder says in the log: event ids 3000 to 3999. Once per episode, never once per tick.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information,
        "Recording into {Directory}: budget {BudgetMiB} MiB, {Files} files, {Unfolded} blocks of ticks taken over.")]
    public static partial void Opened(this ILogger logger, string directory, long budgetMiB, int files, int unfolded);

    [LoggerMessage(3001, LogLevel.Information, "Recording has ended after {Ticks} ticks.")]
    public static partial void Closed(this ILogger logger, long ticks);

    [LoggerMessage(3002, LogLevel.Warning,
        "The damaged file {File} was set aside. Nothing of it was deleted; what it held is shown as a gap.")]
    public static partial void SetAside(this ILogger logger, string file);

    [LoggerMessage(3010, LogLevel.Error,
        "Recording is paused: {Reason} The live view goes on. It is tried again every {RetrySeconds} s.")]
    public static partial void Paused(this ILogger logger, string reason, long retrySeconds);

    [LoggerMessage(3011, LogLevel.Information, "Recording goes on; {Lost} ticks could not be kept.")]
    public static partial void Resumed(this ILogger logger, long lost);

    [LoggerMessage(3012, LogLevel.Error, "Nothing is recorded: {Reason}")]
    public static partial void Refused(this ILogger logger, string reason);

    [LoggerMessage(3013, LogLevel.Warning,
        "The recorder could not keep up: {Lost} ticks were dropped, and the history says so.")]
    public static partial void Overflowed(this ILogger logger, long lost);

    [LoggerMessage(3014, LogLevel.Warning,
        "The recorder did not end within {TimeoutSeconds} s: the disk does not answer. The process ends without it; "
        + "what was written stays.")]
    public static partial void StopTimedOut(this ILogger logger, double timeoutSeconds);

    [LoggerMessage(3020, LogLevel.Error,
        "A tick could not be recorded; recording goes on. This is said again only after a tick went well.")]
    public static partial void TickFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3021, LogLevel.Error, "A listener for events has failed; this is said once.")]
    public static partial void ListenerFailed(this ILogger logger, Exception exception);
}
