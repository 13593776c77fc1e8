namespace Hostscope.Collectors;

/// <summary>
/// One kernel source. It is made with the roots it reads from and the builder it writes to, defines its series when it
/// first sees a device, and is then called once a tick on the sampling thread. After warm-up it allocates nothing.
/// </summary>
public interface ICollector
{
    /// <summary>The kernel's noun for the source, in lower case: <c>cpu</c>, <c>diskstats</c>. A label value.</summary>
    string Name { get; }

    /// <summary>
    /// Reads the source once and sets the cells of its series. A value that cannot be had is not set: absent, never 0.
    /// Expected failures are results; an exception is a bug, and the sampler's wrapper turns it into a failure.
    /// </summary>
    CollectResult Collect();
}

/// <summary>How a collection ended.</summary>
public enum CollectStatus
{
    /// <summary>The source was read.</summary>
    Ok,

    /// <summary>
    /// This machine does not have the source, or does not let us read it; not a failure, shown as a capability.
    /// </summary>
    Unavailable,

    /// <summary>The source should be there and could not be read or understood.</summary>
    Failed,
}

/// <summary>How a collection ended, with the reason in words for people.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Reason">Why, naming the file and, for bad content, the line; <c>null</c> when it went well.</param>
/// <param name="Remedy">What would make it work; <c>null</c> when nothing is known to.</param>
public readonly record struct CollectResult(CollectStatus Status, string? Reason = null, string? Remedy = null)
{
    /// <summary>The source was read.</summary>
    public static readonly CollectResult Ok;

    /// <summary>This machine does not have the source, or does not let us read it.</summary>
    public static CollectResult Unavailable(string reason, string? remedy = null) =>
        new(CollectStatus.Unavailable, reason, remedy);

    /// <summary>The source should be there and could not be read or understood.</summary>
    public static CollectResult Failed(string reason) => new(CollectStatus.Failed, reason);
}
