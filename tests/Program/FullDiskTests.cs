using System.Diagnostics;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// P-03. Goal: a disk that is full changes nothing in the live view, is said, costs no tick that memory can hold, and
/// is over by itself when there is room again. Method: the published binary records into a file system of its own of
/// 64 MiB that something else has filled but for a few ticks, as the tail's log would else have its room already; a
/// viewer takes every frame, and each is looked for in the history.
/// </summary>
public sealed class FullDiskTests
{
    /// <summary>KiB that are left: for the files as they begin and some ticks, five of them a second.</summary>
    private const int LeftKib = 128;

    /// <summary>The disk is tried again ten seconds after it failed.</summary>
    private static readonly TimeSpan Resumed = TimeSpan.FromSeconds(12);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_live_view_goes_on_and_recording_pauses_says_so_and_resumes_by_itself()
    {
        using var scratch = new Scratch();
        var disk = scratch.File("disk");
        Directory.CreateDirectory(disk);
        await using var server = await Server.StartByAsync(
            [
                "unshare", "-rm", "sh", "-c", $"mount -t tmpfs -o size=64m tmpfs {disk} && "
                    + $"head -c {(64 << 20) - (LeftKib << 10)} /dev/zero >{disk}/filler && exec \"$0\" \"$@\"",
                Server.Binary,
            ],
            "--data-dir", $"{disk}/data", "--store-floor", "0", "--interval", "0.2");
        using var http = new HttpClient { BaseAddress = server.Address };
        await using var viewer = await server.ViewAsync("?topics=system");
        var seen = new List<(long Sequence, long UnixMs)>();
        await SeeAsync(viewer, seen, 10);
        var paused = await StateAsync(http, "paused");
        Assert.Contains("full", paused.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.NotEqual(0, paused.GetProperty("ticksRecorded").GetInt64());
        await SeeAsync(viewer, seen, 10);

        // Where only the program's own mount shows it.
        File.Delete($"/proc/{server.Id}/root{disk}/filler");
        var clock = Stopwatch.StartNew();
        await StateAsync(http, "recording");
        Assert.True(clock.Elapsed < Resumed + Server.Deadline / 10, $"It went on after {clock.Elapsed}.");
        await SeeAsync(viewer, seen, 1);
        Assert.All(seen.Index(), frame => Assert.Equal(seen[0].Sequence + frame.Index, frame.Item.Sequence));
        await SeeAsync(viewer, [], 2); // What was seen last may be on its way to the disk.
        var kept = await KeptAsync(http);
        Assert.All(seen, frame => Assert.Contains(frame.UnixMs, kept));
        await server.EndWellAsync();
    }

    private static async Task SeeAsync(Viewer viewer, List<(long Sequence, long UnixMs)> seen, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            var frame = await viewer.FirstAsync("frame");
            seen.Add((frame.GetProperty("seq").GetInt64(), frame.GetProperty("t").GetInt64()));
        }
    }

    private static async Task<HashSet<long>> KeptAsync(HttpClient http)
    {
        var text = await http.GetStringAsync(
            "/api/v1/hosts/local/export?format=jsonl&from=-1h&series=system.cpu.load_average.1m", Ct);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("t").GetInt64())];
    }

    private static async Task<JsonElement> StateAsync(HttpClient http, string state)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            var status = JsonDocument.Parse(await http.GetStringAsync("/api/v1/status", Ct)).RootElement;
            var recorder = status.GetProperty("recorder");
            if (recorder.ValueKind == JsonValueKind.Object && recorder.GetProperty("state").GetString() == state)
            {
                return recorder;
            }

            Assert.True(deadline.Elapsed < Server.Deadline, $"Not {state}, but {recorder}.");
        }
    }
}
