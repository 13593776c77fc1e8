using Hostscope.Collectors;
using Hostscope.Model;

namespace Hostscope.Bench.Parsers;

/// <summary>A host whose files do not change: a recorded one, or this machine as it was at the start.</summary>
internal sealed class SteadyHost : IDisposable
{
    /// <summary>The recorded host with the most CPUs and disks, and this machine, which has the newest files.</summary>
    public static readonly string[] Names = ["numa-2-socket", "here"];

    /// <summary>They read on threads of their own, or ask the kernel by other ways than files.</summary>
    private static readonly string[] Apart =
        ["filesystems", "links", "netclass", "cpufreq", "hwmon", "thermal", "power_supply", "timesync"];

    private readonly CollectorContext _context;

    public SteadyHost(string name)
    {
        var folder = name == "here" ? "/" : Path.Combine(Repository(), "tests", "fixtures", "hosts", name, "t1");
        _context = new CollectorContext(
            MemoryFiles.Roots, new FrameBuilder(), TimeProvider.System, new MemoryFiles(folder));
        Builder.Begin();
        Collectors =
        [
            .. Registry.Create(_context)
                .Where(collector => !Apart.Contains(collector.Name))
                .Where(collector => collector.Collect().Status == CollectStatus.Ok),
        ];
    }

    /// <summary>Takes the values of all collectors.</summary>
    public FrameBuilder Builder => _context.Builder;

    /// <summary>Those that find their source on this host.</summary>
    public ICollector[] Collectors { get; }

    /// <summary>A whole tick.</summary>
    public Frame Tick(long sequence)
    {
        Builder.Begin();
        foreach (var collector in Collectors)
        {
            collector.Collect();
        }

        return Builder.Build(sequence, sequence * 1000, sequence * 1_000_000_000);
    }

    public void Dispose() => _context.Dispose();

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hostscope.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("Run it from a build below the repository.");
        }

        return folder;
    }
}
