namespace Hostscope.Logging;

/// <summary>What the program itself says in the log: event ids 1 to 999.</summary>
internal static partial class LogEvents
{
    [LoggerMessage(1, LogLevel.Information, "Version {Version} shows {Host} (host id {HostId}) at {Addresses}.")]
    public static partial void Serving(
        this ILogger logger, string version, string host, string hostId, string addresses);

    [LoggerMessage(2, LogLevel.Information, "Asked to end.")]
    public static partial void Ending(this ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Ended after {UptimeSeconds} s.")]
    public static partial void Ended(this ILogger logger, long uptimeSeconds);

    [LoggerMessage(5, LogLevel.Warning, "Not everything ended within {TimeoutSeconds} s; the rest is cut off.")]
    public static partial void EndedLate(this ILogger logger, double timeoutSeconds);

    [LoggerMessage(4, LogLevel.Warning, "{Warning}")]
    public static partial void SettingIgnored(this ILogger logger, string warning);

    [LoggerMessage(10, LogLevel.Warning, "{Warning}")]
    public static partial void OpenWithPrivileges(this ILogger logger, string warning);

    [LoggerMessage(20, LogLevel.Warning, "The service manager cannot be told anything: NOTIFY_SOCKET={Path} " +
        "cannot be used: {Reason}.")]
    public static partial void ManagerUnreachable(this ILogger logger, string path, string reason);
}
