using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Past;
using Hostscope.Model;

namespace Hostscope.Gateway.Api;

/// <summary>The hosts that can be watched.</summary>
/// <param name="Local">Id of the machine that answers; <c>null</c> while it is not known.</param>
/// <param name="Hosts">The hosts, by id.</param>
internal sealed record HostList(string? Local, IReadOnlyList<HostSummary> Hosts);

/// <summary>A host in the list.</summary>
/// <param name="Id">Names the host in URLs.</param>
/// <param name="Name">Host name.</param>
/// <param name="Os">What the distribution calls itself; <c>null</c> when unknown.</param>
/// <param name="Interval">Milliseconds between samples.</param>
/// <param name="LastSampleAt">
/// Time of the last sample, Unix milliseconds; <c>null</c> when none came or nobody watches.
/// </param>
internal sealed record HostSummary(string Id, string Name, string? Os, int Interval, long? LastSampleAt);

/// <summary>What is known of a host besides its values.</summary>
/// <param name="Host">Static data.</param>
/// <param name="Interval">Milliseconds between samples.</param>
/// <param name="Capabilities">Which sources work on it, and why the others do not.</param>
/// <param name="LastSampleAt">
/// Time of the last sample, Unix milliseconds; <c>null</c> when none came or nobody watches.
/// </param>
/// <param name="Recorder">What is kept of it; <c>null</c> when nothing is.</param>
internal sealed record HostDetails(
    HostInfo Host,
    int Interval,
    IReadOnlyList<Capability> Capabilities,
    long? LastSampleAt,
    RecorderState? Recorder);

/// <summary>How the server fares: version, limits, counters, own cost.</summary>
internal sealed record GatewayStatus
{
    /// <summary>Version of the server.</summary>
    public required string Version { get; init; }

    /// <summary>Server time, Unix milliseconds.</summary>
    public required long Now { get; init; }

    /// <summary>Seconds since the server started.</summary>
    public required double UptimeSeconds { get; init; }

    /// <summary>Resident memory of the process, bytes.</summary>
    public required long RssBytes { get; init; }

    /// <summary>Memory that the garbage collector manages, bytes.</summary>
    public required long ManagedBytes { get; init; }

    /// <summary>Number of hosts the bus knows.</summary>
    public required int Hosts { get; init; }

    /// <summary>How often a reader of the bus threw; anything but 0 is a bug.</summary>
    public required long BusReaderFailures { get; init; }

    /// <summary>The last tick of this machine; <c>null</c> before the first.</summary>
    public required TickStatus? Tick { get; init; }

    /// <summary>Who you are to this server.</summary>
    public required AuthInfo Auth { get; init; }

    /// <summary>What is kept of this machine; <c>null</c> when nothing is recorded.</summary>
    public required RecorderState? Recorder { get; init; }

    /// <summary>Viewers and what they were sent.</summary>
    public required ViewerStatus Viewers { get; init; }

    /// <summary>The limits in force.</summary>
    public required LimitStatus Limits { get; init; }
}

/// <summary>A tick and what it cost.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="T">Time of the sample, Unix milliseconds.</param>
/// <param name="AgeSeconds">Seconds since it came in.</param>
/// <param name="Series">Number of series.</param>
/// <param name="CollectSeconds">Wall time of all collectors; <c>null</c> when unknown.</param>
/// <param name="LatenessSeconds">How late it began; <c>null</c> when unknown.</param>
/// <param name="EncodeSeconds">Time it took to derive, write and hand to all viewers' mailboxes.</param>
internal sealed record TickStatus(
    long Seq,
    long T,
    double AgeSeconds,
    int Series,
    double? CollectSeconds,
    double? LatenessSeconds,
    double EncodeSeconds);

/// <summary>Counters since the server started.</summary>
internal sealed record ViewerStatus
{
    /// <summary>Connected now.</summary>
    public required long Connected { get; init; }

    /// <summary>Ever connected.</summary>
    public required long Total { get; init; }

    /// <summary>Sent away with 503, as there were too many.</summary>
    public required long Refused { get; init; }

