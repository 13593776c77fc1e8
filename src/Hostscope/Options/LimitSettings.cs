using System.Globalization;
using Hostscope.Gateway;

namespace Hostscope.Options;

/// <summary>A limit that an operator may set.</summary>
/// <param name="Setting">Its names and help.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Most.</param>
/// <param name="Set">Puts it in force.</param>
internal sealed record LimitSetting(Setting Setting, int Min, int Max, Action<GatewayOptions, int> Set);

/// <summary>A limit that was given.</summary>
/// <param name="Limit">Which.</param>
/// <param name="Value">A value that is allowed.</param>
internal readonly record struct GivenLimit(LimitSetting Limit, int Value)
{
    /// <summary>Puts it in force.</summary>
    public void Apply(GatewayOptions options) => Limit.Set(options, Value);
}

/// <summary>
/// The table of limits: each is a setting like any other, but few people need one, so the help leaves them to
/// docs/LIMITS.md. Defaults and the reasons for them are there and at the options themselves.
/// </summary>
internal static class LimitSettings
{
    /// <summary>Every limit, in the order of docs/LIMITS.md.</summary>
    public static readonly IReadOnlyList<LimitSetting> All =
    [
        Limit("maxConnections", 16, 100_000, (options, value) => options.MaxConnections = value),
        Limit("viewersPerAddress", 1, 100_000, (options, value) => options.Access.ViewersPerAddress = value),
        Limit("viewersPerSession", 1, 10_000, (options, value) => options.Access.ViewersPerSession = value),
        Limit("requestLineBytes", 1_024, 65_536, (options, value) => options.RequestLineBytes = value),
        Limit("headerBytes", 4_096, 131_072, (options, value) => options.HeaderBytes = value),
        Limit("headerCount", 16, 500, (options, value) => options.HeaderCount = value),
        Limit("bodyBytes", 4_096, 1_048_576, (options, value) => options.BodyBytes = value),
        Limit("headersTimeoutSeconds", 1, 60, (options, value) => options.HeadersTimeoutSeconds = value),
        Limit("keepAliveSeconds", 1, 600, (options, value) => options.KeepAliveSeconds = value),
        Limit("sendBufferBytes", 4_096, 4_194_304, (options, value) => options.SendBufferBytes = value),
        Limit("stalledSendSeconds", 1, 300, (options, value) => options.StalledSendSeconds = value),
        Limit("pingIntervalSeconds", 1, 300, (options, value) => options.PingIntervalSeconds = value),
        Limit("pingTimeoutSeconds", 1, 300, (options, value) => options.PingTimeoutSeconds = value),
        Limit("maxMessagesPerSecond", 1, 1_000, (options, value) => options.MaxMessagesPerSecond = value),
        Limit("maxBytesPerSecond", 1_024, 16_777_216, (options, value) => options.MaxBytesPerSecond = value),
        Limit("maxBytesAtOnce", 32_768, 67_108_864, (options, value) => options.MaxBytesAtOnce = value),
        Limit("loginBurst", 1, 100, (options, value) => options.Access.LoginBurst = value),
        Limit("loginRefillSeconds", 1, 3_600, (options, value) => options.Access.LoginRefillSeconds = value),
        Limit("loginsPerMinute", 1, 10_000, (options, value) => options.Access.LoginsPerMinute = value),
        Limit("passwordsAtOnce", 1, 64, (options, value) => options.Access.PasswordsAtOnce = value),
        Limit("passwordQueue", 0, 1_000, (options, value) => options.Access.PasswordQueue = value),
        Limit("sessionIdleHours", 1, 168, (options, value) => options.Access.SessionIdleHours = value),
        Limit("sessionDays", 1, 90, (options, value) => options.Access.SessionDays = value),
        Limit("sessionsPerUser", 1, 1_000, (options, value) => options.Access.SessionsPerUser = value),
    ];

    /// <summary>The limits that were given.</summary>
    /// <exception cref="StartRefusedException">A value is not allowed.</exception>
    public static IReadOnlyList<GivenLimit> Read(Dictionary<Setting, Given> given)
    {
        var limits = new List<GivenLimit>();
        foreach (var limit in All)
        {
            if (given.TryGetValue(limit.Setting, out var text))
            {
                limits.Add(int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    && value >= limit.Min && value <= limit.Max
                    ? new GivenLimit(limit, value)
                    : throw text.Refuse(text.Value, $"give a whole number, {limit.Min} to {limit.Max}"));
            }
        }

        return limits;
    }

    private static LimitSetting Limit(string key, int min, int max, Action<GatewayOptions, int> set) =>
        new(new Setting(key, "NUMBER", $"A limit, {min} to {max}; docs/LIMITS.md.") { IsRare = true }, min, max, set);
}
