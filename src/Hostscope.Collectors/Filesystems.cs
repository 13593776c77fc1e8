using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Space and inodes of the mounted file systems. Asking one may take for ever, when the server behind it is gone, and a
/// thread that asks cannot be stopped. So the sampling thread never asks: it takes the answers to the previous tick's
/// questions and lets two threads ask again. The values are therefore one interval old.
/// </summary>
/// <remarks>
/// The first thread asks the types that answer from the kernel's memory, the second one those that may wait for
/// somebody (<see cref="Mount.MayHang"/>): a dead server can stop the news of other servers, not of the disks. When the
/// first one hangs nevertheless (a dying disk), the second one does its work too. Two threads are the bound, however
/// many mounts hang; a mount that no thread gets to is absent. Where <see cref="HostRoots.Root"/> is not <c>/</c>, the
/// host's mounts must be visible below it (<c>rslave</c> in a container).
/// </remarks>
internal sealed class Filesystems : ICollector, IDisposable
{
    /// <summary>How long a file system may take before it is said not to answer.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>The threads do little but system calls.</summary>
    private const int StackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly CollectorContext _context;
    private readonly MountList _list;
    private readonly Asker _steady = new();
    private readonly Asker _patient = new();
    private FilesystemProbe[] _probes = [];
    private CollectResult _listResult;
    private long _round;
    private long _listedRound;
    private bool _isListing;
    private bool _isStopped;

    public Filesystems(CollectorContext context)
    {
        _context = context;
        _list = new MountList(context.Roots, context.Files);
        context.Keep(this);
    }

    /// <inheritdoc/>
    public string Name => "filesystems";

    /// <summary>Threads running now, 0 to 2.</summary>
    internal int Threads => (_steady.Thread is null ? 0 : 1) + (_patient.Thread is null ? 0 : 1);

    /// <summary>True when every question of the last tick has been answered.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_isListing && _listedRound == _round
                    && Array.TrueForAll(_probes, probe => !probe.IsAsked && probe.AskedRound == _round);
            }
        }
    }

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        lock (_gate)
        {
            var now = _context.Time.GetTimestamp();
            foreach (var probe in _probes)
            {
                probe.Publish(_context, _round, now);
            }

            _round++;
            Start(_steady);
            if (IsStuck(_steady))
            {
                Start(_patient);
            }

            Monitor.PulseAll(_gate);
            return _listResult;
        }
    }

    /// <summary>Lets the threads end; one that hangs ends with the process, which does not wait for it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Start(Asker asker)
    {
        if (asker.Thread is null)
        {
            Launch(asker);
        }
    }

    /// <summary>Apart from <see cref="Start"/>, because what it captures would be allocated in every call.</summary>
    private void Launch(Asker asker)
    {
        asker.Thread = new Thread(() => Run(asker), StackBytes) { IsBackground = true, Name = Name };
        asker.Thread.Start();
    }

    private void Run(Asker asker)
    {
        while (true)
        {
            FilesystemProbe? probe;
            lock (_gate)
            {
                while (!_isStopped && !TryTake(asker))
                {
                    Monitor.Wait(_gate);
                }

                if (_isStopped)
                {
                    if (!_isListing)
                    {
                        _list.Dispose();
                    }

                    return;
                }

                probe = asker.Probe;
            }

            if (probe is null)
            {
                List();
            }
            else
            {
                Ask(asker, probe);
            }
        }
    }

    /// <summary>Finds a thread its next work: asking a mount, or, with no probe, listing the mounts.</summary>
    private bool TryTake(Asker asker)
    {
        asker.Probe = null;
        var doesSteady = asker == _steady || IsStuck(_steady);
        if (doesSteady && !_isListing && _listedRound < _round)
        {
            _isListing = true;
            return true;
        }

        foreach (var candidate in _probes)
        {
            var isOurs = candidate.Mount.MayHang ? asker == _patient : doesSteady;
            if (isOurs && !candidate.IsAsked && candidate.AskedRound < _round)
            {
                candidate.Asked(_round, _context.Time.GetTimestamp());
                asker.Probe = candidate;
                return true;
            }
        }

        return false;
    }

    private void List()
    {
        CollectResult result;
        List<Mount>? mounts = null;
        try
        {
            result = _list.Read(out mounts);
        }
        catch (Exception bug)
        {
            // Nobody is above this thread, and a line that we cannot read must not end the process.
            result = CollectResult.Failed($"BUG: {bug.GetType().Name} while reading the mounts: {bug.Message}");
        }

        lock (_gate)
        {
            _listResult = result;
            if (mounts is not null)
            {
                // A mount that stays keeps its probe, and with it the question that may be hanging.
                _probes = [.. mounts.Select(mount =>
                    Array.Find(_probes, probe => probe.Mount == mount)
                    ?? new FilesystemProbe(mount, _context.Roots.Root))];
            }

            if (Array.Exists(_probes, probe => probe.Mount.MayHang))
            {
                Start(_patient);
            }

            _isListing = false;
            _listedRound = _round;
            Monitor.PulseAll(_gate);
        }
    }

    private void Ask(Asker asker, FilesystemProbe probe)
    {
        var error = -_context.Files.StatFilesystem(probe.Path, out var space);
        lock (_gate)
        {
            asker.Probe = null;
            probe.Answered(error, space, _context.Time.GetTimestamp());
        }
    }

    private bool IsStuck(Asker asker) =>
        asker.Probe is { IsAsked: true } probe && _context.Time.GetElapsedTime(probe.AskedAt) >= AnswerWithin;

    /// <summary>A thread and what it is asking now.</summary>
    private sealed class Asker
    {
        public Thread? Thread { get; set; }

        public FilesystemProbe? Probe { get; set; }
    }
}

