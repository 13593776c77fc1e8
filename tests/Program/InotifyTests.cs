namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: where other programs of the user hold every inotify instance, ours starts and works as ever. Method: the
/// published binary in a user namespace that allows none at all.
/// </summary>
public sealed class InotifyTests
{
    private static readonly TimeSpan MostMore = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task It_starts_as_fast_without_a_single_inotify_instance()
    {
        var asEver = await StartedWithinAsync("true");
        var without = await StartedWithinAsync("echo 0 > /proc/sys/user/max_inotify_instances");
        Assert.True(without < asEver + MostMore, $"{without} instead of {asEver}.");
    }

    private static async Task<TimeSpan> StartedWithinAsync(string preparation)
    {
        using var scratch = new Scratch();
        var config = scratch.Write("hostscope.json", "{ \"interval\": \"200ms\" }");
        var from = TimeProvider.System.GetTimestamp();
        await using var server = await Server.StartByAsync(
            ["unshare", "--user", "--map-root-user", "sh", "-c", preparation + " && exec \"$0\" \"$@\"", Server.Binary],
            "--config", config, "--data-dir", scratch.File("data"));
        var taken = TimeProvider.System.GetElapsedTime(from);
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        await server.EndWellAsync();
        Assert.DoesNotContain(server.Error.Lines, line => line.Contains("inotify", StringComparison.OrdinalIgnoreCase));
        return taken;
    }
}
