using System.Text;
using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// What to write for the frames of one schema: names, labels and headers made once, so that a frame only adds its
/// numbers. Families are ordered by name, their samples by labels: the same values are the same bytes, whatever the
/// order in which devices appeared. Immutable.
/// </summary>
internal sealed class Plan
{
    private readonly List<(Family Family, Line[] Lines)> _families;

    private Plan(List<(Family Family, Line[] Lines)> families) => _families = families;

    /// <summary>The plan of a schema that has no series.</summary>
    public static Plan Empty { get; } = new([]);

    /// <summary>Makes the plan of a schema.</summary>
    public static Plan Of(Schema schema, IReadOnlyList<Rule> rules)
    {
        var byMetric = rules.ToLookup(rule => rule.Metric);
        var families = new Dictionary<string, (Family Family, Dictionary<string, Draft> Lines)>(StringComparer.Ordinal);
        for (var slot = 0; slot < schema.Count; slot++)
        {
            var series = schema.Series[slot];
            foreach (var rule in byMetric[series.Metric])
            {
                if (rule.Where is null || rule.Where(series))
                {
                    Add(families, rule, series, slot);
                }
            }
        }

        return new Plan([.. families.Values.OrderBy(entry => entry.Family.Name, StringComparer.Ordinal)
            .Select(entry => (entry.Family, Lines(entry.Lines)))]);
    }

    /// <summary>Writes a frame. A family without a value in this frame is left out, header and all.</summary>
    public void Write(TextFormat text, ReadOnlySpan<long> values)
    {
        foreach (var (family, lines) in _families)
        {
            var hasHeader = false;
            foreach (var line in lines)
            {
                if (!line.TryAdd(values, out var sum))
                {
                    continue;
                }

                if (!hasHeader)
                {
                    text.Header(family);
                    hasHeader = true;
                }

                line.Write(text, sum);
            }
        }
    }

    private static void Add(
        Dictionary<string, (Family Family, Dictionary<string, Draft> Lines)> families,
        Rule rule,
        Series series,
        int slot)
    {
        var family = rule.FamilyOf(series);
        if (!TextFormat.IsMetricName(family.Name))
        {
            return; // A field of a kernel file without one character that a name can hold.
        }

        if (!families.TryGetValue(family.Name, out var entry))
        {
            entry = (family, new(StringComparer.Ordinal));
            families.Add(family.Name, entry);
        }

        var text = TextFormat.SeriesText(family.Name, rule.LabelsOf(series));
        var key = Encoding.UTF8.GetString(text);
        if (!entry.Lines.TryGetValue(key, out var draft))
        {
            draft = new Draft(text, rule, series.Metric.Scale, []);
            entry.Lines.Add(key, draft);
        }

        // Two devices whose labels became the same: one line, or the whole answer would be refused.
        if (draft.Slots.Count < rule.Terms)
        {
            draft.Slots.Add(slot);
        }
    }

    private static Line[] Lines(Dictionary<string, Draft> drafts) =>
    [
        .. drafts.Where(pair => pair.Value.Slots.Count == pair.Value.Rule.Terms)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new Line(pair.Value)),
    ];

    private sealed record Draft(byte[] Series, Rule Rule, long Scale, List<int> Slots);

    /// <summary>One line of the text: the series, and where in a frame its value is.</summary>
    private sealed class Line(Draft draft)
    {
        private readonly byte[] _series = draft.Series;
        private readonly int[] _slots = [.. draft.Slots];
        private readonly long _multiply = draft.Rule.Multiply;
        private readonly long _divide = draft.Rule.Divide;
        private readonly long _scale = draft.Scale;
        private readonly Int128 _add = (Int128)draft.Rule.Add * draft.Scale * draft.Rule.Divide;

        /// <summary>The sum of the series, in raw units; false when one of them is absent.</summary>
        public bool TryAdd(ReadOnlySpan<long> values, out Int128 sum)
        {
            sum = 0;
            foreach (var slot in _slots)
            {
                if (values[slot] == Frame.Absent)
                {
                    return false;
                }

                sum += values[slot];
            }

            return true;
        }

        public void Write(TextFormat text, Int128 sum)
        {
            var number = (sum * _multiply) + _add;
            var (quotient, rest) = Int128.DivRem(number, _divide);
            if (rest == 0)
            {
                text.Sample(_series, quotient, _scale);
            }
            else
            {
                text.Sample(_series, (double)number / ((double)_scale * _divide));
            }
        }
    }
}
