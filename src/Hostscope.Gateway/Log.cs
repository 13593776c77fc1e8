using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway;

/// <summary>What the gateway logs; ids 4000 to 4199. Nothing here is logged once per tick or message.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Debug, "Viewer {Viewer} came to host {Host} from {Address} by {Transport}")]
    public static partial void ViewerCame(ILogger log, string viewer, string host, string address, string transport);

    [LoggerMessage(4001, LogLevel.Debug, "Viewer {Viewer} left host {Host} after {Seconds:F0} s")]
    public static partial void ViewerLeft(ILogger log, string viewer, string host, double seconds);

    [LoggerMessage(4002, LogLevel.Information, "{Count} viewers are watching")]
    public static partial void ViewerCount(ILogger log, long count);

    [LoggerMessage(4003, LogLevel.Warning,
        "Viewer {Viewer} of host {Host} reads too slowly: frames are replaced by newer ones, {Replaced} so far")]
    public static partial void ViewerSlow(ILogger log, string viewer, string host, long replaced);

    [LoggerMessage(4004, LogLevel.Warning,
        "Viewer {Viewer} of host {Host} took nothing for {Seconds} s and was cut off")]
    public static partial void ViewerStalled(ILogger log, string viewer, string host, double seconds);

    [LoggerMessage(4005, LogLevel.Debug, "Viewer {Viewer} of host {Host} was closed with {Status}: {Reason}")]
    public static partial void ViewerRefused(ILogger log, string viewer, string host, int status, string reason);

    [LoggerMessage(4006, LogLevel.Information, "Going down: {Count} viewers are told to reconnect")]
    public static partial void Closing(ILogger log, long count);

    [LoggerMessage(4007, LogLevel.Error, "BUG: the frames of host {Host} could not be written")]
    public static partial void EncoderFailed(ILogger log, Exception exception, string host);

    [LoggerMessage(4008, LogLevel.Warning,
        "{Who} has as many viewers as it may have, {Most} (option {Option}): further ones are sent away, "
        + "{Count} since the last such line")]
    public static partial void TooManyViewers(ILogger log, object who, int most, string option, long count);

    [LoggerMessage(4009, LogLevel.Debug, "Viewer {Viewer} of host {Host} answered no ping within {Seconds} s")]
    public static partial void ViewerSilent(ILogger log, string viewer, string host, int seconds);

    [LoggerMessage(4010, LogLevel.Error, "BUG: viewer {Viewer} of host {Host} could not be served and was cut off")]
    public static partial void ViewerFailed(ILogger log, Exception exception, string viewer, string host);

    [LoggerMessage(4011, LogLevel.Warning,
        "The process may have {Most} files open, so connections beyond are closed at once: {Count} in the last minute. "
        + "Raise LimitNOFILE of the service, or ulimit -n")]
    public static partial void NoDescriptors(ILogger log, long most, long count);

    [LoggerMessage(4012, LogLevel.Warning,
        "The process may have only {Most} files open: at most {Viewers} viewers and {Connections} other connections. "
        + "Raise LimitNOFILE of the service, or ulimit -n")]
    public static partial void LimitsLowered(ILogger log, long most, int viewers, int connections);

    [LoggerMessage(4013, LogLevel.Error, "The backlog of before the start could not be read; charts begin now")]
    public static partial void BacklogFailed(ILogger log, Exception exception);

    [LoggerMessage(4014, LogLevel.Error,
        "The recorder could not be asked, {Count} times since this was last said; pages show what was known before")]
    public static partial void RecorderLookFailed(ILogger log, Exception exception, long count);

    [LoggerMessage(4020, LogLevel.Warning,
        "A request for the name '{Host}' was refused with 421; if people reach this server by it, "
        + "add it to the option allowedHosts. {Count} such requests in the last minute")]
    public static partial void HostRefused(ILogger log, string host, long count);

    [LoggerMessage(4021, LogLevel.Warning,
        "A request of the page '{Origin}' was refused with 403: only this server's own pages may use it. "
        + "{Count} such requests in the last minute")]
    public static partial void OriginRefused(ILogger log, string origin, long count);

    [LoggerMessage(4022, LogLevel.Error, "BUG: {Method} {Path} failed")]
    public static partial void RequestFailed(ILogger log, Exception exception, string method, string path);

    [LoggerMessage(4100, LogLevel.Information, "{User} logged in from {Address}, session {Session}")]
    public static partial void LoggedIn(ILogger log, string user, string address, string session);

    [LoggerMessage(4101, LogLevel.Information, "{User} logged out, session {Session}")]
    public static partial void LoggedOut(ILogger log, string user, string session);

    [LoggerMessage(4102, LogLevel.Information, "The session {Session} of {User} was ended by {By}")]
    public static partial void SessionEnded(ILogger log, string user, string session, string by);

    [LoggerMessage(4103, LogLevel.Warning, "A login as '{User}' from {Address} was refused")]
    public static partial void LoginWrong(ILogger log, string user, string address);

    [LoggerMessage(4104, LogLevel.Debug, "A login from {Address} was sent away for now: too many tries")]
    public static partial void LoginDelayed(ILogger log, string address);

    [LoggerMessage(4105, LogLevel.Information, "The users file has changed: {Users} users, {Tokens} tokens")]
    public static partial void AccessChanged(ILogger log, int users, int tokens);

    [LoggerMessage(4106, LogLevel.Error, "{Problem}; the users and tokens of before stay in force")]
    public static partial void AccessFileRefused(ILogger log, string problem);

    [LoggerMessage(4107, LogLevel.Warning,
        "{Address} sent a proxy's secret that is not ours, or is not among the options trustedProxies. "
        + "{Count} such requests in the last minute")]
    public static partial void ProxyRefused(ILogger log, string address, long count);

    [LoggerMessage(4108, LogLevel.Information, "A new certificate was read from {File}; it ends {Ends:u}")]
    public static partial void CertificateLoaded(ILogger log, string file, DateTime ends);

    [LoggerMessage(4109, LogLevel.Error, "{Problem}; the certificate of before stays in force")]
    public static partial void CertificateRefused(ILogger log, string problem);

    [LoggerMessage(4110, LogLevel.Error,
        "BUG: looking after users and sessions failed; those of before stay in force, and it is tried each second")]
    public static partial void AccessRoundFailed(ILogger log, Exception exception);
}
