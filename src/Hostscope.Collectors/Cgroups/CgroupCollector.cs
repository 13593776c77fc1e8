using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Collectors.Processes;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// The cgroup table: every group of the host, of v2, v1, or both side by side. Unlike the collectors that write into
/// the frame it is called only in ticks in which somebody wants the table, and leaves it in <see cref="Table"/>.
/// </summary>
/// <remarks>
/// A new group shows at the latest 2 s after it came: v2 tells the number of its groups, which is asked in every call;
/// v1 does not, and is walked anew when the last walk is <see cref="MaxWalkAge"/> old. A group that went is left out at
/// once, and its parent's folder is walked in the next call. Limits, which people set, are read every
/// <see cref="LimitsEveryScans"/> scans, a tenth of the groups in each. A scan that would take more than a tenth of a
/// CPU in the long run is left out in some ticks: see <see cref="IsFresh"/>.
/// </remarks>
public sealed class CgroupCollector : ICollector, IDisposable
{
    /// <summary>Scans between two readings of a limit.</summary>
    public const int LimitsEveryScans = 10;

    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Scans that a file which was not there, or not ours to read, is left alone.</summary>
    private const int RetryAfterScans = 10;

    /// <summary>Below 2 s by more than a tick may be late, so that two ticks at 1 Hz are never both younger.</summary>
    private static readonly TimeSpan MaxWalkAge = TimeSpan.FromSeconds(1.5);

    /// <summary>Where the kernel says itself that groups came or went: a guard against what it may not say.</summary>
    private static readonly TimeSpan MaxWalkAgeWithHint = TimeSpan.FromSeconds(30);

    /// <summary>Calls after which a machine without cgroups is asked again; mounts are made at boot.</summary>
    private const int LayoutEveryScans = 60;

    /// <summary>Calls after which the kinds of devices are asked again: a driver may be loaded at any time.</summary>
    private const int DevicesEveryScans = 60;

    private static readonly CollectResult NoCgroups = CollectResult.Unavailable(
        "No cgroup file system is mounted here, or none with a controller that is shown.",
        "In a container, mount the host's /sys/fs/cgroup read-only.");

    private readonly CollectorContext _context;
    private readonly StackedDevices _stacked = new();
    private readonly ProcFile _mountinfo;
    private readonly ProcFile _devices;
    private readonly CgroupDescriptors _descriptors;
    private readonly Action<CgroupNode> _forget;
    private readonly ScanPace _pace;
    private readonly Func<TimeSpan> _cpuTime;
    private readonly ContainerNames? _containers;
    private CgroupLayout? _layout;
    private CgroupTree? _tree;
    private long _scans;
    private long _lastScan;
    private long _lastWalk;
    private long _descendants = Frame.Absent;
    private bool _walkNext;
    private CgroupFile? _malformed;
    private CgroupNode? _malformedIn;
    private CollectResult _malformedResult;
    private CollectResult _result;

    /// <summary>Makes it; nothing is opened before the first <see cref="Collect"/>.</summary>
    /// <param name="context">The host; closes what is kept open when it is disposed.</param>
    public CgroupCollector(CollectorContext context)
        : this(context, ThreadClock.Now)
    {
    }

    /// <param name="context">The host.</param>
    /// <param name="cpuTime">CPU time used so far by the thread that calls.</param>
    internal CgroupCollector(CollectorContext context, Func<TimeSpan> cpuTime)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _cpuTime = cpuTime;
        _pace = new ScanPace(context.Time, ScanPace.DefaultShare);
        var roots = context.Roots;

