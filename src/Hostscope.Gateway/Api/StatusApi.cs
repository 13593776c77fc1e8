using System.Globalization;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Past;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Api;

/// <summary>Whether the server works, and what it does and costs.</summary>
internal sealed class StatusApi(
    LiveHosts hosts,
    IFrameBus bus,
    Counters counters,
    RecorderWatch recorder,
    TimeProvider time,
    IOptions<GatewayOptions> options)
{
    /// <summary>
    /// Samples that may be missing before the server counts as ill: one may be late, three in a row are not.
    /// </summary>
    private const int MissedIntervals = 3;

    /// <summary>
    /// At fast intervals so long all the same: a restart of the sampler or a busy machine is no illness.
    /// </summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(3);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/healthz", ["GET", "HEAD"], (StatusApi api) => api.Health())
            .Needs(Need.Nothing).WithName("getHealth").WithTags("server")
            .WithSummary("200 while the last sample of this machine is fresh, 503 otherwise")
            .WithDescription("Fresh is younger than three sampling intervals, and than 3 s at the least.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .Produces<string>(StatusCodes.Status503ServiceUnavailable, "text/plain");
        routes.MapGet("/api/v1/status", (HttpContext http, StatusApi api) => api.Status(http))
            .Needs(Need.Live).WithName("getStatus").WithTags("server")
            .WithSummary("Version, limits, counters and own cost of the server");
    }

    private ContentHttpResult Health()
    {
        var local = hosts.Find(LiveHosts.LocalAlias);
        var pulse = local is null ? null : hosts.PulseOf(local.Info.Id);
        if (pulse is null && recorder.State is { State: "ended" })
        {
            return Answer(StatusCodes.Status200OK, "ok: a recorded file is served; nothing is sampled");
        }

        if (local is null || pulse is null)
        {
            return Answer(StatusCodes.Status503ServiceUnavailable, "failing: no sample has been taken yet");
        }

        var age = time.GetElapsedTime(pulse.ReceivedAt);
        var allowed = TimeSpan.FromMilliseconds((double)MissedIntervals * local.IntervalMs);
        allowed = allowed < LeastAge ? LeastAge : allowed;
        return age < allowed
            ? Answer(StatusCodes.Status200OK, $"ok: the last sample was taken {Seconds(age)} s ago")
            : Answer(
                StatusCodes.Status503ServiceUnavailable,
                $"failing: the last sample was taken {Seconds(age)} s ago; it should be younger than "
                + $"{Seconds(allowed)} s. Sampling has stopped or the machine is starved; hostscope's log says more");
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);

    private static ContentHttpResult Answer(int status, string text) =>
        TypedResults.Text(text + "\n", "text/plain; charset=utf-8", statusCode: status);

    private Ok<GatewayStatus> Status(HttpContext http)
    {
        var local = hosts.LocalId;
        return TypedResults.Ok(new GatewayStatus
        {
            Version = GatewayVersion.Text,
            Now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            UptimeSeconds = Rounded(time.GetElapsedTime(hosts.StartedAt)),
            RssBytes = Environment.WorkingSet,
            ManagedBytes = GC.GetTotalMemory(forceFullCollection: false),
            Hosts = hosts.Known.Count,
            BusReaderFailures = bus.ReaderFailures,
            Tick = local is not null && hosts.PulseOf(local) is { } pulse ? Tick(pulse) : null,
            Recorder = recorder.State,
            Viewers = Viewers(),
            Auth = AuthInfo.Of(http.Identity(), options.Value.Access),
            Limits = Limits(options.Value),
        });
    }

    private TickStatus Tick(Pulse pulse) => new(
        pulse.Sequence,
        pulse.UnixMs,
        Rounded(time.GetElapsedTime(pulse.ReceivedAt)),
        pulse.Series,
        double.IsFinite(pulse.CollectSeconds) ? pulse.CollectSeconds : null,
        double.IsFinite(pulse.LatenessSeconds) ? pulse.LatenessSeconds : null,
        counters.LastEncode.TotalSeconds);

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private ViewerStatus Viewers() => new()
    {
        Connected = counters.Viewers,
        Total = counters.ViewersTotal,
        Refused = counters.ViewersRefused,
        HellosSent = counters.HellosSent,
        FramesSent = counters.FramesSent,
        FramesReplaced = counters.FramesReplaced,
        FramesLost = counters.FramesLost,
        BytesSent = counters.BytesSent,
        SlowCloses = counters.SlowCloses,
        UnansweredPings = counters.UnansweredPings,
        ProtocolCloses = counters.ProtocolCloses,
    };

    private static LimitStatus Limits(GatewayOptions options) => new()
    {
        MaxViewers = options.MaxViewers,
        MetricsTopN = options.MetricsTopN,
        MaxConnections = options.MaxConnections,
        SendBufferBytes = options.SendBufferBytes,
        StalledSendSeconds = options.StalledSendSeconds,
        PingIntervalSeconds = options.PingIntervalSeconds,
        PingTimeoutSeconds = options.PingTimeoutSeconds,
        MaxMessagesPerSecond = options.MaxMessagesPerSecond,
        MaxBytesPerSecond = options.MaxBytesPerSecond,
        MaxBytesAtOnce = options.MaxBytesAtOnce,
        MaxMessageBytes = ClientMessage.MaxBytes,
        RequestLineBytes = options.RequestLineBytes,
        HeaderBytes = options.HeaderBytes,
        HeaderCount = options.HeaderCount,
        BodyBytes = options.BodyBytes,
        HeadersTimeoutSeconds = options.HeadersTimeoutSeconds,
        KeepAliveSeconds = options.KeepAliveSeconds,
        ViewersPerAddress = options.Access.ViewersPerAddress,
        ViewersPerSession = options.Access.ViewersPerSession,
        LoginBurst = options.Access.LoginBurst,
        LoginRefillSeconds = options.Access.LoginRefillSeconds,
        LoginsPerMinute = options.Access.LoginsPerMinute,
        PasswordsAtOnce = options.Access.PasswordsAtOnce,
        PasswordQueue = options.Access.PasswordQueue,
        SessionIdleHours = options.Access.SessionIdleHours,
        SessionDays = options.Access.SessionDays,
        SessionsPerUser = options.Access.SessionsPerUser,
        BacklogSeconds = History.Seconds,
        HelloBytes = Wire.MaxHelloBytes,
    };
}
