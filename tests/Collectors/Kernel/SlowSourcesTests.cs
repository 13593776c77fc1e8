using System.Text;
using Hostscope.Collectors.Slow;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Kernel;

/// <summary>
/// Goal: a source that takes long, or for ever, costs the tick nothing, and what it gave is shown as long as it is the
/// present. Method: fake files of sensors, and a source that a test holds back.
/// </summary>
public sealed class SlowSourcesTests
{
    private readonly FakeFiles _files = KernelSamples.Files();

    [Fact]
    public void Temperatures_and_voltages_with_their_limits_fans_and_power()
    {
        var frame = Settle("hwmon");
        string[] package = ["hwmon2/temp1", "Package id 0", "coretemp"];
        Assert.Equal(45_000, frame.Raw(Metrics.Temperature, package));
        Assert.Equal(100_000, frame.Raw(Metrics.TemperatureLimit, [.. package, "high.degraded"]));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.TemperatureLimit, [.. package, "high.critical"]));
        Assert.Equal(-5_000, frame.Raw(Metrics.Temperature, "hwmon2/temp2", "coretemp temp2", "coretemp"));
        Assert.Equal(1_184, frame.Raw(Metrics.FanSpeed, "hwmon2/fan1", "coretemp fan1", "coretemp"));
        Assert.Equal(7_420_000, frame.Raw(Metrics.Power, "hwmon2/power1", "coretemp power1", "coretemp"));
        string[] core = ["hwmon2/in0", "Vcore", "coretemp"];
        Assert.Equal(1_200, frame.Raw(Metrics.Voltage, core));
        Assert.Equal(1_740, frame.Raw(Metrics.VoltageLimit, [.. core, "high.degraded"]));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.VoltageLimit, [.. core, "low.degraded"]));
        Assert.Equal(-11_904, frame.Raw(Metrics.Voltage, "hwmon2/in1", "coretemp in1", "coretemp"));
        Assert.DoesNotContain(frame.All().Keys, key => key.Contains("curr1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sensor_that_is_not_connected_is_absent_and_the_others_are_not()
    {
        _files.ReadErrors["/host/sys/class/hwmon/hwmon2/temp1_input"] = Errno.InputOutput;
        var frame = Settle("hwmon");
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.Temperature, "hwmon2/temp1", "Package id 0", "coretemp"));
        Assert.Equal(1_184, frame.Raw(Metrics.FanSpeed, "hwmon2/fan1", "coretemp fan1", "coretemp"));
    }

    [Fact]
    public void Thermal_zones_are_shown_only_where_the_chips_give_no_temperature()
    {
        using var both = new FakeHost(_files, "hwmon", "thermal");
        both.TickUntilSettled();
        both.Time.Advance(TimeSpan.FromSeconds(3));
        both.TickUntilSettled();
        Assert.Equal(CollectResult.Ok, both.Results["thermal"]);

        foreach (var path in _files.Contents.Keys.Where(path => path.Contains("hwmon", StringComparison.Ordinal)))
        {
            _files.Contents.TryRemove(path, out _);
        }

        using var alone = new FakeHost(_files, "hwmon", "thermal");
        var frame = alone.TickUntilSettled();
        Assert.Equal(46_000, frame.Raw(Metrics.Temperature, "thermal_zone0", "x86_pkg_temp", "thermal"));
        Assert.Equal(105_000,
            frame.Raw(Metrics.TemperatureLimit, "thermal_zone0", "x86_pkg_temp", "thermal", "high.critical"));
    }

    [Fact]
    public void Charge_state_and_power_of_a_battery_and_the_mains()
    {
        var frame = Settle("power_supply");
        Assert.Equal(0, frame.Raw(Metrics.MainsOnline, "AC"));
        Assert.Equal(87, frame.Raw(Metrics.BatteryCharge, "BAT0", "DELL 1VX1H93"));
        Assert.Equal(1, frame.Raw(Metrics.BatteryState, "BAT0", "DELL 1VX1H93", "discharging"));
        Assert.Equal(0, frame.Raw(Metrics.BatteryState, "BAT0", "DELL 1VX1H93", "charging"));
        Assert.Equal(7_410_000, frame.Raw(Metrics.Power, "BAT0", "DELL 1VX1H93", "battery"));
    }

    [Fact]
    public void Power_is_voltage_times_current_where_a_battery_measures_those()
    {
        const string Battery = "/host/sys/class/power_supply/BAT0";
        _files.Contents.TryRemove($"{Battery}/power_now", out _);
        Write($"{Battery}/voltage_now", "12000000\n");
        Write($"{Battery}/current_now", "-1500000\n");
        Write($"{Battery}/status", "Unknown\n");
        var frame = Settle("power_supply");
        Assert.Equal(18_000_000, frame.Raw(Metrics.Power, "BAT0", "DELL 1VX1H93", "battery"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.BatteryState, "BAT0", "DELL 1VX1H93", "discharging"));
    }

    [Fact]
    public void Carrier_speed_and_size_of_links()
    {
        Write("/host/sys/class/net/tap0/speed", "-1\n");
        Write("/host/sys/class/net/off0/carrier", "1\n");
        _files.ReadErrors["/host/sys/class/net/off0/carrier"] = Errno.Invalid;
        var frame = Settle("links");
        Assert.Equal((1, 125_000_000), (frame.Raw(Metrics.LinkUp, "eth0"), frame.Raw(Metrics.LinkSpeed, "eth0")));
        Assert.Equal((3, 1500), (frame.Raw(Metrics.LinkChanges, "eth0"), frame.Raw(Metrics.LinkMtu, "eth0")));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.LinkSpeed, "tap0"));
        Assert.Equal(0, frame.Raw(Metrics.LinkUp, "off0"));
    }

    [Fact]
    public void Frequency_of_each_cpu()
    {
        var frame = Settle("cpufreq");
        Assert.Equal(2_899_853_000, frame.Raw(Metrics.CpuFrequency, "0"));
        Assert.Equal(4_900_000_000, frame.Raw(Metrics.CpuFrequencyLimit, "0"));
        Assert.Equal(2, frame.Schema.Count);
    }

    [Fact]
    public void A_source_that_does_not_come_back_costs_the_tick_nothing_and_is_told_after_a_while()
    {
        var time = new FakeTimeProvider();
        var builder = new FrameBuilder();
        using var gate = new ManualResetEventSlim(initialState: true);
        using var context = new CollectorContext(FakeFiles.Roots, builder, time, _files);
        using var source = new HeldBack(context, gate);

        source.Collect();
        FakeHost.WaitFor(() => source.IsIdle, "the first reading did not end");
        gate.Reset();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, CollectStatus.Ok), Tick(builder, source));

        // From here on the source hangs; what it gave is shown until it is too old.
        for (var second = 1; second < 10; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal((1, CollectStatus.Ok), Tick(builder, source));
        }

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((Frame.Absent, CollectStatus.Failed), Tick(builder, source));
        gate.Set();
        FakeHost.WaitFor(() => source.IsIdle, "the held back reading did not end");
        Assert.Equal((2, CollectStatus.Ok), Tick(builder, source));
    }

    [Fact]
    public void A_tick_that_begins_a_little_early_reads_what_is_due_with_it()
    {
        var time = new FakeTimeProvider();
        var builder = new FrameBuilder();
        using var gate = new ManualResetEventSlim(initialState: true);
        using var context = new CollectorContext(FakeFiles.Roots, builder, time, _files);
        using var source = new HeldBack(context, gate, TimeSpan.FromSeconds(2));
        long[] shown = [0, 0, 0, 0];
        for (var tick = 0; tick < shown.Length; tick++)
        {
            shown[tick] = Tick(builder, source).Value;
            FakeHost.WaitFor(() => source.IsIdle, "the reading did not end");
            time.Advance(TimeSpan.FromMilliseconds(tick == 0 ? 1004 : 992));
        }

        Assert.Equal([Frame.Absent, 1, 1, 2], shown);
    }

    [Fact]
    public void A_defect_on_the_thread_is_a_failure_and_not_the_end_of_the_process()
    {
        using var gate = new ManualResetEventSlim(initialState: true);
        using var context = new CollectorContext(FakeFiles.Roots, new FrameBuilder(), new FakeTimeProvider(), _files);
        using var source = new HeldBack(context, gate) { Throws = true };
        source.Collect();
        FakeHost.WaitFor(() => source.IsIdle, "the reading did not end");
        Assert.Equal(CollectStatus.Failed, source.Collect().Status);
    }

    private static (long Value, CollectStatus Status) Tick(FrameBuilder builder, HeldBack source)
    {
        builder.Begin();
        var result = source.Collect();
        return (builder.Build(1, 0, 0).Raw(Metrics.MainsOnline, "held"), result.Status);
    }

    private Frame Settle(string collector)
    {
        using var host = new FakeHost(_files, collector);
        var frame = host.TickUntilSettled();
        Assert.Equal(CollectResult.Ok, host.Results[collector]);
        return frame;
    }

    private void Write(string path, string content) => _files.Contents[path] = Encoding.UTF8.GetBytes(content);

    /// <summary>Counts its readings, each of which ends when the test lets it.</summary>
    private sealed class HeldBack(
        CollectorContext context, ManualResetEventSlim gate, TimeSpan period = default)
        : SlowCollector(context, "held back", period)
    {
        private readonly SlowValue _value = new(Metrics.MainsOnline, "held") { Value = 0 };

        public bool Throws { get; init; }

        protected override bool IsHere(out CollectResult reason)
        {
            reason = CollectResult.Ok;
            return true;
        }

        protected override CollectResult Read(List<SlowValue> values)
        {
            gate.Wait(TestContext.Current.CancellationToken);
            _value.Value++;
            values.Add(_value);
            return Throws ? throw new InvalidOperationException("on purpose") : CollectResult.Ok;
        }
    }
}
