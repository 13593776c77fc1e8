using System.Diagnostics;

namespace Hostscope.Program.Tests;

/// <summary>The wall clock of a program under test: the machine's, and as far off as the test says.</summary>
internal sealed class WallClock : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly FileStream _file;

    public WallClock()
    {
        var library = _scratch.File("wall-clock.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Native", "wall-clock.c");
        using var compiler = Process.Start("cc", ["-O2", "-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        _file = new FileStream(_scratch.File("offset"), FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        Step(TimeSpan.Zero);
        Environment = new() { ["LD_PRELOAD"] = library, ["WALL_CLOCK_OFFSET"] = _scratch.File("offset") };
    }

    /// <summary>What the program has to be started with.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>What the program takes for the present.</summary>
    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Offset;

    private TimeSpan Offset { get; set; }

    /// <summary>Sets the program's clock, at once, to the machine's and this.</summary>
    public void Step(TimeSpan offset)
    {
        Offset = TimeSpan.FromSeconds(Math.Floor(offset.TotalSeconds));
        _file.Position = 0;
        _file.Write(BitConverter.GetBytes((long)Offset.TotalSeconds));
        _file.Flush();
    }

    public void Dispose()
    {
        _file.Dispose();
        _scratch.Dispose();
    }
}
