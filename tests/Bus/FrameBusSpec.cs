using Hostscope.Model;

namespace Hostscope.Bus.Tests;

/// <summary>
/// Goal: what every bus promises, whatever carries the frames. Method: one suite, run against each implementation.
/// </summary>
public abstract class FrameBusSpec
{
    private readonly FrameBuilder _builder = new();

    /// <summary>A fresh bus.</summary>
    protected abstract IFrameBus Create();

    [Fact]
    public void A_reader_gets_the_frames_of_its_host_in_order_and_of_no_other()
    {
        var bus = Create();
        var reader = new CopyingReader();
        using var subscription = bus.Subscribe("a", reader);
        bus.Publish("a", MakeFrame(1));
        bus.Publish("b", MakeFrame(7));
        bus.Publish("a", MakeFrame(2));
        Assert.Equal([1, 2], reader.Sequences);
    }

    [Fact]
    public void Every_reader_gets_every_frame()
    {
        var bus = Create();
        var readers = Enumerable.Range(0, 5).Select(_ => new CopyingReader()).ToList();
        var subscriptions = readers.ConvertAll(reader => bus.Subscribe("a", reader));
        bus.Publish("a", MakeFrame(1));
        Assert.All(readers, reader => Assert.Equal([1], reader.Sequences));
        subscriptions.ForEach(subscription => subscription.Dispose());
    }

    [Fact]
    public void A_reader_that_left_gets_nothing_more_and_leaving_twice_is_harmless()
    {
        var bus = Create();
        var reader = new CopyingReader();
        var subscription = bus.Subscribe("a", reader);
        subscription.Dispose();
        subscription.Dispose();
        bus.Publish("a", MakeFrame(1));
        Assert.Empty(reader.Sequences);
    }

    [Fact]
    public void A_reader_that_throws_costs_neither_the_publisher_nor_the_other_readers_the_frame()
    {
        var bus = Create();
        var good = new CopyingReader();
        using var first = bus.Subscribe("a", new ThrowingReader());
        using var second = bus.Subscribe("a", good);
        bus.Publish("a", MakeFrame(1));
        Assert.Equal([1], good.Sequences);
    }

    [Fact]
    public void What_a_reader_copied_does_not_change_when_the_publisher_re_uses_its_frame()
    {
        var bus = Create();
        var reader = new CopyingReader();
        using var subscription = bus.Subscribe("a", reader);
        bus.Publish("a", MakeFrame(1));
        MakeFrame(2);
        Assert.Equal(1, reader.Last.Sequence);
        Assert.Equal(1, reader.Last.Values[0]);
    }

    [Fact]
    public void Processes_and_cgroups_reach_the_readers_before_the_frame_of_their_tick()
    {
        var bus = Create();
        var reader = new CopyingReader();
        using var subscription = bus.Subscribe("a", reader);
        bus.Publish("a", new ProcessTable { Sequence = 1 });
        bus.Publish("a", new CgroupTable { Sequence = 1 });
        bus.Publish("a", MakeFrame(1));
        Assert.Equal(["processes 1", "cgroups 1", "frame 1"], reader.Order);
    }

    [Fact]
    public void What_is_wanted_is_what_all_readers_of_the_host_want_together_and_follows_their_changes()
    {
        var bus = Create();
        Assert.Equal(Topics.None, bus.Wanted("a"));
        var reader = new CopyingReader();
        using var first = bus.Subscribe("a", reader);
        using var other = bus.Subscribe("b", new CopyingReader { Wanted = Topics.Cgroups });
        Assert.Equal(Topics.System, bus.Wanted("a"));
        reader.Wanted = Topics.System | Topics.Processes;
        Assert.Equal(Topics.System | Topics.Processes, bus.Wanted("a"));
        first.Dispose();
        Assert.Equal(Topics.None, bus.Wanted("a"));
    }

    [Fact]
    public void Hosts_are_known_once_announced_and_the_last_announcement_counts()
    {
        var bus = Create();
        Assert.Empty(bus.Hosts);
        bus.Announce(Host("b", 1000));
        bus.Announce(Host("a", 1000));
        bus.Announce(Host("b", 500));
        Assert.Equal(["a", "b"], bus.Hosts.Select(host => host.Info.Id));
        Assert.Equal(500, bus.Hosts[1].IntervalMs);
    }

    private static HostState Host(string id, int intervalMs) =>
        new(new HostInfo { Id = id, Name = id }, intervalMs, []);

    private Frame MakeFrame(long sequence)
    {
        _builder.Begin();
        _builder.Define(Metrics.Load1).Set(sequence);
        return _builder.Build(sequence, sequence * 1000, sequence * 1_000_000_000);
    }

    private sealed class CopyingReader : IFrameReader
    {
        public List<long> Sequences { get; } = [];

        public List<string> Order { get; } = [];

        public Topics Wanted { get; set; } = Topics.System;

        public Frame Last { get; } = new();

        public void OnFrame(Frame frame)
        {
            Sequences.Add(frame.Sequence);
            Order.Add($"frame {frame.Sequence}");
            Last.CopyFrom(frame);
        }

        public void OnProcesses(ProcessTable processes) => Order.Add($"processes {processes.Sequence}");

        public void OnCgroups(CgroupTable cgroups) => Order.Add($"cgroups {cgroups.Sequence}");
    }

    private sealed class ThrowingReader : IFrameReader
    {
        public void OnFrame(Frame frame) => throw new InvalidOperationException("a reader's bug");
    }
}

/// <summary>The specification for the bus within one process.</summary>
public sealed class InProcessBusTests : FrameBusSpec
{
    [Fact]
    public void Publishing_allocates_nothing()
    {
        var bus = new InProcessBus();
        using var subscription = bus.Subscribe("a", new Counter());
        var frame = new FrameBuilder().Build(1, 0, 0);
        bus.Publish("a", frame);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            bus.Publish("a", frame);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <inheritdoc/>
    protected override IFrameBus Create() => new InProcessBus();

    private sealed class Counter : IFrameReader
    {
        public long Count { get; private set; }

        public void OnFrame(Frame frame) => Count++;
    }
}
