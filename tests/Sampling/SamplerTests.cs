using Hostscope.Collectors;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling.Tests;

/// <summary>
/// Goal: one tick a second with every value that can be had, whatever a source, a clock or a reader does. Method: a
/// real sampler on a clock that the test moves, with collectors that do as the test says.
/// </summary>
public sealed class SamplerTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void The_first_tick_is_at_once_and_the_others_lie_on_the_grid()
    {
        _bench.Run([Good("cpu")], Bench.InTime(4));
        Assert.Equal([1, 2, 3, 4], _bench.Bus.Ticks.Select(tick => tick.Sequence));
        Assert.Equal([0, 1000, 2000, 3000], Offsets());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(60)]
    public void The_shortest_and_the_longest_interval_are_kept(double seconds)
    {
        var interval = TimeSpan.FromSeconds(seconds);
        _bench.Run([Good("cpu")], Bench.InTime(3), interval);
        Assert.Equal([0, (long)(seconds * 1000), (long)(seconds * 2000)], Offsets());
        Assert.Equal((int)interval.TotalMilliseconds, _bench.Bus.Announced[^1].IntervalMs);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(60_001)]
    public void Other_intervals_are_refused(int milliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _bench.Run([], [], TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void After_an_hour_of_suspend_there_is_one_tick_and_then_the_grid_again()
    {
        var almostAnHour = TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(300);
        _bench.Run([Good("cpu")], [TimeSpan.Zero, almostAnHour, TimeSpan.Zero]);
        Assert.Equal([0, 1000, 2000 + 3_599_700, 2000 + 3_600_000], Offsets());
        Assert.Equal(3_599_700_000, _bench.Bus.Ticks[2].Values[Metrics.TickLateness.Name]);
        Assert.Equal(0, _bench.Bus.Ticks[3].Values[Metrics.TickLateness.Name]);
    }

    [Fact]
    public void A_step_of_the_wall_clock_moves_labels_and_no_tick()
    {
        var calls = 0;
        var steps = new ScriptedCollector("cpu", () =>
        {
            if (++calls == 2)
            {
                _bench.Clock.WallOffset = TimeSpan.FromDays(1);
            }

            return CollectResult.Ok;
        });
        _bench.Run([steps], Bench.InTime(4));
        var ticks = _bench.Bus.Ticks;
        Assert.Equal([0L, 1_000_000_000, 2_000_000_000, 3_000_000_000],
            ticks.Select(tick => tick.MonotonicNs - ticks[0].MonotonicNs));
        Assert.Equal(86_401_000, ticks[2].UnixMs - ticks[1].UnixMs);
    }

    [Fact]
    public void A_slow_collector_makes_its_tick_late_and_loses_only_the_ticks_it_covers()
    {
        var calls = 0;
        var slow = new ScriptedCollector("slow", () =>
        {
            if (++calls == 2)
            {
                _bench.Clock.Advance(TimeSpan.FromMilliseconds(2_500));
            }

            return CollectResult.Ok;
        });
        _bench.Run([slow, Good("cpu")], Bench.InTime(4));
        Assert.Equal([0, 1000, 4000, 5000], Offsets());
        Assert.Equal(2_500_000, _bench.Bus.Ticks[1].Values[Series.MakeKey(Metrics.CollectorDuration, ["slow"])]);
        Assert.Equal(0, _bench.Bus.Ticks[1].Values[Series.MakeKey(Metrics.CollectorDuration, ["cpu"])]);
        Assert.Equal(1, _bench.Bus.Ticks[1].Values[Series.MakeKey(Metrics.CollectorSuccess, ["cpu"])]);
    }

    [Fact]
    public void A_collector_that_throws_costs_its_own_values_and_is_told_of_once()
    {
        var bad = new ScriptedCollector("bad", () => throw new InvalidOperationException("boom"));
        var good = Good("good");
        _bench.Run([bad, good], Bench.InTime(50));
        Assert.Equal(50, good.Calls);
        Assert.Equal(50, _bench.Bus.Ticks.Count);
        Assert.All(_bench.Bus.Ticks, tick =>
        {
            Assert.Equal(0, tick.Values[Series.MakeKey(Metrics.CollectorSuccess, ["bad"])]);
            Assert.Equal(1, tick.Values[Series.MakeKey(Metrics.CollectorSuccess, ["good"])]);
        });
        var line = Assert.Single(Told());
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("bad", line.Text, StringComparison.Ordinal);
        Assert.Contains("boom", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_and_recovery_are_one_line_each_and_the_next_failure_is_a_new_one()
    {
        const int Bad = 5;
        const int Well = CollectorRun.RecoveredAfterTicks;
        var calls = 0;
        var collector = new ScriptedCollector("disks", () => ++calls % (Bad + Well) is > 0 and <= Bad
            ? CollectResult.Failed("/proc/diskstats: line 3: short.")
            : CollectResult.Ok);
        _bench.Run([collector], Bench.InTime(2 * (Bad + Well)));
        Assert.Equal([1010, 1012, 1010, 1012], Told().Select(line => line.Id));
        Assert.Contains("in 5 ticks", Told()[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collector_that_fails_every_other_tick_is_one_episode()
    {
        var calls = 0;
        var flickers = new ScriptedCollector("net", () =>
            ++calls % 2 == 0 ? CollectResult.Ok : CollectResult.Failed("no."));
        _bench.Run([flickers], Bench.InTime(1_000));
        Assert.Equal([1010], Told().Select(line => line.Id));
    }

    [Fact]
    public void What_a_machine_does_not_have_is_a_capability_and_no_failure()
    {
        var missing = new ScriptedCollector("pressure", () =>
            CollectResult.Unavailable("/proc/pressure does not exist.", "Boot with psi=1."));
        _bench.Run([missing, Good("cpu")], Bench.InTime(20));
        Assert.All(_bench.Bus.Ticks, tick =>
            Assert.DoesNotContain(Series.MakeKey(Metrics.CollectorSuccess, ["pressure"]), tick.Values));
        Assert.Equal([1011], Told().Select(line => line.Id));
        var host = Assert.Single(_bench.Bus.Announced);
        Assert.Equal(
            [
                new Capability("pressure", false, "/proc/pressure does not exist.", "Boot with psi=1."),
                new Capability("cpu", true),
            ],
            host.Capabilities);
    }

    [Fact]
    public void A_capability_that_changes_is_announced_once_per_change()
    {
        var calls = 0;
        var comes = new ScriptedCollector("battery", () =>
            ++calls <= 3 ? CollectResult.Unavailable("none.") : CollectResult.Ok);
        _bench.Run([comes], Bench.InTime(20));
        Assert.Equal([false, true], _bench.Bus.Announced.Select(host => host.Capabilities[0].Available));
    }

    [Fact]
    public void A_tick_that_cannot_be_published_is_told_of_once_and_sampling_goes_on()
    {
        _bench.Bus.OnFrame = frame =>
        {
            if (frame.Sequence is >= 3 and <= 6)
            {
                throw new InvalidOperationException("bus");
            }
        };
        _bench.Run([Good("cpu")], Bench.InTime(10));
        Assert.Equal(10, _bench.Bus.Ticks.Count);
        Assert.Equal([1020], Told().Select(line => line.Id));
    }

    private static ScriptedCollector Good(string name) => new(name, () => CollectResult.Ok);

    private List<(LogLevel Level, int Id, string Text)> Told() =>
        [.. _bench.Logger.Lines.Where(line => line.Id is not (1000 or 1001))];

    private IEnumerable<long> Offsets() => _bench.Bus.Ticks.Select(tick => tick.UnixMs - _bench.Bus.Ticks[0].UnixMs);
}
