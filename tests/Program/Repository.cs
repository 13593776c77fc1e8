namespace Hostscope.Program.Tests;

/// <summary>Files that tests need, and room for those they make.</summary>
internal static class Repository
{
    /// <summary>The folder with Hostscope.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The recorded hosts.</summary>
    public static string Hosts { get; } = Path.Combine(Root, "tests", "fixtures", "hosts");

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
}

/// <summary>A directory of a test's own, gone with it.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hostscope-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return File(name);
    }

    /// <summary>Sets a mode such as <c>600</c>.</summary>
    public static void SetMode(string path, string octal)
    {
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(octal, 8));
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
