using CsCheck;

namespace Hostscope.Sampling.Tests;

/// <summary>
/// Goal: ticks lie on one grid, whatever happens between them. Method: properties over random origins, intervals and
/// stalls; no clock runs.
/// </summary>
public sealed class ScheduleTests
{
    private const long NsPerSecond = 1_000_000_000;

    private static readonly Gen<Schedule> AnySchedule =
        Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Long[100, 60_000],
            (origin, ms) => Schedule.Starting(origin, TimeSpan.FromMilliseconds(ms), NsPerSecond));

    [Fact]
    public void The_next_due_time_is_the_first_point_of_the_grid_after_now() =>
        Gen.Select(AnySchedule, Gen.Long[-10_000_000_000_000, 10_000_000_000_000]).Sample((schedule, now) =>
        {
            var next = schedule.NextAfter(now);
            return next > now && next - now <= schedule.Interval && (next - schedule.Origin) % schedule.Interval == 0;
        });

    [Fact]
    public void No_point_of_the_grid_is_due_twice_and_a_stall_of_any_length_is_followed_by_one_tick() =>
        Gen.Select(AnySchedule, Gen.Long[0, 10_000_000_000_000].Array[1, 50]).Sample((schedule, stalls) =>
        {
            var due = schedule.Origin;
            foreach (var stall in stalls)
            {
                // The tick that is due at `due` begins and ends late by the stall.
                var now = due + stall;
                var next = schedule.NextAfter(now);
                if (next <= due || next <= now)
                {
                    return false;
                }

                due = next;
            }

            return true;
        });

    [Fact]
    public void A_million_ticks_with_random_lateness_do_not_drift()
    {
        var schedule = Schedule.Starting(12_345, TimeSpan.FromSeconds(1), NsPerSecond);
        var random = new Random(1);
        var due = schedule.Origin;
        for (var tick = 1; tick <= 1_000_000; tick++)
        {
            due = schedule.NextAfter(due + random.NextInt64(0, schedule.Interval));
            Assert.Equal(schedule.Origin + (tick * NsPerSecond), due);
        }
    }

    [Theory]
    [InlineData(10_000_000)]
    [InlineData(1_000_000_000)]
    [InlineData(24_000_000)]
    public void An_interval_is_exact_in_the_units_of_the_clock(long frequency)
    {
        Assert.Equal(frequency / 10, Schedule.Starting(0, TimeSpan.FromMilliseconds(100), frequency).Interval);
        Assert.Equal(frequency * 60, Schedule.Starting(0, TimeSpan.FromSeconds(60), frequency).Interval);
    }
}
