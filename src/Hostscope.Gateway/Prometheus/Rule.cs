using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// How the series of one row of <see cref="Metrics"/> become samples of one family, or, with a name that has a label
/// in braces, of one family for each value of that label.
/// </summary>
/// <param name="Metric">The row.</param>
/// <param name="Name">
/// Name of the family. <c>{label}</c> stands for the value of that label of the series, made fit for a name.
/// </param>
/// <param name="Type">Type of the family.</param>
/// <param name="Help">Help of the family; <c>{label}</c> as in the name.</param>
internal sealed record Rule(Metric Metric, string Name, FamilyType Type, string Help)
{
    /// <summary>What <c>{part}</c> in name and help stands for, where that is no label as it is.</summary>
    public Func<Series, string>? Part { get; init; }

    /// <summary>Labels of a sample, in the order in which they are written.</summary>
    public LabelRule[] Labels { get; init; } = [];

    /// <summary>Which series; all when not given.</summary>
    public Func<Series, bool>? Where { get; init; }

    /// <summary>
    /// How many series add up to one sample: those that agree in all labels of the family. When one of them is absent,
    /// so is the sum.
    /// </summary>
    public int Terms { get; init; } = 1;

    /// <summary>The sample is (value * <see cref="Multiply"/> / <see cref="Divide"/>) + <see cref="Add"/>.</summary>
    public long Multiply { get; init; } = 1;

    /// <summary>See <see cref="Multiply"/>; at least 1.</summary>
    public long Divide { get; init; } = 1;

    /// <summary>See <see cref="Multiply"/>.</summary>
    public long Add { get; init; }

    /// <summary>The family that a series belongs to.</summary>
    public Family FamilyOf(Series series)
    {
        var name = Name;
        var help = Help;
        for (var i = 0; i < series.Metric.Labels.Length && name.Contains('{', StringComparison.Ordinal); i++)
        {
            var place = $"{{{series.Metric.Labels[i]}}}";
            var part = NamePart(series.LabelValues[i]);
            name = name.Replace(place, part, StringComparison.Ordinal);
            help = help.Replace(place, part, StringComparison.Ordinal);
        }

        if (Part is not null)
        {
            var part = NamePart(Part(series));
            name = name.Replace("{part}", part, StringComparison.Ordinal);
            help = help.Replace("{part}", part, StringComparison.Ordinal);
        }

        return new Family(name, Type, help);
    }

    /// <summary>The labels of the sample that a series becomes.</summary>
    public (string Name, string Value)[] LabelsOf(Series series) =>
        Array.ConvertAll(Labels, label => (label.Name, label.Of(series)));

    /// <summary>The value of a label of a series.</summary>
    public static string ValueOf(Series series, string label) =>
        series.LabelValues[Array.IndexOf(series.Metric.Labels, label)];

    /// <summary>
    /// A text as part of a name: <c>Active(anon)</c> is <c>Active_anon</c>, as node_exporter has it, and what else a
    /// name cannot hold is an underscore.
    /// </summary>
    public static string NamePart(string text) => string.Concat(
        text.TrimEnd(')').Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
}

/// <summary>One label of a sample.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Of">Gives its value.</param>
internal readonly record struct LabelRule(string Name, Func<Series, string> Of)
{
    /// <summary>A label taken from a label of the series.</summary>
    public static implicit operator LabelRule((string Name, string From) pair) =>
        new(pair.Name, series => Rule.ValueOf(series, pair.From));
}
