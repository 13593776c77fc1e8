using CsCheck;

namespace Hostscope.Model.Tests;

/// <summary>
/// Goal: what people read is right, or absent; never guessed, never negative. Method: the rate of generated counters
/// against exact arithmetic, and whole frames with series that come, go and go back.
/// </summary>
public sealed class DeriveTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_rate_is_the_difference_by_the_elapsed_time_in_the_metrics_unit()
    {
        Assert.Equal(50.0, Derive.Rate(1_000, 6_000, Second, 100));
        Assert.Equal(2.0, Derive.Rate(0, 3, Second * 3 / 2, 1), 12);
    }

    [Fact]
    public void A_rate_is_never_negative_and_agrees_with_exact_arithmetic() => Gen.Select(
            Gen.Long[0, long.MaxValue],
            Gen.Long[0, long.MaxValue],
            Gen.Long[1, 3_600 * Second],
            Gen.Int[0, 9].Select(power => (long)Math.Pow(10, power)))
        .Sample((before, after, elapsed, scale) =>
        {
            var rate = Derive.Rate(before, after, elapsed, scale);
            if (after < before)
            {
                return double.IsNaN(rate);
            }

            var exact = (double)((decimal)(after - before) / scale / elapsed * Second);
            return rate >= 0 && Math.Abs(rate - exact) <= (Math.Abs(exact) * 1e-9) + 1e-12;
        });

    [Fact]
    public void A_reading_that_is_missing_gives_absent_and_so_does_no_elapsed_time()
    {
        Assert.True(double.IsNaN(Derive.Rate(Frame.Absent, 1, Second, 1)));
        Assert.True(double.IsNaN(Derive.Rate(1, Frame.Absent, Second, 1)));
        Assert.True(double.IsNaN(Derive.Rate(1, 2, 0, 1)));
        Assert.True(double.IsNaN(Derive.Rate(1, 2, -Second, 1)));
    }

    [Fact]
    public void A_counter_that_went_back_is_absent_once_and_right_again_afterwards()
    {
        var frames = new TickedFrames(Metrics.NetworkIo, "eth0", "receive");
        frames.Tick(1_000);
        frames.Tick(5_000);
        Assert.Equal(4_000, frames.Derived());
        frames.Tick(100);
        Assert.True(double.IsNaN(frames.Derived()));
        frames.Tick(700);
        Assert.Equal(600, frames.Derived());
    }

    [Fact]
    public void A_reader_that_missed_frames_derives_the_rate_over_the_longer_interval()
    {
        var frames = new TickedFrames(Metrics.NetworkIo, "eth0", "receive");
        frames.Tick(0);
        var kept = new Frame();
        kept.CopyFrom(frames.Current);
        frames.Tick(10);
        frames.Tick(40);
        frames.Tick(90);
        Assert.Equal(30, frames.Derived(kept));
    }

    [Fact]
    public void A_gauge_is_its_value_in_its_unit_even_in_the_first_frame()
    {
        var frames = new TickedFrames(Metrics.Load1);
        frames.Tick(378);
        Assert.Equal(3.78, frames.Derived(previous: null));
    }

    [Fact]
    public void A_counter_is_absent_in_the_first_frame()
    {
        var frames = new TickedFrames(Metrics.NetworkIo, "eth0", "receive");
        frames.Tick(378);
        Assert.True(double.IsNaN(frames.Derived(previous: null)));
    }

    [Fact]
    public void A_series_keeps_its_rate_when_another_one_appears_before_it_in_the_schema()
    {
        var builder = new FrameBuilder();
        var disk = builder.Define(Metrics.DiskIo, "sdb", "read");
        var previous = new Frame();
        builder.Begin();
        disk.Set(100);
        previous.CopyFrom(builder.Build(1, 0, 0));

        builder.Begin();
        builder.Define(Metrics.CpuTime, "user").Set(1);
        disk.Set(300);
        var current = builder.Build(2, 1000, Second);

        var values = new double[current.Schema.Count];
        Derive.Values(previous, current, values);
        Assert.True(double.IsNaN(values[0]));
        Assert.Equal(200, values[1]);
    }

    /// <summary>One series, ticked once a second.</summary>
    private sealed class TickedFrames(Metric metric, params string[] labels)
    {
        private readonly FrameBuilder _builder = new();
        private readonly Frame _previous = new();
        private long _sequence;

        public Frame Current { get; } = new();

        public void Tick(long value)
        {
            _previous.CopyFrom(Current);
            _builder.Begin();
            _builder.Define(metric, labels).Set(value);
            _sequence++;
            Current.CopyFrom(_builder.Build(_sequence, _sequence * 1000, _sequence * Second));
        }

        public double Derived() => Derived(_previous);

        public double Derived(Frame? previous)
        {
            var values = new double[1];
            Derive.Values(previous, Current, values);
            return values[0];
        }
    }
}
