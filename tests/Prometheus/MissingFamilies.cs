using System.Text.RegularExpressions;

namespace Hostscope.Prometheus.Tests;

/// <summary>The families of node_exporter that docs/PROMETHEUS.md says we do not have.</summary>
internal static class MissingFamilies
{
    private static readonly Regex[] Documented = Read();

    /// <summary>Whether the page names a family, by itself or by a pattern with a star.</summary>
    public static bool IsDocumented(string name) => Documented.Any(pattern => pattern.IsMatch(name));

    /// <summary>The first column of the table below the heading "What is missing".</summary>
    private static Regex[] Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "docs", "PROMETHEUS.md")))
        {
            folder = folder.Parent ?? throw new FileNotFoundException("No docs/PROMETHEUS.md above the tests.");
        }

        var lines = File.ReadAllLines(Path.Combine(folder.FullName, "docs", "PROMETHEUS.md"));
        var table = lines.SkipWhile(line => line != "## What is missing").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        return
        [
            .. table.SelectMany(line => line.Split('|')[1].Split('`'))
                .Where(word => word.StartsWith("node_", StringComparison.Ordinal))
                .Select(pattern => new Regex("^" + Regex.Escape(pattern).Replace("\\*", ".*") + "$")),
        ];
    }
}
