using BenchmarkDotNet.Attributes;
using Hostscope.Gateway.Live;
using Hostscope.Model;

namespace Hostscope.Bench.Parsers;

/// <summary>The way of a frame from the cells to the bytes that every viewer is sent.</summary>
public class FrameBenchmarks : IDisposable
{
    private readonly Frame _before = new();
    private readonly Frame _now = new();
    private readonly Row _row = new();
    private readonly Wire _wire = new();
    private SteadyHost _host = null!;
    private SchemaView _view = null!;
    private double[] _values = [];
    private long _sequence = 2;

    /// <summary>Which host.</summary>
    [ParamsSource(nameof(Hosts))]
    public string Host { get; set; } = "";

    /// <summary>All of them.</summary>
    public static IEnumerable<string> Hosts => SteadyHost.Names;

    /// <summary>Two ticks.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _host = new SteadyHost(Host);
        _before.CopyFrom(_host.Tick(1));
        _now.CopyFrom(_host.Tick(2));
        _values = new double[_now.Schema.Count];
        _row.Fill(_before, _now);
        _view = new SchemaView(_now.Schema, Topics.System | Topics.Cores, _wire.Schema);
    }

    /// <summary>Closes the host.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _host.Dispose();
        _wire.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>All collectors, and the frame.</summary>
    [Benchmark]
    public long Tick() => _host.Tick(++_sequence).Sequence;

    /// <summary>The copy that a reader of the bus takes.</summary>
    [Benchmark]
    public void Copy() => _now.CopyFrom(_before);

    /// <summary>Rates of all series.</summary>
    [Benchmark]
    public void Rates() => Derive.Values(_before, _now, _values);

    /// <summary>The message; its bytes are what is allocated, once for all viewers.</summary>
    [Benchmark]
    public object Encode() => _wire.Frame(_row, _view);
}