    /// <summary>Hellos sent.</summary>
    public required long HellosSent { get; init; }

    /// <summary>Frames sent, over all viewers.</summary>
    public required long FramesSent { get; init; }

    /// <summary>Frames that a newer one replaced before a slow viewer took them.</summary>
    public required long FramesReplaced { get; init; }

    /// <summary>Frames that the encoder was too late for.</summary>
    public required long FramesLost { get; init; }

    /// <summary>Bytes of messages sent.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Cut off as they took nothing.</summary>
    public required long SlowCloses { get; init; }

    /// <summary>Cut off as they answered no ping.</summary>
    public required long UnansweredPings { get; init; }

    /// <summary>Closed for what they sent.</summary>
    public required long ProtocolCloses { get; init; }
}

/// <summary>The limits in force.</summary>
internal sealed record LimitStatus
{
    /// <summary>Most viewers at once.</summary>
    public required int MaxViewers { get; init; }

    /// <summary>Most process names, and most cgroups, that the page for Prometheus tells of at once.</summary>
    public required int MetricsTopN { get; init; }

    /// <summary>Most connections that are not WebSockets.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Kernel send buffer of a connection, bytes.</summary>
    public required int SendBufferBytes { get; init; }

    /// <summary>A viewer that takes nothing for so long is cut off, seconds.</summary>
    public required int StalledSendSeconds { get; init; }

    /// <summary>Between pings to a silent WebSocket, seconds.</summary>
    public required int PingIntervalSeconds { get; init; }

    /// <summary>Time to answer a ping, seconds.</summary>
    public required int PingTimeoutSeconds { get; init; }

    /// <summary>Most messages of a viewer in a second.</summary>
    public required int MaxMessagesPerSecond { get; init; }

    /// <summary>Most bytes of a viewer in a second, on average.</summary>
    public required int MaxBytesPerSecond { get; init; }

    /// <summary>Most bytes of a viewer at once.</summary>
    public required int MaxBytesAtOnce { get; init; }

    /// <summary>Most bytes of a message of a viewer.</summary>
    public required int MaxMessageBytes { get; init; }

    /// <summary>Most bytes of a request line.</summary>
    public required int RequestLineBytes { get; init; }

    /// <summary>Most bytes of a request's headers.</summary>
    public required int HeaderBytes { get; init; }

    /// <summary>Most headers of a request.</summary>
    public required int HeaderCount { get; init; }

    /// <summary>Most bytes of a request's body.</summary>
    public required int BodyBytes { get; init; }

    /// <summary>Seconds from the first byte of a request to the end of its headers.</summary>
    public required int HeadersTimeoutSeconds { get; init; }

    /// <summary>Seconds between two requests on a connection.</summary>
    public required int KeepAliveSeconds { get; init; }

    /// <summary>Most viewers of an address that is not loopback.</summary>
    public required int ViewersPerAddress { get; init; }

    /// <summary>Most viewers of a session.</summary>
    public required int ViewersPerSession { get; init; }

    /// <summary>Tries of a password that a source has at once.</summary>
    public required int LoginBurst { get; init; }

    /// <summary>Seconds until a source has one more.</summary>
    public required int LoginRefillSeconds { get; init; }

    /// <summary>Tries a minute of all sources that never logged in.</summary>
    public required int LoginsPerMinute { get; init; }

    /// <summary>Passwords checked at the same time.</summary>
    public required int PasswordsAtOnce { get; init; }

    /// <summary>Tries that wait for that.</summary>
    public required int PasswordQueue { get; init; }

    /// <summary>Hours after which a session that nobody used ends.</summary>
    public required int SessionIdleHours { get; init; }

    /// <summary>Days after which every session ends.</summary>
    public required int SessionDays { get; init; }

    /// <summary>Most sessions of a user.</summary>
    public required int SessionsPerUser { get; init; }

    /// <summary>How far the backlog of a hello goes back, seconds.</summary>
    public required int BacklogSeconds { get; init; }

    /// <summary>Most bytes of a hello before its backlog is shortened.</summary>
    public required int HelloBytes { get; init; }
}
