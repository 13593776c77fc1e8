namespace Hostscope.Sampling;

/// <summary>How often a host is sampled.</summary>
public sealed record SamplingOptions
{
    /// <summary>Ten a second: a tick costs about 0.1 ms, and files such as /proc/stat move in steps of 10 ms.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a minute is no longer live; it also bounds the wait for the first rates.</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Time between two ticks, <see cref="MinInterval"/> to <see cref="MaxInterval"/>, in whole milliseconds.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);
}
