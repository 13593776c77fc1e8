using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// The numeric entries of /proc, listed through one descriptor that is kept and rewound. Allocates only when there are
/// more processes than ever.
/// </summary>
internal sealed class PidList : IDisposable
{
    /// <summary>
    /// Most processes listed. A kernel allows four million; a table of more than this would need a gigabyte in the
    /// readers of the bus.
    /// </summary>
    public const int MaxPids = 262_144;

    private const int Closed = -1;

    private readonly HostFiles _files;
    private readonly byte[] _path;
    private readonly byte[] _entries = new byte[32 << 10];
    private int[] _pids = new int[512];
    private int _count;

    /// <summary>Makes an empty list without opening anything.</summary>
    /// <param name="files">What reads the directory.</param>
    /// <param name="proc">The proc file system.</param>
    public PidList(HostFiles files, string proc)
    {
        _files = files;
        _path = HostFiles.PathBytes(proc);
        Path = proc;
    }

    /// <summary>The directory, for messages.</summary>
    public string Path { get; }

    /// <summary>Descriptor of the directory; valid after a read that went well.</summary>
    public int Directory { get; private set; } = Closed;

    /// <summary>The process ids, in ascending order, each once.</summary>
    public ReadOnlySpan<int> Pids => _pids.AsSpan(0, _count);

    /// <summary>True when there were more than <see cref="MaxPids"/>, and the list ends before them.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Lists the processes that exist now. One that starts meanwhile may or may not be among them.</summary>
    public ReadResult Read()
    {
        var result = TryRead();
        if (!result.IsOk)
        {
            // Once more from the path: /proc may have been mounted anew since it was opened.
            Dispose();
            result = TryRead();
        }

        if (!result.IsOk)
        {
            _count = 0;
            return result;
        }

        // The kernel lists them in order; the file system of a copied /proc need not.
        if (!IsAscending(Pids))
        {
            _pids.AsSpan(0, _count).Sort();
            RemoveRepeated();
        }

        return result;
    }

    /// <summary>Reads the name of an entry; false when it is not a process id.</summary>
    /// <param name="name">The name with its NUL byte.</param>
    /// <param name="pid">The id, from 1.</param>
    internal static bool TryParsePid(ReadOnlySpan<byte> name, out int pid)
    {
        pid = 0;
        if (name.Length < 2 || name[0] is < (byte)'1' or > (byte)'9' || name.Length > 11)
        {
            return false;
        }

        long value = 0;
        foreach (var digit in name[..^1])
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + (digit - '0');
        }

        pid = (int)Math.Min(value, int.MaxValue);
        return value <= int.MaxValue;
    }

    /// <summary>Closes the descriptor; a later read opens the directory anew.</summary>
    public void Dispose()
    {
        if (Directory != Closed)
        {
            _files.Close(Directory);
            Directory = Closed;
        }
    }

    private ReadResult TryRead()
    {
        _count = 0;
        IsCut = false;
        if (Directory == Closed)
        {
            var opened = _files.Open(HostFiles.NoDirectory, _path);
            if (opened < 0)
            {
                return ReadResult.FromErrno(-opened);
            }

            Directory = opened;
        }

        var rewound = _files.RewindDirectory(Directory);
        if (rewound < 0)
        {
            return ReadResult.FromErrno(-rewound);
        }

        while (true)
        {
            var bytes = _files.ReadDirectory(Directory, _entries);
            if (bytes < 0)
            {
                return ReadResult.FromErrno(-bytes);
            }

            if (bytes == 0 || IsCut)
            {
                return ReadResult.Ok;
            }

            Take(new DirectoryEntries(_entries.AsSpan(0, bytes)));
        }
    }

    private void Take(DirectoryEntries entries)
    {
        while (entries.Next(out var name, out _))
        {
            if (!TryParsePid(name, out var pid))
            {
                continue;
            }

            if (_count == MaxPids)
            {
                IsCut = true;
                return;
            }

            if (_count == _pids.Length)
            {
                Array.Resize(ref _pids, _pids.Length * 2);
            }

            _pids[_count++] = pid;
        }
    }

    private static bool IsAscending(ReadOnlySpan<int> pids)
    {
        for (var i = 1; i < pids.Length; i++)
        {
            if (pids[i] <= pids[i - 1])
            {
                return false;
            }
        }

        return true;
    }

    private void RemoveRepeated()
    {
        var kept = 1;
        for (var i = 1; i < _count; i++)
        {
            if (_pids[i] != _pids[kept - 1])
            {
                _pids[kept++] = _pids[i];
            }
        }

        _count = Math.Min(_count, kept);
    }
}
