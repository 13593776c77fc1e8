namespace Hostscope.Model.Tests;

/// <summary>
/// Goal: a frame says what was set in its tick and nothing else, at no allocation, with a bounded memory of devices.
/// Method: ticks by hand.
/// </summary>
public sealed class FrameBuilderTests
{
    private readonly FrameBuilder _builder = new();
    private long _sequence;

    [Fact]
    public void A_series_that_was_not_set_in_this_tick_is_absent_and_keeps_its_place()
    {
        var cell = _builder.Define(Metrics.Load1);
        Tick(() => cell.Set(5));
        var frame = Tick(() => { });
        Assert.Equal(1, frame.Schema.Count);
        Assert.Equal(Frame.Absent, frame.Values[0]);
    }

    [Fact]
    public void A_counter_that_falls_to_0_is_absent_in_that_tick_and_taken_at_its_word_in_the_next()
    {
        var counter = _builder.Define(Metrics.NetworkIo, "eth0", "receive");
        long[] said = [5_000, 0, 6_000, 0, 0, 7];
        Assert.Equal(
            [5_000, Frame.Absent, 6_000, Frame.Absent, 0, 7],
            said.Select(value => Tick(() => counter.Set(value)).Values[0]));
    }

    [Fact]
    public void A_level_that_falls_to_0_is_0()
    {
        var level = _builder.Define(Metrics.Load1);
        Tick(() => level.Set(5));
        Assert.Equal(0, Tick(() => level.Set(0)).Values[0]);
    }

    [Fact]
    public void A_series_that_was_never_set_is_not_in_the_schema()
    {
        _builder.Define(Metrics.Load1);
        Assert.Equal(0, Tick(() => { }).Schema.Count);
    }

    [Fact]
    public void A_series_leaves_the_schema_a_minute_of_ticks_after_its_last_value_and_returns_with_the_same_id()
    {
        var cell = _builder.Define(Metrics.Load1);
        var version = Tick(() => cell.Set(5)).Schema.Version;
        for (var i = 0; i < FrameBuilder.DepartAfterTicks; i++)
        {
            Assert.Equal(version, Tick(() => { }).Schema.Version);
        }

        var without = Tick(() => { });
        Assert.Equal(version + 1, without.Schema.Version);
        Assert.Equal(0, without.Schema.Count);

        var again = Tick(() => cell.Set(6));
        Assert.Equal(version + 2, again.Schema.Version);
        Assert.Equal(6, again.ValueOf(cell.Series.Id));
    }

    [Fact]
    public void Series_are_ordered_by_the_schema_table_whatever_order_they_came_in()
    {
        var frame = Tick(() =>
        {
            _builder.Define(Metrics.Uptime).Set(1);
            _builder.Define(Metrics.CpuTime, "user").Set(2);
            _builder.Define(Metrics.Load1).Set(3);
        });
        Assert.Equal(
            ["system.cpu.time{cpu.mode=\"user\"}", "system.cpu.load_average.1m", "system.uptime"],
            frame.Schema.Series.ToArray().Select(s => s.Key));
        Assert.Equal([2, 3, 1], frame.Values.ToArray());
    }

    [Fact]
    public void Setting_absent_is_the_same_as_not_setting()
    {
        var cell = _builder.Define(Metrics.Load1);
        Assert.Equal(0, Tick(() => cell.Set(Frame.Absent)).Schema.Count);
    }

    [Fact]
    public void The_same_metric_and_labels_are_the_same_cell()
    {
        Assert.Same(_builder.Define(Metrics.CpuTime, "user"), _builder.Define(Metrics.CpuTime, "user"));
        Assert.NotSame(_builder.Define(Metrics.CpuTime, "user"), _builder.Define(Metrics.CoreTime, "0", "user"));
    }

    [Fact]
    public void A_wrong_number_of_labels_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentException>(() => _builder.Define(Metrics.CpuTime));
        Assert.Contains("system.cpu.time has 1 labels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_come_and_go_for_ever_do_not_grow_the_builder()
    {
        for (var device = 0; device < FrameBuilder.MaxSeries + 100; device++)
        {
            var cell = _builder.Define(Metrics.DiskPending, $"dev{device}");
            if (device % 1000 == 0)
            {
                Tick(() => cell.Set(1));
            }
        }

        Assert.Equal(0, _builder.RefusedSeries);
    }

    [Fact]
    public void Past_the_bound_series_are_refused_and_counted_and_the_known_ones_go_on()
    {
        var frame = Tick(() =>
        {
            for (var device = 0; device < FrameBuilder.MaxSeries + 7; device++)
            {
                _builder.Define(Metrics.DiskPending, $"dev{device}").Set(device);
            }
        });
        Assert.Equal(FrameBuilder.MaxSeries, frame.Schema.Count);
        Assert.True(_builder.RefusedSeries >= 7);
    }

    [Fact]
    public void A_tick_allocates_nothing_once_every_series_has_been_seen()
    {
        var cells = Enumerable.Range(0, 1000).Select(i => _builder.Define(Metrics.DiskPending, $"dev{i}")).ToArray();
        var kept = new Frame();
        RunTick();
        RunTick();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            RunTick();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void RunTick()
        {
            _builder.Begin();
            foreach (var cell in cells)
            {
                cell.Set(1);
            }

            kept.CopyFrom(_builder.Build(++_sequence, 0, _sequence));
        }
    }

    [Fact]
    public void Label_values_are_escaped_in_the_key_so_that_no_name_can_pose_as_another_series()
    {
        var cell = _builder.Define(Metrics.DiskPending, "a\",x=\"b\\\n");
        Assert.Equal("system.disk.pending_operations{system.device=\"a\\\",x=\\\"b\\\\\\n\"}", cell.Series.Key);
    }

    private Frame Tick(Action set)
    {
        _builder.Begin();
        set();
        _sequence++;
        return _builder.Build(_sequence, _sequence * 1000, _sequence * 1_000_000_000);
    }
}
