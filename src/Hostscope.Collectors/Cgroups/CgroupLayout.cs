using System.Text;

namespace Hostscope.Collectors.Cgroups;

/// <summary>One tree of groups: a mounted hierarchy.</summary>
/// <param name="Bit">Its bit in the masks of a layout.</param>
/// <param name="IsUnified">True for cgroup v2.</param>
/// <param name="Folder">Where it is mounted, UTF-8, without a slash at the end.</param>
/// <param name="Prefix">Path of the group that is mounted there, UTF-8; empty for the root of the tree.</param>
internal sealed record CgroupHierarchy(uint Bit, bool IsUnified, byte[] Folder, byte[] Prefix);

/// <summary>One file that every group of a hierarchy may have.</summary>
/// <param name="Hierarchy">The hierarchy.</param>
/// <param name="Name">Slash, name and NUL byte: what is put behind the folder of a group.</param>
/// <param name="Parse">Takes its content.</param>
/// <param name="IsLimit">True for what people set and seldom change; it is not read in every tick.</param>
/// <param name="HiddenBy">
/// Hierarchies in which a group tells the same better: where it is in one of them, this file is not read.
/// </param>
internal sealed record CgroupFile(
    CgroupHierarchy Hierarchy, byte[] Name, CgroupParser Parse, bool IsLimit = false, uint HiddenBy = 0);

/// <summary>
/// The hierarchies of a machine and the files to read in each. Pure v2 is one hierarchy. A machine with v1 has one for
/// each controller or pair of them, and often, besides ("hybrid"), a v2 tree without controllers, which still tells
/// CPU time and stalls.
/// </summary>
internal sealed class CgroupLayout
{
    private readonly List<CgroupHierarchy> _hierarchies = [];
    private readonly List<CgroupFile> _files = [];
    private readonly StackedDevices _stacked;

    private CgroupLayout(StackedDevices stacked) => _stacked = stacked;

    /// <summary>The hierarchies; none when the machine has no cgroups that we can see.</summary>
    public IReadOnlyList<CgroupHierarchy> Hierarchies => _hierarchies;

    /// <summary>The files, those of one hierarchy together.</summary>
    public IReadOnlyList<CgroupFile> Files => _files;

    /// <summary>The one hierarchy of a machine with v2 only, which says itself when groups come and go.</summary>
    public CgroupHierarchy? OnlyUnified => _hierarchies is [{ IsUnified: true } only] ? only : null;

    /// <summary>Makes the layout of a mount table.</summary>
    /// <param name="mounts">The cgroup mounts, in the order of the table.</param>
    /// <param name="roots">Where the host's files are.</param>
    /// <param name="files">Tells which of two forms of a file the kernel has.</param>
    /// <param name="stacked">Devices whose I/O is not counted.</param>
    public static CgroupLayout Make(
        IReadOnlyList<CgroupMount> mounts, HostRoots roots, HostFiles files, StackedDevices stacked)
    {
        var layout = new CgroupLayout(stacked);
        var masks = new Dictionary<CgroupControllers, uint>();
        foreach (var group in mounts.Where(mount => !mount.IsUnified).GroupBy(mount => mount.Controllers))
        {
            var hierarchy = layout.Add(group, roots);
            foreach (var controller in Enum.GetValues<CgroupControllers>().Where(one => (group.Key & one) != 0))
            {
                masks.TryAdd(controller, hierarchy.Bit);
            }

            layout.AddLegacyFiles(hierarchy, group.Key, files);
        }

        var unified = mounts.Where(mount => mount.IsUnified).ToList();
        if (unified.Count > 0)
        {
            layout.AddUnifiedFiles(layout.Add(unified, roots), masks);
        }

        return layout;
    }

    /// <summary>
    /// Of several mounts of one hierarchy, takes the one that shows most of it: one that reaches above our namespace,
    /// then one of the root, then any.
    /// </summary>
    private CgroupHierarchy Add(IEnumerable<CgroupMount> mounts, HostRoots roots)
    {
        var mount = mounts.MinBy(mount => mount switch
        {
            _ when IsAboveNamespace(mount.Root) => 0,
            { Root: "/" } => 1,
            _ => 2,
        })!;
        var prefix = mount.Root == "/" || IsAboveNamespace(mount.Root) ? "" : mount.Root;
        var hierarchy = new CgroupHierarchy(
            1u << _hierarchies.Count,
            mount.IsUnified,
            Encoding.UTF8.GetBytes(FolderOf(mount.MountPoint, roots)),
            Encoding.UTF8.GetBytes(prefix));
        _hierarchies.Add(hierarchy);
        return hierarchy;
    }

