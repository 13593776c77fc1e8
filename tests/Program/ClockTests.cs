using System.Globalization;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: a wall clock that is set, by an hour or to another century, costs no tick and bends no rate. Method: the
/// published binary, recording, with a wall clock of the test's; a viewer takes every frame. What the machine itself is
/// late with is told by the frames, so that a busy one does not fail the test.
/// </summary>
public sealed class ClockTests
{
    private const double IntervalMs = 200;
    private const double JitterMs = 50;
    private const int FramesPerStep = 25;

    /// <summary>What the two ends of the comparison, which are not at the same moment, may make.</summary>
    private const double RateTolerance = 0.03;

    [Fact]
    public async Task Steps_of_the_wall_clock_move_the_labels_of_ticks_and_nothing_else()
    {
        using var clock = new WallClock();
        using var scratch = new Scratch();
        await using var server = await Server.StartAsync(
            clock.Environment, "--interval", "0.2", "--data-dir", scratch.File("data"));
        await using var viewer = await server.ViewAsync("?topics=system");
        var hello = await viewer.FirstAsync("hello");
        var stream = new Stream(viewer, hello.GetProperty("schema"));
        await stream.NextAsync();
        TimeSpan[] steps =
        [
            TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromHours(-2), TimeSpan.FromDays(3653),
            DateTimeOffset.UnixEpoch.AddDays(1) - TimeProvider.System.GetUtcNow(), TimeSpan.Zero,
        ];
        foreach (var step in steps)
        {
            clock.Step(step);
            await WaitForLabelsAsync(stream, clock);
            var from = ProcessorTime.Now();
            var ticks = new List<Tick>();
            while (ticks.Count < FramesPerStep)
            {
                ticks.Add(await stream.NextAsync());
            }

            // A tick that outlasts its interval, on a machine that has no time for it, leaves out points of the grid.
            var onTime = ticks.Count(tick => Math.Round(tick.GridMs / IntervalMs) == 1);
            Assert.True(onTime >= FramesPerStep * 4 / 5, $"{step}: {onTime} of {FramesPerStep} in time.");
            Assert.All(ticks, tick => Assert.True(
                Math.Abs(Math.IEEERemainder(tick.GridMs, IntervalMs)) <= JitterMs, $"{step}: {tick}"));
            var told = ticks.Sum(tick => tick.Cpus * tick.ElapsedMs) / ticks.Sum(tick => tick.ElapsedMs);
            var truth = from.CpusSince();
            Assert.True(
                Math.Abs((told / truth) - 1) < RateTolerance,
                $"{step}: {told:0.000} instead of {truth:0.000} CPUs.");
        }

        await server.EndWellAsync();
    }

    /// <summary>Frames until one tells of the step: without that the test would test nothing.</summary>
    private static async Task WaitForLabelsAsync(Stream stream, WallClock clock)
    {
        var seen = 0;
        while (Math.Abs((await stream.NextAsync()).UnixMs - clock.Now.ToUnixTimeMilliseconds()) > 60_000)
        {
            Assert.True(++seen < 10, $"The program's clock does not say {clock.Now:u}.");
        }
    }

    /// <summary>
    /// What the kernel says that all CPUs have done, idling included. On a virtual machine less than their number may
    /// pass in a second, so the truth is asked for and not assumed.
    /// </summary>
    private readonly record struct ProcessorTime(long Ticks, long Timestamp)
    {
        private const double TicksPerSecond = 100;

        public static ProcessorTime Now()
        {
            var words = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var ticks = words[1..9].Sum(word => long.Parse(word, CultureInfo.InvariantCulture));
            return new ProcessorTime(ticks, TimeProvider.System.GetTimestamp());
        }

        public double CpusSince() => (Now().Ticks - Ticks) / TicksPerSecond
            / TimeProvider.System.GetElapsedTime(Timestamp).TotalSeconds;
    }

    /// <param name="UnixMs">Wall clock.</param>
    /// <param name="ElapsedMs">Monotonic time since the tick before.</param>
    /// <param name="GridMs">The same between the times at which the two were due.</param>
    /// <param name="Cpus">Seconds of all CPUs in a second, whatever they were spent on.</param>
    private sealed record Tick(long UnixMs, double ElapsedMs, double GridMs, double Cpus);

    /// <summary>Frames as ticks, each with the number after that of the one before.</summary>
    private sealed class Stream(Viewer viewer, JsonElement schema)
    {
        private JsonElement _schema = schema;
        private long _sequence;
        private double _latenessMs;

        public async Task<Tick> NextAsync()
        {
            while (true)
            {
                var message = await viewer.NextAsync() ?? throw new InvalidOperationException("The server closed.");
                switch (message.GetProperty("type").GetString())
                {
                    case "schema":
                        _schema = message;
                        break;
                    case "frame":
                        return Understand(message);
                    default:
                        break;
                }
            }
        }

        private Tick Understand(JsonElement frame)
        {
            var sequence = frame.GetProperty("seq").GetInt64();
            Assert.True(_sequence == 0 || sequence == _sequence + 1, $"{sequence} follows {_sequence}.");
            _sequence = sequence;
            var series = _schema.GetProperty("series").EnumerateArray().ToList();
            var values = frame.GetProperty("v");
            var (lateness, cpus) = (0.0, 0.0);
            for (var i = 0; i < series.Count; i++)
            {
                if (values[i].ValueKind != JsonValueKind.Number)
                {
                    continue;
                }

                var name = series[i].GetProperty("name").GetString();
                lateness += name == "hostscope.tick.lateness" ? values[i].GetDouble() * 1000 : 0;
                cpus += name == "system.cpu.time" && IsPart(series[i]) ? values[i].GetDouble() : 0;
            }

            var elapsed = frame.GetProperty("dt").ValueKind == JsonValueKind.Number
                ? frame.GetProperty("dt").GetDouble()
                : IntervalMs;
            var tick = new Tick(
                frame.GetProperty("t").GetInt64(), elapsed, elapsed - (lateness - _latenessMs), cpus);
            _latenessMs = lateness;
            return tick;
        }

        /// <summary>The time of guests is in that of users, too; a CPU's own series is not the sum.</summary>
        private static bool IsPart(JsonElement series)
        {
            var labels = series.GetProperty("labels");
            return !labels.TryGetProperty("cpu.logical_number", out _)
                && !labels.GetProperty("cpu.mode").GetString()!.StartsWith("guest", StringComparison.Ordinal);
        }
    }
}
