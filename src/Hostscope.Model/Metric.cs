namespace Hostscope.Model;

/// <summary>How a metric's raw value behaves over time.</summary>
public enum MetricKind
{
    /// <summary>A level: the value is what it is now. Shown as it is.</summary>
    Gauge,

    /// <summary>
    /// A total that only grows. Kept raw in a <see cref="Frame"/>; <see cref="Derive"/> turns it into a rate per
    /// second.
    /// </summary>
    Counter,
}

/// <summary>What the coarser history tiers keep of a metric besides minimum and maximum.</summary>
public enum RollUp
{
    /// <summary>The average over the bucket: right for levels and for rates.</summary>
    Average,

    /// <summary>The last value of the bucket: right for facts such as a size or a limit.</summary>
    Last,
}

/// <summary>The groups a viewer subscribes to. A group that nobody watches is not encoded.</summary>
[Flags]
public enum Topics
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Every series of the host as a whole and of its devices.</summary>
    System = 1,

    /// <summary>The series of each logical CPU: many on a large machine.</summary>
    Cores = 2,

    /// <summary>The process table.</summary>
    Processes = 4,

    /// <summary>The cgroup table.</summary>
    Cgroups = 8,
}

/// <summary>One row of <see cref="Metrics"/>, the schema table that codec, wire, history and page all read.</summary>
/// <param name="Name">
/// Name by the OpenTelemetry semantic conventions for system metrics; a name of ours where they have none.
/// </param>
/// <param name="Unit">UCUM unit of the value after scaling: <c>s</c>, <c>By</c>, <c>1</c>, <c>{operation}</c>.</param>
/// <param name="Kind">Level or running total.</param>
/// <param name="Labels">Attribute names, in the order in which a series gives its values.</param>
/// <param name="Description">One sentence, with the kernel source of the value.</param>
public sealed record Metric(string Name, string Unit, MetricKind Kind, string[] Labels, string Description)
{
    /// <summary>
    /// What the raw integer is divided by to give the value in <see cref="Unit"/>; a power of ten, so that the raw
    /// integer of the kernel is kept without loss. 1 to 1,000,000,000.
    /// </summary>
    public long Scale { get; init; } = 1;

    /// <summary>The group of viewers this metric is sent to.</summary>
    public Topics Topic { get; init; } = Topics.System;

    /// <summary>What coarser tiers keep.</summary>
    public RollUp RollUp { get; init; } = RollUp.Average;

    /// <summary>The position of the row in <see cref="Metrics.All"/>; series are ordered by it.</summary>
    public int Index { get; internal set; } = -1;
}
