using System.Globalization;
using System.Text;

namespace Hostscope.Prometheus.Tests;

/// <summary>One sample as a reader sees it.</summary>
internal sealed record ReadSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    /// <summary>Name and labels, labels by name: equal for equal series, in whatever order they were written.</summary>
    public string Key { get; } = Name + "{" + string.Join(",",
        Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")) + "}";
}

/// <summary>
/// An answer of an exporter, read by a strict reader of the text format that shares no line with our writer. What the
/// format does not allow is an <see cref="InvalidDataException"/>.
/// </summary>
internal sealed class Scrape
{
    public Dictionary<string, string> Types { get; } = [];

    public Dictionary<string, string> Helps { get; } = [];

    public List<ReadSample> Samples { get; } = [];

    public ILookup<string, ReadSample> Families => Samples.ToLookup(sample => sample.Name);

    public static Scrape Parse(string text)
    {
        var scrape = new Scrape();
        if (text.Length > 0 && !text.EndsWith('\n'))
        {
            throw new InvalidDataException("The last line does not end.");
        }

        var seen = new HashSet<string>();
        string? family = null;
        foreach (var line in text.Split('\n').SkipLast(1))
        {
            if (line.StartsWith('#'))
            {
                scrape.TakeComment(line);
                continue;
            }

            var sample = ParseSample(line);
            if (!seen.Add(sample.Key))
            {
                throw new InvalidDataException($"Twice: {sample.Key}");
            }

            if (sample.Name != family && scrape.Samples.Exists(earlier => earlier.Name == sample.Name))
            {
                throw new InvalidDataException($"The samples of {sample.Name} do not stand together.");
            }

            family = sample.Name;
            scrape.Samples.Add(sample);
        }

        return scrape;
    }

    private void TakeComment(string line)
    {
        var words = line.Split(' ', 4);
        if (words[1] is not ("HELP" or "TYPE"))
        {
            return;
        }

        var taken = words[1] == "HELP" ? Helps : Types;
        if (!taken.TryAdd(words[2], words.ElementAtOrDefault(3) ?? ""))
        {
            throw new InvalidDataException($"Twice: {line}");
        }

        if (Samples.Exists(sample => sample.Name == words[2]))
        {
            throw new InvalidDataException($"After its samples: {line}");
        }
    }

    private static ReadSample ParseSample(string line)
    {
        var end = line.IndexOfAny(['{', ' ']);
        var labels = new Dictionary<string, string>();
        var at = end;
        while (line[at] is '{' or ',')
        {
            var equals = line.IndexOf('=', at);
            var name = line[(at + 1)..equals];
            if (line[equals + 1] != '"')
            {
                throw new InvalidDataException($"No quote behind {name}= in: {line}");
            }

            labels.Add(name, Unquote(line, equals + 2, out at));
        }

        if (line[at] == '}')
        {
            at++;
        }

        var words = line[at..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 1)
        {
            throw new InvalidDataException($"Not one value in: {line}");
        }

        return new ReadSample(line[..end], labels, words[0] switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var word => double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture),
        });
    }

    private static string Unquote(string line, int from, out int behind)
    {
        var value = new StringBuilder();
        for (behind = from; line[behind] != '"'; behind++)
        {
            if (line[behind] == '\\')
            {
                behind++;
                value.Append(line[behind] switch
                {
                    'n' => '\n',
                    '\\' or '"' => line[behind],
                    _ => throw new InvalidDataException($"No escape: \\{line[behind]} in {line}"),
                });
            }
            else
            {
                value.Append(line[behind]);
            }
        }

        behind++;
        return value.ToString();
    }
}
