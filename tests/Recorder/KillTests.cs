using System.Globalization;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: killing the process loses nothing that was acknowledged and invents nothing. Method: kill -9 at random ticks,
/// over and over on one store; after each the newest run is compared tick by tick. HOSTSCOPE_KILLS sets how often.
/// </summary>
public sealed class KillTests
{
    [Fact]
    public void Killing_the_process_loses_nothing()
    {
        using var files = new StoreHarness(1);
        var directory = files.NewDirectory();
        var kills = int.Parse(
            Environment.GetEnvironmentVariable("HOSTSCOPE_KILLS") ?? "12", CultureInfo.InvariantCulture);
        var random = new Random(20261124);
        for (var round = 0; round < kills; round++)
        {
            using var child = CrashChild.Start(directory, seed: round, ticks: 2000);
            var wanted = random.Next(3) == 0 ? random.Next(2, 20) : random.Next(2, 900);
            long run = 0;
            var acknowledged = 0;
            for (var lines = 0; child.StandardOutput.ReadLine() is { } line; lines++)
            {
                if (lines == wanted)
                {
                    child.Kill();
                }

                (run, acknowledged) = line.Split(' ') switch
                {
                    ["run", var number] => (long.Parse(number, CultureInfo.InvariantCulture), acknowledged),
                    ["kept", var tick] => (run, int.Parse(tick, CultureInfo.InvariantCulture)),
                    _ => (run, acknowledged),
                };
            }

            child.WaitForExit();
            Assert.Equal(round + 1, run);
            CrashChild.Verify(directory, round, run, acknowledged, $"kill {round}");
        }
    }
}
