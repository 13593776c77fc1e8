using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>One group, over all hierarchies that have it.</summary>
internal sealed class CgroupNode
{
    /// <param name="path">See <see cref="Path"/>.</param>
    /// <param name="depth">See <see cref="Depth"/>.</param>
    /// <param name="number">See <see cref="Number"/>.</param>
    /// <param name="files">Number of files of the layout.</param>
    public CgroupNode(byte[] path, int depth, int number, int files)
    {
        Path = path;
        Depth = depth;
        Number = number;
        Files = new CgroupFileState[files];
        Info = CgroupNames.Describe(Encoding.UTF8.GetString(path));
        ContainerId = Info.Kind == CgroupKind.Container ? CgroupNames.ContainerId(Info.Path) : null;
    }

    /// <summary>Path in the tree, UTF-8; empty for the root.</summary>
    public byte[] Path { get; }

    /// <summary>What seldom changes about it.</summary>
    public CgroupInfo Info { get; private set; }

    /// <summary>Full id of the container that it is; <c>null</c> when it is none, or none with an id.</summary>
    public string? ContainerId { get; }

    /// <summary>Whether its engine gave it a name.</summary>
    public bool IsRenamed { get; private set; }

    /// <summary>Answers of the engine in which it was not listed.</summary>
    public int MissedAnswers { get; set; }

    /// <summary>Groups above it.</summary>
    public int Depth { get; }

    /// <summary>Grows with each group, so that what is not read in every tick is spread over the ticks.</summary>
    public int Number { get; }

    /// <summary>Masks of the hierarchies that had it in the last walk, and have it in the walk going on.</summary>
    public uint Hierarchies { get; set; }

    /// <summary>Mask of the hierarchies in which the walk going on has found it.</summary>
    public uint Found { get; set; }

    /// <summary>State of each file of the layout.</summary>
    public CgroupFileState[] Files { get; }

    /// <summary>What was read last.</summary>
    public ref CgroupReading Reading => ref _reading;

    private CgroupReading _reading;

    /// <summary>Takes the name that its engine gives it.</summary>
    public void Rename(string name)
    {
        IsRenamed = true;
        if (Info.Name != name)
        {
            Info = Info with { Name = name };
        }
    }
}

/// <summary>How one file of one group was found last.</summary>
internal struct CgroupFileState
{
    /// <summary>Descriptor that is kept, plus one; 0 for none.</summary>
    public int KeptPlusOne;

    /// <summary>How the last read ended.</summary>
    public ReadStatus Last;

    /// <summary>After a failure: the tick in which it is tried again.</summary>
    public long NextTry;
}

/// <summary>
/// The groups of all hierarchies, found by walking their folders. A walk allocates only for what is new.
/// </summary>
internal sealed class CgroupTree(HostFiles files, int fileCount)
{
    /// <summary>
    /// Most groups. A node of Kubernetes with 250 pods has 1,000, a desktop 200. Further ones, which are the deepest,
    /// are left out.
    /// </summary>
    public const int MaxGroups = 4000;

    /// <summary>Deepest group that is looked at. A container in a pod in a container is 12 levels deep.</summary>
    public const int MaxDepth = 32;

    /// <summary>PATH_MAX: the kernel takes no longer path.</summary>
    private const int MaxPathBytes = 4096;

    private readonly Dictionary<byte[], CgroupNode> _byPath = new(NameComparer.Instance);
    private readonly List<CgroupNode> _queue = [];
    private readonly List<CgroupNode> _gone = [];
    private readonly byte[] _entries = new byte[32 << 10];
    private readonly byte[] _path = new byte[MaxPathBytes];
    private int _nextNumber;

    /// <summary>The groups, ordered by path (ordinal).</summary>
    public List<CgroupNode> Nodes { get; } = [];

    /// <summary>Whether the last walk met groups beyond <see cref="MaxGroups"/> or <see cref="MaxDepth"/>.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Finds the groups there are now.</summary>
    /// <param name="hierarchies">The hierarchies to walk.</param>
    /// <param name="forget">Called for each group that is gone, to close its files.</param>
    /// <returns>Result of opening the folders of the hierarchies: the first that failed.</returns>
    public ReadResult Walk(IReadOnlyList<CgroupHierarchy> hierarchies, Action<CgroupNode> forget)
    {
        IsCut = false;
        var countBefore = _nextNumber;
        foreach (var node in Nodes)
        {
            node.Found = 0;
        }

        var result = ReadResult.Ok;
        for (var i = 0; i < hierarchies.Count; i++)
        {
            var walked = WalkOne(hierarchies[i]);
            result = result.IsOk ? walked : result;
        }

        Drop(forget);
        if (_nextNumber != countBefore)
        {
            Nodes.Sort(static (a, b) => string.CompareOrdinal(a.Info.Path, b.Info.Path));
        }

        return result;
    }