    private static bool IsAboveNamespace(string root) => root.StartsWith("/..", StringComparison.Ordinal);

    private static string FolderOf(string mountPoint, HostRoots roots)
    {
        const string Sys = "/sys/";
        var folder = mountPoint.StartsWith(Sys, StringComparison.Ordinal)
            ? $"{roots.Sys}/{mountPoint[Sys.Length..]}"
            : $"{roots.Root.TrimEnd('/')}{mountPoint}";
        return folder.TrimEnd('/');
    }

    private void AddLegacyFiles(CgroupHierarchy hierarchy, CgroupControllers controllers, HostFiles files)
    {
        if ((controllers & CgroupControllers.Cpu) != 0)
        {
            Add(hierarchy, "cpu.stat", LegacyFiles.CpuStat);
            Add(hierarchy, "cpu.cfs_quota_us", LegacyFiles.CpuQuota, isLimit: true);
            Add(hierarchy, "cpu.cfs_period_us", LegacyFiles.CpuPeriod, isLimit: true);
        }

        if ((controllers & CgroupControllers.CpuAccounting) != 0)
        {
            Add(hierarchy, "cpuacct.usage", LegacyFiles.CpuUsage);
            Add(hierarchy, "cpuacct.stat", LegacyFiles.CpuModes);
        }

        if ((controllers & CgroupControllers.Memory) != 0)
        {
            Add(hierarchy, "memory.usage_in_bytes", UnifiedFiles.MemoryCurrent);
            Add(hierarchy, "memory.oom_control", LegacyFiles.OomControl);
            Add(hierarchy, "memory.limit_in_bytes", LegacyFiles.MemoryLimit, isLimit: true);
        }

        if ((controllers & CgroupControllers.BlockIo) != 0)
        {
            // Without the groups below, where the kernel is too old to add them up (before Linux 5.2).
            const string Name = "blkio.throttle.io_service_bytes";
            var recursive = Encoding.UTF8.GetBytes($"/{Name}_recursive\0");
            var hasRecursive = files.Exists([.. hierarchy.Folder, .. recursive]);
            Add(hierarchy, hasRecursive ? $"{Name}_recursive" : Name,
                (ReadOnlySpan<byte> text, ref CgroupReading r) => LegacyFiles.BlockIo(text, ref r, _stacked));
        }

        if ((controllers & CgroupControllers.Pids) != 0)
        {
            Add(hierarchy, "pids.current", UnifiedFiles.PidsCurrent);
        }
    }

    private void AddUnifiedFiles(CgroupHierarchy hierarchy, Dictionary<CgroupControllers, uint> legacy)
    {
        uint Hiding(CgroupControllers controller) => legacy.GetValueOrDefault(controller);

        var cpu = Hiding(CgroupControllers.CpuAccounting);
        var memory = Hiding(CgroupControllers.Memory);
        Add(hierarchy, "cpu.stat", UnifiedFiles.CpuStat, hiddenBy: cpu);
        Add(hierarchy, "memory.current", UnifiedFiles.MemoryCurrent, hiddenBy: memory);
        Add(hierarchy, "memory.events", UnifiedFiles.MemoryEvents, hiddenBy: memory);
        Add(hierarchy, "io.stat",
            (ReadOnlySpan<byte> text, ref CgroupReading r) => UnifiedFiles.IoStat(text, ref r, _stacked),
            hiddenBy: Hiding(CgroupControllers.BlockIo));
        Add(hierarchy, "pids.current", UnifiedFiles.PidsCurrent, hiddenBy: Hiding(CgroupControllers.Pids));
        Add(hierarchy, "cpu.pressure", UnifiedFiles.CpuPressure);
        Add(hierarchy, "memory.pressure", UnifiedFiles.MemoryPressure);
        Add(hierarchy, "io.pressure", UnifiedFiles.IoPressure);
        Add(hierarchy, "cpu.max", UnifiedFiles.CpuMax, isLimit: true, Hiding(CgroupControllers.Cpu));
        Add(hierarchy, "memory.max", UnifiedFiles.MemoryMax, isLimit: true, memory);
    }

    private void Add(
        CgroupHierarchy hierarchy, string name, CgroupParser parse, bool isLimit = false, uint hiddenBy = 0) =>
        _files.Add(new CgroupFile(hierarchy, Encoding.UTF8.GetBytes($"/{name}\0"), parse, isLimit, hiddenBy));
}