        // A container that sees the host's /proc wants the host's mounts, which are those of its first process.
        var ofFirstProcess = $"{roots.Proc}/1/mountinfo";
        var isOther = !roots.IsOwnMachine && context.Files.Exists(HostFiles.PathBytes(ofFirstProcess));
        _mountinfo = new ProcFile(context.Files, isOther ? ofFirstProcess : $"{roots.Proc}/self/mountinfo");
        _devices = new ProcFile(context.Files, $"{roots.Proc}/devices");
        _descriptors = new CgroupDescriptors(context);
        _forget = _descriptors.CloseAll;
        _containers = context.ContainerEngine is { } socket ? new ContainerNames(context, socket) : null;
        context.Keep(this);
    }

    /// <inheritdoc/>
    public string Name => "cgroups";

    /// <summary>
    /// The groups of the last <see cref="Collect"/>; none when it did not scan. Its <see cref="CgroupTable.Sequence"/>
    /// is the caller's to set.
    /// </summary>
    public CgroupTable Table { get; } = new();

    /// <summary>
    /// What asks the container engine for names, to be called after <see cref="Collect"/>; <c>null</c> when nobody
    /// asked for that.
    /// </summary>
    public ICollector? Containers => _containers;

    /// <summary>True when the last <see cref="Collect"/> scanned: the table is new, and to be published.</summary>
    public bool IsFresh => Table.Count > 0;

    /// <summary>
    /// Reads every group into <see cref="Table"/>, unless that would exceed the share of CPU. Allocates only for groups
    /// that are new. Values that a group does not have, or whose file could not be read, are absent.
    /// </summary>
    public CollectResult Collect()
    {
        var now = _context.Time.GetTimestamp();
        Table.Clear();
        if (_pace.IsDue(now))
        {
            var before = _cpuTime();
            _result = Scan(now);
            _pace.Record(_cpuTime() - before);
            Table.IntervalTicks = _pace.IntervalCalls;
        }

        return _result;
    }

    /// <summary>
    /// Closes the files that are kept for the next scan: to be called when nobody wants the table any more.
    /// </summary>
    public void Rest()
    {
        Table.Clear();
        Forget();
        _scans = 0; // The next scan looks for the hierarchies at once.
    }

    /// <summary>Closes every file that is kept open.</summary>
    public void Dispose() => Forget();

    private CollectResult Scan(long now)
    {
        Table.UnixMs = _context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Table.MonotonicNs = unchecked(now * (NsPerSecond / _context.Time.TimestampFrequency));
        if (_layout is null && _scans++ % LayoutEveryScans == 0)
        {
            MakeLayout();
        }

        if (_layout is null || _tree is null)
        {
            return NoCgroups;
        }

        if (_scans++ % DevicesEveryScans == 0)
        {
            ReadDevices();
        }

        var isWalkDue = IsWalkDue(_layout, _tree, now);
        if (isWalkDue)
        {
            _walkNext = false;
            _lastWalk = now;
            var walked = _tree.Walk(_layout.Hierarchies, _forget);
            if (_tree.Nodes.Count == 0)
            {
                Forget();
                return walked.ToCollectResult("The mount point of the cgroups", ReadBuffer.DefaultMaxBytes);
            }
        }

        _containers?.Apply(_tree.Nodes, isWalkDue);
        _lastScan = now;
        _malformed = null;
        foreach (var node in _tree.Nodes)
        {
            ReadGroup(_layout, _tree, node);
        }

        return _malformed is null ? CollectResult.Ok : _malformedResult;
    }

    private void Forget()
    {
        _tree?.Nodes.ForEach(_forget);
        _tree = null;
        _layout = null;
        _mountinfo.Dispose();
        _devices.Dispose();
    }

    private void MakeLayout()
    {
        var mounts = new List<CgroupMount>();
        if (_mountinfo.Read(_context.Buffer).IsOk)
        {
            var lines = new Lines(_context.Buffer.Content);
            while (lines.Next(out var line))
            {
                if (CgroupMount.ParseLine(line) is { } mount)
                {
                    mounts.Add(mount);
                }
            }
        }

        _mountinfo.Dispose();
        if (mounts.Count > 0)
        {
            _layout = CgroupLayout.Make(mounts, _context.Roots, _context.Files, _stacked);
            _tree = new CgroupTree(_context.Files, _layout.Files.Count);
            _walkNext = true;
            ReadDevices();
        }
    }

    private void ReadDevices()
    {
        if (_devices.Read(_context.Buffer).IsOk)
        {
            _stacked.Parse(_context.Buffer.Content);
        }
    }

    private bool IsWalkDue(CgroupLayout layout, CgroupTree tree, long now)
    {
        var age = _context.Time.GetElapsedTime(_lastWalk, now);
        var pause = _context.Time.GetElapsedTime(_lastScan, now);
        var hasHint = layout.OnlyUnified is { } unified && !tree.IsCut && HasHint(unified, tree);
        return _walkNext || pause >= MaxWalkAge || age >= (hasHint ? MaxWalkAgeWithHint : MaxWalkAge);
    }

    /// <summary>Asks v2 for the number of groups; a walk is due when it has changed.</summary>
    /// <returns>False when this kernel does not tell it (before Linux 4.14).</returns>
    private bool HasHint(CgroupHierarchy hierarchy, CgroupTree tree)
    {
        if (!tree.TryPath(hierarchy, hierarchy.Prefix, "/cgroup.stat\0"u8, out var path)
            || !ProcFile.ReadOnce(_context.Files, HostFiles.NoDirectory, path, _context.Buffer, ReadShape.Whole).IsOk)
        {
            return false;
        }

        var descendants = Frame.Absent;
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            _ = CgroupText.Keyed(line, "nr_descendants"u8, ref descendants);
        }

        _walkNext |= descendants != _descendants;
        _descendants = descendants;
        return descendants != Frame.Absent;
    }

    private void ReadGroup(CgroupLayout layout, CgroupTree tree, CgroupNode node)
    {
        var isFirst = node.Reading.Sample.Info is null;
        var readsLimits = isFirst || (_scans + node.Number) % LimitsEveryScans == 0;
        node.Reading.Reset(node.Info, keepsLimits: !readsLimits);
        var wasRead = false;
        var wasRefused = false;
        for (var i = 0; i < layout.Files.Count; i++)
        {
            var file = layout.Files[i];
            ref var state = ref node.Files[i];
            if ((node.Hierarchies & file.Hierarchy.Bit) == 0 || (node.Hierarchies & file.HiddenBy) != 0
                || (file.IsLimit && !readsLimits))
            {
                continue;
            }

            if (state.Last == ReadStatus.Ok || _scans >= state.NextTry)
            {
                ReadFile(tree, node, file, ref state, isFirst);
            }

            wasRead |= state.Last == ReadStatus.Ok;
            wasRefused |= state.Last is not (ReadStatus.Ok or ReadStatus.Missing);
        }

        // Nothing is left of a group that went since the walk; one that is there and refuses has its row all the same.
        if (wasRead || wasRefused)
        {
            node.Reading.Steady();
            Table.Add(node.Reading.Sample);
        }
        else
        {
            _walkNext = true;
        }
    }

    private void ReadFile(CgroupTree tree, CgroupNode node, CgroupFile file, ref CgroupFileState state, bool isFirst)
    {
        var wasThere = state.Last == ReadStatus.Ok && !isFirst;
        var result = tree.TryPath(file.Hierarchy, node.Path, file.Name, out var path)
            ? _descriptors.Read(path, ref state, mayKeep: !file.IsLimit)
            : new ReadResult(ReadStatus.Missing);
        state.Last = result.Status;
        if (!result.IsOk)
        {
            state.NextTry = _scans + RetryAfterScans;
            _walkNext |= wasThere && result.Status == ReadStatus.Missing;
        }
        else if (!file.Parse(_context.Buffer.Content, ref node.Reading))
        {
            TellMalformed(node, file);
        }
    }

    /// <summary>Keeps the first of a scan; the text is made anew only when it is another file than last time.</summary>
    private void TellMalformed(CgroupNode node, CgroupFile file)
    {
        if (_malformed is not null)
        {
            return;
        }

        _malformed = file;
        if (_malformedIn != node || _malformedResult.Reason is null)
        {
            _malformedIn = node;
            var name = Encoding.UTF8.GetString(file.Name.AsSpan(1, file.Name.Length - 2));
            _malformedResult = CollectResult.Failed(
                $"{name} of cgroup {node.Info.Path}: not in the format that the kernel documents.");
        }
    }
}
