using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>A host whose ticks the test makes by hand.</summary>
internal sealed class TestHost
{
    private readonly IFrameBus _bus;
    private FrameBuilder _builder = new();
    private long _sequence;
    private long _monotonicNs = 5_000_000_000;

    public TestHost(IFrameBus bus, string id = "web-1", int intervalMs = 1000)
    {
        _bus = bus;
        Id = id;
        State = new HostState(
            new HostInfo
            {
                Id = id,
                Name = id.ToUpperInvariant(),
                OsPrettyName = "Debian GNU/Linux 12 (bookworm)",
                CpuThreads = 2,
                MemoryBytes = 8_000_000_000,
                Addresses = [new HostAddress("eth0", "192.0.2.7", 24)],
            },
            intervalMs,
            [new Capability("cpu", true), new Capability("sensors", false, "no /sys/class/hwmon", "load the driver")]);
        bus.Announce(State);
    }

    public string Id { get; }

    public HostState State { get; }

    /// <summary>Wall time of the last tick.</summary>
    public long UnixMs { get; private set; } = 1_764_000_000_000;

    /// <summary>Starts a tick a second after the last one, sets values, publishes; the number of the tick.</summary>
    public long Tick(params (Metric Metric, string[] Labels, long Raw)[] values) => Tick(1_000_000_000, values);

    public long Tick(long elapsedNs, params (Metric Metric, string[] Labels, long Raw)[] values)
    {
        _builder.Begin();
        foreach (var (metric, labels, raw) in values)
        {
            _builder.Define(metric, labels).Set(raw);
        }

        _monotonicNs += elapsedNs;
        UnixMs += elapsedNs / 1_000_000;
        _bus.Publish(Id, _builder.Build(++_sequence, UnixMs, _monotonicNs));
        return _sequence;
    }

    /// <summary>A tick with a load, the CPU time of the machine and of one core.</summary>
    public long TickPlain(long load, long cpu) => Tick(
        (Metrics.Load1, [], load),
        (Metrics.CpuTime, ["user"], cpu),
        (Metrics.CoreTime, ["0", "user"], cpu));

    /// <summary>A tick with a table of processes, which the test fills; what nobody wants is not published.</summary>
    public void TickProcesses(Action<ProcessTable> fill)
    {
        var table = new ProcessTable
        {
            Sequence = _sequence + 1,
            UnixMs = UnixMs + 1000,
            MonotonicNs = _monotonicNs + 1_000_000_000,
            Hidden = 0,
        };
        fill(table);
        if ((_bus.Wanted(Id) & Topics.Processes) != 0)
        {
            _bus.Publish(Id, table);
        }

        TickPlain(100, 100 * _sequence);
    }

    /// <summary>A tick with a table of cgroups, which the test fills in the order of paths.</summary>
    public void TickCgroups(params CgroupSample[] rows)
    {
        var table = new CgroupTable
        {
            Sequence = _sequence + 1,
            UnixMs = UnixMs + 1000,
            MonotonicNs = _monotonicNs + 1_000_000_000,
        };
        foreach (var row in rows)
        {
            table.Add(row);
        }

        _bus.Publish(Id, table);
        TickPlain(100, 100 * _sequence);
    }

    /// <summary>As when the host's sampler is started anew: numbers, series and their ids begin again.</summary>
    public void Restart()
    {
        _builder = new FrameBuilder();
        _sequence = 0;
    }
}
