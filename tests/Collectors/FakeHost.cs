using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Collectors.Slow;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests;

/// <summary>All collectors over fake files and a driven clock: what the sampler is to the real machine.</summary>
internal sealed class FakeHost : IDisposable
{
    /// <summary>Far longer than anything here takes, so that only a defect reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FrameBuilder _builder = new();
    private readonly CollectorContext _context;
    private long _sequence;

    public FakeHost(FakeFiles files, params string[] only)
    {
        Files = files;
        _context = new CollectorContext(FakeFiles.Roots, _builder, Time, files);
        Collectors = [.. Registry.Create(_context)
            .Where(collector => only.Length == 0 || only.Contains(collector.Name))];
    }

    public FakeFiles Files { get; }

    public FakeTimeProvider Time { get; } = new();

    public IReadOnlyList<ICollector> Collectors { get; private set; }

    /// <summary>The process table; made by <see cref="ScanTables"/>.</summary>
    public ProcessCollector? Processes { get; private set; }

    /// <summary>The cgroup table; made by <see cref="ScanTables"/>.</summary>
    public CgroupCollector? Cgroups { get; private set; }

    /// <summary>Results of the last tick by collector.</summary>
    public Dictionary<string, CollectResult> Results { get; } = [];

    /// <summary>From now on every tick scans processes and cgroups; what that costs does not matter.</summary>
    public void ScanTables()
    {
        Processes = new ProcessCollector(_context, new ProcessOptions { CpuTime = () => TimeSpan.Zero });
        Cgroups = new CgroupCollector(_context, () => TimeSpan.Zero);
        Collectors = [.. Collectors, Processes, Processes.Io, Cgroups];
    }

    /// <summary>One tick. The frame is ours to keep.</summary>
    public Frame Tick()
    {
        _builder.Begin();
        foreach (var collector in Collectors)
        {
            Results[collector.Name] = collector.Collect();
        }

        var frame = new Frame();
        frame.CopyFrom(_builder.Build(
            ++_sequence, Time.GetUtcNow().ToUnixTimeMilliseconds(), Time.GetTimestamp() * 100));
        return frame;
    }

    /// <summary>Ticks until the slow sources have given what they have at this instant.</summary>
    public Frame TickUntilSettled()
    {
        Tick();
        WaitForFilesystems();
        var frame = Tick();
        WaitForFilesystems();
        return frame;
    }

    /// <summary>Waits for every source that has a thread of its own.</summary>
    public void WaitForFilesystems()
    {
        foreach (var slow in Collectors.OfType<SlowCollector>())
        {
            WaitFor(() => slow.IsIdle, $"{slow.Name} did not answer");
        }

        foreach (var filesystems in Collectors.OfType<Filesystems>())
        {
            WaitFor(() => filesystems.IsIdle, "the file systems did not answer");
        }
    }

    /// <summary>Waits for a condition, without a fixed time to wait.</summary>
    public static void WaitFor(Func<bool> condition, string otherwise) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), otherwise);

    public void Dispose() => _context.Dispose();
}
