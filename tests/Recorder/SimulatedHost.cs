using Hostscope.Model;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// A machine made of random numbers from a seed: series that come, go and flicker, counters that go back, processes
/// that are born, change, exec and die, pids given again. The same seed gives the same ticks.
/// </summary>
internal sealed class SimulatedHost
{
    private static readonly string[] Names = ["sh", "cc1plus", "postgres", "nginx", "kworker/0:1", "ñandú \"x\""];

    private readonly Random _random;
    private readonly FrameBuilder _builder = new();
    private readonly List<SeriesCell> _cells = [];
    private readonly Dictionary<SeriesCell, long> _values = [];
    private readonly SortedDictionary<int, ProcessSample> _processes = [];
    private readonly SortedDictionary<string, CgroupSample> _cgroups = new(StringComparer.Ordinal);
    private int _nextDevice;

    public SimulatedHost(int seed, int processes = 40, int devices = 2)
    {
        _random = new Random(seed);
        foreach (var mode in new[] { "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal" })
        {
            _cells.Add(_builder.Define(Metrics.CpuTime, mode));
        }

        _cells.Add(_builder.Define(Metrics.CpuCount));
        _cells.Add(_builder.Define(Metrics.Load1));
        _cells.Add(_builder.Define(Metrics.MemoryAvailable));
        _cells.Add(_builder.Define(Metrics.OomKills));
        for (var i = 0; i < devices; i++)
        {
            AddDevice();
        }

        for (var i = 0; i < processes; i++)
        {
            Start();
        }
    }

    public long Sequence { get; set; }

    public long UnixMs { get; set; } = 1_764_000_000_000;

    public long MonotonicNs { get; set; } = 5_000_000_000;

    public ProcessTable Processes { get; } = new();

    public CgroupTable Cgroups { get; } = new();

    public Frame Frame { get; private set; } = new();

    /// <summary>The machine one tick later.</summary>
    public Frame Tick(long stepMs = 1000)
    {
        Sequence++;
        UnixMs += stepMs;
        MonotonicNs += (stepMs * 1_000_000) + _random.Next(-90_000, 90_000);
        MoveSeries();
        MoveProcesses();
        MoveCgroups();
        return Frame;
    }

    /// <summary>
    /// The sampler is started again: sequence and monotonic origin are new, series may have other ids.
    /// </summary>
    public void Restart()
    {
        Sequence = 0;
        MonotonicNs = _random.NextInt64(1_000_000_000_000);
    }

    private void MoveSeries()
    {
        if (_random.Next(40) == 0)
        {
            AddDevice();
        }

        _builder.Begin();
        foreach (var cell in _cells)
        {
            var value = _values.GetValueOrDefault(cell, _random.Next(1_000_000));
            value = _random.Next(60) switch
            {
                0 => cell.Series.Metric.Kind == MetricKind.Counter ? _random.Next(100) : _random.NextInt64(1L << 50),
                < 25 => value,
                < 45 => value + _random.Next(100),
                _ => value + _random.NextInt64(5_000_000),
            };
            if (cell.Series.Metric == Metrics.CpuCount)
            {
                value = 4;
            }

            _values[cell] = value;
            if (_random.Next(50) != 0)
            {
                cell.Set(value);
            }
        }

        Frame = _builder.Build(Sequence, UnixMs, MonotonicNs);
    }

    private void AddDevice()
    {
        if (_nextDevice >= 12)
        {
            // An old device goes; the builder lets its series depart a minute later.
            _cells.RemoveRange(12, 2);
        }

        var name = $"sd{(char)('a' + (_nextDevice % 26))}{_nextDevice++}";
        _cells.Add(_builder.Define(Metrics.DiskIo, name, "read"));
        _cells.Add(_builder.Define(Metrics.DiskPending, name));
    }

    private void MoveProcesses()
    {
        for (var i = _random.Next(3); i > 0; i--)
        {
            Start();
        }

        foreach (var pid in _processes.Keys.ToList())
        {
            var row = _processes[pid];
            switch (_random.Next(40))
            {
                case 0 when _processes.Count > 5:
                    _processes.Remove(pid);
                    continue;
                case 1:
                    row.Info = row.Info with { Name = Names[_random.Next(Names.Length)], Arguments = $"-x {pid}" };
                    break;
                case < 12:
                    row.UserTicks += _random.Next(100);
                    row.SystemTicks += _random.Next(10);
                    row.RssBytes += _random.Next(-100, 100) * 4096;
                    row.State = "RSDZ"[_random.Next(4)];
                    break;
                case < 14:
                    row.WriteBytes = row.WriteBytes == Frame.Absent ? 0 : row.WriteBytes + _random.Next(1 << 20);
                    row.Nice = _random.Next(-20, 20);
                    row.Priority = _random.Next(-100, 40);
                    row.Threads = _random.Next(1, 300);
                    row.MajorFaults += 1;
                    break;
                default:
                    break;
            }

            _processes[pid] = row;
        }

        Processes.Clear();
        (Processes.Sequence, Processes.UnixMs, Processes.MonotonicNs) = (Sequence, UnixMs + 2, MonotonicNs + 1_500_000);
        Processes.Hidden = _random.Next(9) == 0 ? Frame.Absent : 0;
        foreach (var row in _processes.Values)
        {
            Processes.Add() = row;
        }
    }

    private void Start()
    {
        var pid = _random.Next(1, 400);
        _processes[pid] = new ProcessSample
        {
            Info = new ProcessInfo
            {
                Pid = pid,
                StartTicks = MonotonicNs / 10_000_000,
                ParentPid = 1,
                Name = Names[_random.Next(Names.Length)],
                Arguments = _random.Next(5) == 0 ? null : $"--port {_random.Next(10_000)}",
                UserId = _random.Next(-1, 3),
                User = _random.Next(4) == 0 ? null : "www-data",
                Cgroup = "/system.slice/a.service",
                IsKernelThread = _random.Next(5) == 0,
            },
            State = 'S',
            Priority = 20,
            Threads = 1,
            RssBytes = 1 << 20,
            ReadBytes = Frame.Absent,
            WriteBytes = Frame.Absent,
        };
    }

    private void MoveCgroups()
    {
        if (_cgroups.Count < 3 || _random.Next(20) == 0)
        {
            var name = $"job{_random.Next(30)}.service";
            _cgroups[$"/system.slice/{name}"] = CgroupSample.AllAbsent(
                new CgroupInfo($"/system.slice/{name}", name, CgroupKind.Unit));
        }

        foreach (var path in _cgroups.Keys.ToList())
        {
            var row = _cgroups[path];
            row.CpuUsageUs = row.CpuUsageUs == Frame.Absent ? 0 : row.CpuUsageUs + _random.Next(1_000_000);
            row.MemoryBytes = _random.NextInt64(1L << 40);
            row.OomKills = 0;
            row.Tasks = _random.Next(9);
            _cgroups[path] = row;
            if (_cgroups.Count > 3 && _random.Next(60) == 0)
            {
                _cgroups.Remove(path);
            }
        }

        Cgroups.Clear();
        (Cgroups.Sequence, Cgroups.UnixMs, Cgroups.MonotonicNs) = (Sequence, UnixMs + 3, MonotonicNs + 2_500_000);
        Cgroups.IntervalTicks = 1 + _random.Next(3);
        foreach (var row in _cgroups.Values)
        {
            Cgroups.Add(row);
        }
    }
}
