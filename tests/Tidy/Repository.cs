using System.Diagnostics;

namespace Hostscope.Tidy.Tests;

/// <summary>The files of the repository: what git tracks, and what it would if it were added.</summary>
internal static class Repository
{
    /// <summary>The folder with Hostscope.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to <see cref="Root"/>, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>Files whose path begins with one of the folders and ends with one of the endings.</summary>
    public static IEnumerable<string> Below(string[] folders, params string[] endings) => Files.Where(file =>
        folders.Any(folder => file.StartsWith(folder, StringComparison.Ordinal))
        && endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>The lines of a file.</summary>
    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>The text of a file.</summary>
    public static string Text(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hostscope.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests must run from a build below the repository.");
        }

        return folder;
    }

    private static List<string> ListFiles()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. files.Where(file => File.Exists(Path.Combine(Root, file)))];
    }
}
