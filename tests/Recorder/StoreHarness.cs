using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Recorder.Tests;

/// <summary>A tick as it was recorded, copied.</summary>
internal sealed record OracleTick(Frame Frame, ProcessTable? Processes, CgroupTable Cgroups, int Run);

/// <summary>
/// A store in a directory of its own, a simulated machine that feeds it, and beside them a plain list of every tick:
/// what the store must answer is computed from the list.
/// </summary>
internal sealed class StoreHarness : IDisposable, IPast
{
    private readonly OverviewSeries _extra = new();
    private readonly List<string> _directories = [];
    private long[] _values = [];

    public StoreHarness(
        int seed, Func<RecorderOptions, RecorderOptions>? change = null, Func<IStoreDisk, IStoreDisk>? wrap = null,
        SimulatedHost? host = null)
    {
        Host = host ?? new SimulatedHost(seed);
        Wrap = wrap ?? (disk => disk);
        Options = new RecorderOptions { Directory = NewDirectory(), FreeFloorBytes = 0, BudgetBytes = 1L << 30 };
        Options = change?.Invoke(Options) ?? Options;
        Open();
    }

    public SimulatedHost Host { get; }

    public RecorderOptions Options { get; private set; }

    public Func<IStoreDisk, IStoreDisk> Wrap { get; set; }

    public IStoreDisk Disk { get; private set; } = null!;

    public TickStore Store { get; private set; } = null!;

    public IHistory History { get; private set; } = null!;

    /// <summary>Every tick that was given to the store.</summary>
    public List<OracleTick> Ticks { get; } = [];

    /// <summary>Runs of the sampler so far.</summary>
    public int Run { get; private set; } = 1;

    public StoreView View => Store.View;

    public ReaderPool? Readers => Store.Readers;

    public HistoryStatus Status() =>
        PastStatus.Fill(new HistoryStatus { State = RecordingState.Recording }, Store.View, Store.Limits);

    /// <summary>The machine goes on for some ticks.</summary>
    public void Tick(int count = 1, long stepMs = 1000, bool withTables = true)
    {
        for (var i = 0; i < count; i++)
        {
            Record(Host.Tick(stepMs), withTables);
        }
    }

    /// <summary>Records a frame of the machine as it is.</summary>
    public void Record(Frame frame, bool withTables)
    {
        var copy = new Frame();
        copy.CopyFrom(frame);
        var processes = withTables ? new ProcessTable() : null;
        processes?.CopyFrom(Host.Processes);
        var cgroups = new CgroupTable();
        cgroups.CopyFrom(Host.Cgroups);
        Ticks.Add(new OracleTick(copy, processes, cgroups, Run));
        Store.Append(
            new TickView
            {
                Sequence = frame.Sequence,
                UnixMs = frame.UnixMs,
                MonotonicNs = frame.MonotonicNs,
                Values = _extra.Extend(frame, ref _values),
                Processes = processes,
                Cgroups = cgroups,
            },
            _extra.Series, default);
        Store.Flush();
    }

    /// <summary>Ends in an orderly way and starts again.</summary>
    public void Restart()
    {
        Store.Close();
        Store.Dispose();
        Open();
        NextRun();
    }

    /// <summary>The process is killed: what the kernel has of the files is all that is left.</summary>
    public void Crash(Action<string>? damage = null)
    {
        var copy = NewDirectory();
        foreach (var file in System.IO.Directory.GetFiles(Options.Directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        Store.Dispose();
        Options = Options with { Directory = copy };
        damage?.Invoke(copy);
        Open();
        NextRun();
    }

    public void Dispose()
    {
        Store.Dispose();
        _directories.ForEach(directory => System.IO.Directory.Delete(directory, recursive: true));
    }

    public string NewDirectory()
    {
        // Memory where there is some to be had: these tests sync a thousand times a second.
        var root = System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var directory = Path.Combine(root, "hostscope-" + Guid.NewGuid().ToString("N"));
        System.IO.Directory.CreateDirectory(directory);
        _directories.Add(directory);
        return directory;
    }

    private void Open()
    {
        Disk = Wrap(new StoreDisk(Options.Directory));
        Store = new TickStore(Disk, Options);
        var exporter = new HscopeWriter(Disk, new HostInfo { Id = "h", Name = "h" }, Options);
        History = new History(this, new FakeTimeProvider(), exporter);
    }

    private void NextRun()
    {
        Host.Restart();
        Run++;
    }
}
