using BenchmarkDotNet.Attributes;
using Hostscope.Collectors;
using Hostscope.Collectors.Processes;

namespace Hostscope.Bench.Parsers;

/// <summary>One collector: its files from memory into the cells of its series.</summary>
public class CollectorBenchmarks : IDisposable
{
    private SteadyHost _host = null!;
    private ICollector _collector = null!;

    /// <summary>Host and collector.</summary>
    [ParamsSource(nameof(Sources))]
    public string Source { get; set; } = "";

    /// <summary>Every collector of every host that finds its source there.</summary>
    public static IEnumerable<string> Sources()
    {
        foreach (var name in SteadyHost.Names)
        {
            using var host = new SteadyHost(name);
            foreach (var collector in host.Collectors)
            {
                yield return $"{name} {collector.Name}";
            }
        }
    }

    /// <summary>Reads everything once.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var words = Source.Split(' ');
        _host = new SteadyHost(words[0]);
        _collector = _host.Collectors.Single(collector => collector.Name == words[1]);
    }

    /// <summary>Closes the host.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A tick of this collector.</summary>
    [Benchmark]
    public CollectStatus Collect() => _collector.Collect().Status;
}

/// <summary>Parsers of what the process table reads, each on a real file.</summary>
public class ProcessBenchmarks
{
    /// <summary>The files of this process, and what they are called in the table.</summary>
    private readonly byte[] _stat = File.ReadAllBytes("/proc/self/stat");
    private readonly byte[] _io = File.ReadAllBytes("/proc/self/io");
    private readonly byte[] _statm = File.ReadAllBytes("/proc/self/statm");
    private readonly byte[] _status = File.ReadAllBytes("/proc/self/status");
    private readonly byte[] _cgroup = File.ReadAllBytes("/proc/self/cgroup");

    /// <summary>/proc/PID/stat, each tick.</summary>
    [Benchmark]
    public bool Stat() => ProcessStat.TryParse(_stat, out _);

    /// <summary>/proc/PID/io, each tick.</summary>
    [Benchmark]
    public bool Io() => ProcessIo.TryParse(_io, out _);

    /// <summary>/proc/PID/statm, seldom.</summary>
    [Benchmark]
    public bool Statm() => ProcessStatm.TryParseResident(_statm, out _);

    /// <summary>/proc/PID/status, on other machines than our own.</summary>
    [Benchmark]
    public bool Status() => ProcessStatus.TryParseUser(_status, out _);

    /// <summary>/proc/PID/cgroup, seldom.</summary>
    [Benchmark]
    public bool Cgroup() => ProcessCgroup.TryParse(_cgroup, out _);
}
