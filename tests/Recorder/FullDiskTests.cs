namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-03. Goal: a disk that is full costs nothing as long as memory holds the ticks, is said, and recording goes on by
/// itself when there is room again. Method: a real file system of 6 MiB that something else fills amid a recording.
/// </summary>
public sealed class FullDiskTests
{
    private const int Seed = 31;
    private const int Ticks = 700;

    [Fact]
    public void A_full_file_system_costs_nothing_and_recording_goes_on_when_there_is_room_again()
    {
        using var files = new StoreHarness(1);
        var (directory, copy) = (files.NewDirectory(), files.NewDirectory());
        var command = "mount -t tmpfs -o size=6m tmpfs \"$1\" && \"$0\" && cp \"$1\"/*.db* " + copy;
        using var child = CrashChild.StartInShell(command, directory, Seed, Ticks);
        var kept = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, "A file system of one's own needs user namespaces (unshare -rm).");
        Assert.Equal($"kept {Ticks}", kept[^1]);
        Assert.Contains($"kept {CrashChild.FillAtTick - 1}", kept);
        Assert.DoesNotContain($"kept {CrashChild.FreeAtTick - 20}", kept);
        Assert.Contains($"kept {CrashChild.FreeAtTick + 10}", kept);
        CrashChild.Verify(copy, Seed, run: 1, acknowledged: Ticks, "a full disk");
    }
}
