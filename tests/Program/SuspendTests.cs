using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: after a pause of the whole program there is one gap and no burst, and rates are over the time that passed.
/// Method: the published binary is stopped and continued by signals; another one that is not stopped is the clock.
/// </summary>
public sealed class SuspendTests
{
    private const int MissedTicks = 30;

    [Fact]
    public async Task A_pause_is_one_gap_and_not_made_up_for()
    {
        await using var server = await Server.StartAsync("--interval", "0.1");
        await using var clock = await Server.StartAsync("--interval", "0.1");
        await using var viewer = await server.ViewAsync();
        await using var ticks = await clock.ViewAsync();
        var before = await viewer.FirstAsync("frame");
        server.Signal(Server.Sigstop);
        for (var i = 0; i < MissedTicks; i++)
        {
            await ticks.FirstAsync("frame");
        }

        server.Signal(Server.Sigcont);
        var sequence = before.GetProperty("seq").GetInt64();
        var frames = new List<JsonElement>();
        while (!frames.Any(IsGap) || frames.Count < MissedTicks)
        {
            Assert.True(frames.Count < 10 * MissedTicks, "There is no gap.");
            frames.Add(await viewer.FirstAsync("frame"));
            Assert.Equal(++sequence, frames[^1].GetProperty("seq").GetInt64());
        }

        Assert.Single(frames, IsGap);
        Assert.InRange(frames.Count(frame => Elapsed(frame) < 50), 0, 1);
        await server.EndWellAsync();
        await clock.EndWellAsync();
    }

    private static bool IsGap(JsonElement frame) => Elapsed(frame) >= (MissedTicks - 3) * 100;

    private static double Elapsed(JsonElement frame) =>
        frame.GetProperty("dt") is { ValueKind: JsonValueKind.Number } elapsed ? elapsed.GetDouble() : 100;
}
