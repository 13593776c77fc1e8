namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Compares what we say with what node_exporter says of the same machine. It is asked between two of our ticks: a
/// counter that only grows must then lie between our two readings, which is exact and needs no tolerance.
/// </summary>
/// <param name="Before">Our tick before node_exporter was asked.</param>
/// <param name="Theirs">What node_exporter said.</param>
/// <param name="After">Our tick after it had answered.</param>
internal sealed record Comparison(Scrape Before, Scrape Theirs, Scrape After)
{
    /// <summary>
    /// Families of the same name whose samples are about the exporter itself: the same labels, other values of them.
    /// </summary>
    private static readonly string[] OfTheExporter =
        ["node_scrape_collector_duration_seconds", "node_scrape_collector_success"];

    /// <summary>
    /// The kernel works out idle and iowait of a sleeping CPU when it is asked, and corrects itself by up to two ticks.
    /// </summary>
    private const double CorrectedBySeconds = 0.02;

    /// <summary>Families that both have, by name.</summary>
    public IReadOnlyList<string> Common { get; } =
        [.. After.Types.Keys.Intersect(Theirs.Types.Keys).Order(StringComparer.Ordinal)];

    /// <summary>Families of node_exporter that we do not have.</summary>
    public IReadOnlyList<string> Missing { get; } = [.. Theirs.Types.Keys.Except(After.Types.Keys)
        .Where(name => name.StartsWith("node_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Differences in types, help texts and label names, one a line.</summary>
    public IEnumerable<string> Differences() => Common.SelectMany(name => (string?[])
    [
        Differ(name, "type", After.Types[name], Theirs.Types[name]),
        Differ(name, "help", After.Helps[name], Theirs.Helps[name]),
        Differ(name, "labels", LabelsOf(After, name), LabelsOf(Theirs, name)),
    ]).OfType<string>();

    /// <summary>Series of common families that node_exporter has and we do not.</summary>
    public IEnumerable<string> MissingSeries() => Common.Except(OfTheExporter)
        .SelectMany(name => Theirs.Families[name].Select(sample => sample.Key).Except(Keys(After, name)));

    /// <summary>Series of common families that we have and node_exporter does not.</summary>
    public IEnumerable<string> ExtraSeries() => Common.Except(OfTheExporter)
        .SelectMany(name => Keys(After, name).Except(Keys(Theirs, name)));

    /// <summary>Counters that do not lie between our two readings, one a line.</summary>
    public IEnumerable<string> WrongCounters() => Triples(IsCounter)
        .Where(triple => triple.Theirs.Value < triple.Before - CorrectedBySeconds
            || triple.Theirs.Value > triple.After + CorrectedBySeconds)
        .Select(Describe);

    /// <summary>Gauges that are not near either of our readings, by key.</summary>
    /// <param name="tolerance">Part of the value, or of the span that our readings cover.</param>
    public IEnumerable<string> FarGauges(double tolerance) => Triples(name => !IsCounter(name))
        .Where(triple =>
        {
            var (low, high) = (Math.Min(triple.Before, triple.After), Math.Max(triple.Before, triple.After));
            var slack = Math.Max(tolerance * Math.Max(Math.Abs(high), Math.Abs(low)), high - low);
            return triple.Theirs.Value < low - slack || triple.Theirs.Value > high + slack;
        })
        .Select(Describe);

    /// <summary>How many series were compared.</summary>
    public int CountSeries() => Triples(_ => true).Count();

    private static bool IsTotalOfVmstat(string name) => name.StartsWith("node_vmstat_", StringComparison.Ordinal);

    /// <summary>What node_exporter calls untyped are totals in these files, but for two levels.</summary>
    private bool IsCounter(string name) => Theirs.Types[name] == "counter" || IsTotalOfVmstat(name)
        || (name.StartsWith("node_netstat_", StringComparison.Ordinal)
            && name is not ("node_netstat_Tcp_CurrEstab" or "node_netstat_Ip_Forwarding"));

    private IEnumerable<(ReadSample Theirs, double Before, double After)> Triples(Func<string, bool> which)
    {
        var before = Before.Samples.ToDictionary(sample => sample.Key, sample => sample.Value);
        var after = After.Samples.ToDictionary(sample => sample.Key, sample => sample.Value);
        return Common.Except(OfTheExporter).Where(which).SelectMany(name => Theirs.Families[name])
            .Where(sample => before.ContainsKey(sample.Key) && after.ContainsKey(sample.Key))
            .Select(sample => (sample, before[sample.Key], after[sample.Key]));
    }

    private static string Describe((ReadSample Theirs, double Before, double After) triple) =>
        FormattableString.Invariant(
            $"{triple.Theirs.Key}: ours {triple.Before} and {triple.After}, theirs between {triple.Theirs.Value}");

    private static IEnumerable<string> Keys(Scrape scrape, string name) =>
        scrape.Families[name].Select(sample => sample.Key);

    private static string LabelsOf(Scrape scrape, string name) => string.Join(',', scrape.Families[name]
        .SelectMany(sample => sample.Labels.Keys).Distinct().Order(StringComparer.Ordinal));

    private static string? Differ(string name, string what, string ours, string theirs) =>
        ours == theirs ? null : $"{name}: {what} is {ours}, node_exporter's is {theirs}";
}