/// <summary>
/// One mounted file system: the question, the last answer and its series. Guarded by its owner's lock.
/// </summary>
internal sealed class FilesystemProbe
{
    private SeriesCell? _responding;
    private SeriesCell[] _cells = [];
    private FilesystemSpace _space;
    private int _error;
    private long _answeredAt;
    private long _answeredRound;

    public FilesystemProbe(Mount mount, string root)
    {
        Mount = mount;
        Path = HostFiles.PathBytes(root == "/" ? mount.MountPoint : root + mount.MountPoint);
    }

    public Mount Mount { get; }

    /// <summary>What to ask about, for <see cref="HostFiles.StatFilesystem"/>.</summary>
    public byte[] Path { get; }

    public bool IsAsked { get; private set; }

    public long AskedRound { get; private set; }

    public long AskedAt { get; private set; }

    public void Asked(long round, long now)
    {
        IsAsked = true;
        AskedRound = round;
        AskedAt = now;
    }

    public void Answered(int error, FilesystemSpace space, long now)
    {
        IsAsked = false;
        _error = error;
        _space = space;
        _answeredAt = now;
        _answeredRound = AskedRound;
    }

    /// <summary>Gives the answer to the series, if there is one of this round or young enough.</summary>
    public void Publish(CollectorContext context, long round, long now)
    {
        if (IsAsked && context.Time.GetElapsedTime(AskedAt, now) >= Filesystems.AnswerWithin)
        {
            Responding(context.Builder).Set(0);
            return;
        }

        var isFresh = _answeredRound > 0 && (_answeredRound == round
            || context.Time.GetElapsedTime(_answeredAt, now) <= Filesystems.AnswerWithin);
        if (!isFresh || _error != 0 || _space.Blocks <= 0)
        {
            // An error is mostly a mount of another user, or one that a container does not see: nothing is known of it.
            return;
        }

        Responding(context.Builder).Set(1);
        if (_cells.Length == 0)
        {
            _cells = MakeCells(context.Builder);
        }

        SetSpace();
    }

    private void SetSpace()
    {
        var free = Math.Clamp(_space.AvailableBlocks, 0, Math.Max(0, _space.FreeBlocks));
        _cells[0].Set(Fields.Times(_space.Blocks - _space.FreeBlocks, _space.UnitBytes));
        _cells[1].Set(Fields.Times(free, _space.UnitBytes));
        _cells[2].Set(Fields.Times(_space.FreeBlocks - free, _space.UnitBytes));
        _cells[5].Set(Mount.IsReadOnly ? 1 : 0);
        if (_space.Inodes > 0)
        {
            _cells[3].Set(_space.Inodes - _space.FreeInodes);
            _cells[4].Set(_space.FreeInodes);
        }
    }

    private SeriesCell Responding(FrameBuilder builder) => _responding ??= builder.Define(
        Metrics.FilesystemResponding, Mount.Source, Mount.MountPoint, Mount.Type);

    private SeriesCell[] MakeCells(FrameBuilder builder)
    {
        SeriesCell Define(Metric metric, string state) =>
            builder.Define(metric, Mount.Source, Mount.MountPoint, Mount.Type, state);

        return
        [
            Define(Metrics.FilesystemUsage, "used"),
            Define(Metrics.FilesystemUsage, "free"),
            Define(Metrics.FilesystemUsage, "reserved"),
            Define(Metrics.FilesystemInodes, "used"),
            Define(Metrics.FilesystemInodes, "free"),
            builder.Define(Metrics.FilesystemReadOnly, Mount.Source, Mount.MountPoint, Mount.Type),
        ];
    }
}

/// <summary>The mounts worth showing, understood anew only when the kernel's list has changed.</summary>
internal sealed class MountList(HostRoots roots, HostFiles files) : IDisposable
{
    // The host's mounts are those of its first process; a container that sees the host's /proc has others of its own.
    private readonly ProcFile _mountinfo = new(
        files, $"{roots.Proc}/{(roots.IsOwnMachine ? "self" : "1")}/mountinfo");

    private readonly ReadBuffer _buffer = new();
    private byte[]? _known;
    private CollectResult _result;

    /// <summary>Reads the list.</summary>
    /// <param name="mounts">The mounts, none when they cannot be read; <c>null</c> when they are as before.</param>
    public CollectResult Read(out List<Mount>? mounts)
    {
        mounts = null;
        var read = _mountinfo.Read(_buffer);
        if (!read.IsOk)
        {
            _known = null;
            mounts = [];
            return _mountinfo.Failure(read);
        }

        if (_known is null || !_buffer.Content.SequenceEqual(_known))
        {
            _known = _buffer.Content.ToArray();
            var all = new List<Mount>();
            _result = _mountinfo.Understood(Mounts.Parse(_known, all));
            mounts = Mounts.Select(all);
        }

        return _result;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _mountinfo.Dispose();
}
