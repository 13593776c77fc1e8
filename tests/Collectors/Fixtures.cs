using System.Globalization;

namespace Hostscope.Collectors.Tests;

/// <summary>The hosts below tests/fixtures/hosts: see the README there.</summary>
internal static class Fixtures
{
    /// <summary>Folder of all hosts.</summary>
    public static readonly string Folder = Path.Combine(FindRepository(), "tests", "fixtures", "hosts");

    /// <summary>Names of all hosts.</summary>
    public static IEnumerable<string> Hosts => Directory.EnumerateDirectories(Folder)
        .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>When an instant of a host was.</summary>
    public static (DateTimeOffset Wall, TimeSpan Monotonic) Instant(string host, string instant)
    {
        var words = File.ReadLines(Path.Combine(Folder, host, "instants.txt"))
            .Select(line => line.Split(' ')).Single(words => words[0] == instant);
        return (
            DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(words[1], CultureInfo.InvariantCulture)),
            TimeSpan.FromTicks(long.Parse(words[2], CultureInfo.InvariantCulture) / 100));
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hostscope.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests must run from a build below the repository.");
        }

        return folder;
    }
}
