namespace Hostscope.Gateway.Prometheus;

/// <summary>The type in the line <c># TYPE</c> of a family.</summary>
internal enum FamilyType
{
    /// <summary>A level.</summary>
    Gauge,

    /// <summary>A total that only grows, or starts anew.</summary>
    Counter,

    /// <summary>Not said: what node_exporter writes where a file of the kernel mixes levels and totals.</summary>
    Untyped,
}

/// <summary>What stands once above the samples of one name.</summary>
/// <param name="Name">Name of the family, by the rule of <see cref="TextFormat.IsMetricName"/>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Help">One line for people.</param>
internal sealed record Family(string Name, FamilyType Type, string Help);
