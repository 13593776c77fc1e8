using System.Globalization;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-04. Goal: whichever system call the kernel refuses, nothing that was acknowledged is lost, and recording goes on
/// by itself. Method: a recording process whose n-th write, cut, sync, rename or deletion fails, below SQLite and the
/// framework; then every tick is compared. HOSTSCOPE_FAULT_STRIDE sets the step of n.
/// </summary>
public sealed class SystemCallFaultTests
{
    private const int Seed = 99;
    private const int Ticks = 700;

    /// <summary>
    /// About what the process does in 450 ticks: the fold of the first block is among them, and enough ticks follow for
    /// an outage, of which each try costs a call or two and comes ten ticks after the one before.
    /// </summary>
    private const int Operations = 1_800;

    [Theory]
    [InlineData(5, 1, false)]
    [InlineData(5, 12, false)]
    [InlineData(28, 1, false)]
    [InlineData(28, 20, false)]
    [InlineData(28, 1, true)]
    public void A_call_that_fails_loses_nothing_that_was_acknowledged(int errno, int count, bool isShort)
    {
        using var files = new StoreHarness(1);
        var library = CrashChild.CompileLibrary(files.NewDirectory());
        var stride = int.Parse(
            Environment.GetEnvironmentVariable("HOSTSCOPE_FAULT_STRIDE") ?? "331", CultureInfo.InvariantCulture);

        // The first calls make the files and give the log its length: that the store cannot be opened at all then is
        // another test's matter.
        for (var n = 60; n < Operations; n += stride)
        {
            var directory = files.NewDirectory();
            using var child = CrashChild.Start(
                directory, Seed, Ticks, ("LD_PRELOAD", library), ("RECORD_DIR", directory),
                ("FAIL_FROM", $"{n}"), ("FAIL_COUNT", $"{count}"), ("FAIL_ERRNO", $"{errno}"),
                ("FAIL_SHORT", isShort ? "1" : "0"));
            var lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            child.WaitForExit();
            Assert.Equal(0, child.ExitCode);
            Assert.Equal($"kept {Ticks}", lines[^1]);
            CrashChild.Verify(directory, Seed, run: 1, acknowledged: Ticks, $"errno {errno} from call {n}");
        }
    }
}