    /// <summary>Composes the path of a file or of the folder of a group.</summary>
    /// <param name="hierarchy">The hierarchy, which has the group.</param>
    /// <param name="group">Path of the group.</param>
    /// <param name="name">Slash, name and NUL byte; the NUL byte alone for the folder.</param>
    /// <param name="path">The path with a NUL byte at its end; valid until the next call.</param>
    /// <returns>False when it is longer than the kernel takes.</returns>
    public bool TryPath(
        CgroupHierarchy hierarchy, ReadOnlySpan<byte> group, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> path)
    {
        var below = group[hierarchy.Prefix.Length..];
        var length = hierarchy.Folder.Length + below.Length + name.Length;
        path = default;
        if (length > _path.Length)
        {
            return false;
        }

        hierarchy.Folder.CopyTo(_path, 0);
        below.CopyTo(_path.AsSpan(hierarchy.Folder.Length));
        name.CopyTo(_path.AsSpan(hierarchy.Folder.Length + below.Length));
        path = _path.AsSpan(0, length);
        return true;
    }

    /// <summary>Breadth first, so that a bound leaves out the deepest groups and not whole branches.</summary>
    private ReadResult WalkOne(CgroupHierarchy hierarchy)
    {
        _queue.Clear();
        Find(hierarchy, hierarchy.Prefix, depth: 0);
        var result = ReadResult.Ok;
        for (var i = 0; i < _queue.Count; i++)
        {
            var listed = ListChildren(hierarchy, _queue[i]);
            result = i == 0 ? listed : result;
        }

        return result;
    }

    private ReadResult ListChildren(CgroupHierarchy hierarchy, CgroupNode node)
    {
        if (!TryPath(hierarchy, node.Path, "\0"u8, out var folder))
        {
            IsCut = true;
            return ReadResult.Ok;
        }

        var descriptor = files.Open(HostFiles.NoDirectory, folder);
        if (descriptor < 0)
        {
            // It went while we were on the way to it: not found in this walk after all.
            node.Found &= ~hierarchy.Bit;
            return ReadResult.FromErrno(-descriptor);
        }

        int count;
        while ((count = files.ReadDirectory(descriptor, _entries)) > 0)
        {
            var entries = new DirectoryEntries(_entries.AsSpan(0, count));
            while (entries.Next(out var name, out var type))
            {
                if (type == DirectoryEntries.TypeDirectory && !IsDots(name))
                {
                    FindChild(hierarchy, node, name[..^1]);
                }
            }
        }

        files.Close(descriptor);
        return count < 0 ? ReadResult.FromErrno(-count) : ReadResult.Ok;
    }

    private static bool IsDots(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(".\0"u8) || name.SequenceEqual("..\0"u8);

    private void FindChild(CgroupHierarchy hierarchy, CgroupNode parent, ReadOnlySpan<byte> name)
    {
        var length = parent.Path.Length + 1 + name.Length;
        if (parent.Depth == MaxDepth || length > _path.Length)
        {
            IsCut = true;
            return;
        }

        parent.Path.CopyTo(_path, 0);
        _path[parent.Path.Length] = (byte)'/';
        name.CopyTo(_path.AsSpan(parent.Path.Length + 1));
        Find(hierarchy, _path.AsSpan(0, length), parent.Depth + 1);
    }

    private void Find(CgroupHierarchy hierarchy, ReadOnlySpan<byte> path, int depth)
    {
        if (!_byPath.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(path, out var node))
        {
            if (Nodes.Count >= MaxGroups)
            {
                IsCut = true;
                return;
            }

            node = new CgroupNode(path.ToArray(), depth, _nextNumber++, fileCount);
            _byPath.Add(node.Path, node);
            Nodes.Add(node);
        }

        // A folder that changes while it is listed may give an entry twice.
        if ((node.Found & hierarchy.Bit) == 0)
        {
            node.Found |= hierarchy.Bit;
            _queue.Add(node);
        }
    }

    private void Drop(Action<CgroupNode> forget)
    {
        _gone.Clear();
        foreach (var node in Nodes)
        {
            node.Hierarchies = node.Found;
            if (node.Found == 0)
            {
                _gone.Add(node);
            }
        }

        foreach (var node in _gone)
        {
            forget(node);
            _byPath.Remove(node.Path);
        }

        if (_gone.Count > 0)
        {
            Nodes.RemoveAll(static node => node.Found == 0);
            _gone.Clear();
        }
    }
}
