using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: viewers cost the machine no reading; /proc/stat is read once a tick whether nobody watches or a hundred do.
/// Method: strace on the running binary, only the calls on that file; the sampler's own numbers say how many ticks.
/// </summary>
public sealed partial class ReadsTests
{
    private const int Ticks = 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public async Task The_kernels_file_is_read_once_a_tick(int viewers)
    {
        await using var server = await Server.StartAsync("--interval", "0.1");
        var watching = new List<Viewer>();
        for (var i = 0; i < viewers; i++)
        {
            watching.Add(await server.ViewAsync());
        }

        var draining = watching.Select(DrainAsync).ToList();
        using var trace = Trace(server.Id);
        var lines = new LineLog(trace.StandardError);
        await lines.FirstAsync(IsRead);

        // Each read has the kernel's time before it: the time between the first and the last is a number of ticks.
        var reads = 0;
        for (var from = 0; reads < Ticks; from++)
        {
            var seen = from;
            await lines.FirstAsync(_ => true, seen);
            reads += IsRead(lines.Lines[seen]) ? 1 : 0;
        }

        trace.Kill();
        await trace.WaitForExitAsync(TestContext.Current.CancellationToken);
        var times = lines.Lines.Where(IsRead).Select(TimeOf).Take(Ticks).ToList();
        var perTick = (Ticks - 1) / ((times[^1] - times[0]) / 0.1);
        Assert.InRange(perTick, 0.8, 1.1);
        Assert.DoesNotContain(lines.Lines, line => line.Contains("open", StringComparison.Ordinal));

        await server.EndWellAsync();
        await Task.WhenAll(draining);
        foreach (var viewer in watching)
        {
            await viewer.DisposeAsync();
        }
    }

    private static async Task DrainAsync(Viewer viewer)
    {
        while (await viewer.NextAsync() is not null)
        {
        }
    }

    private static Process Trace(int id)
    {
        var start = new ProcessStartInfo("strace",
            ["-f", "-ttt", "-P", "/proc/stat", "-e", "trace=openat,open,read,pread64,readv,preadv", "-p", $"{id}"])
        {
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static bool IsRead(string line) => Read().IsMatch(line);

    private static double TimeOf(string line) =>
        double.Parse(Read().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);

    // [pid  4242] 1795547650.123456 pread64(87, "cpu  ..."..., 16384, 0) = 1234
    [GeneratedRegex(@"^(?:\[pid +\d+\] )?(\d+\.\d+) p?read(?:64|v)?\(")]
    private static partial Regex Read();
}
