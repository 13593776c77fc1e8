using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// Fills a <see cref="ProcessTable"/> from /proc: one listing of the directory, then stat and io of each process. The
/// processes of the scan before are remembered in the order of their ids, so that a scan is a merge of two ordered
/// lists. Allocates only for processes that are new or have changed.
/// </summary>
internal sealed class ProcessScanner : IDisposable
{
    /// <summary>
    /// Ticks until a refused io is tried again. It is refused for good, mostly: the process belongs to somebody else.
    /// </summary>
    public const int RetryIoAfterTicks = 60;

    private readonly ReadBuffer _buffer;
    private readonly PidList _pids;
    private readonly ProcessFiles _files;
    private readonly ProcessFacts _facts;
    private readonly long _pageBytes;
    private ProcessEntry[] _entries = [];
    private ProcessEntry[] _next = [];
    private int _count;
    private int _nextCount;
    private long _tick;
    private int _malformedPid;
    private string _malformedFile = "";
    private CollectResult _malformed;
    private ReadResult _listFailure;
    private CollectResult _listResult;

    /// <summary>Makes a scanner; nothing is opened before the first scan.</summary>
    /// <param name="context">Roots, files and buffer.</param>
    /// <param name="withArguments">False to never read a command line.</param>
    public ProcessScanner(CollectorContext context, bool withArguments = true)
    {
        _buffer = context.Buffer;
        _pids = new PidList(context.Files, context.Roots.Proc);
        _files = new ProcessFiles(context.Files, context.Buffer);
        _facts = new ProcessFacts(_files, context, withArguments);
        _pageBytes = Environment.SystemPageSize;
    }

    /// <summary>Processes of the last scan that are listed but may not be read (hidepid=noaccess).</summary>
    public int Denied { get; private set; }

    /// <summary>Processes of the last scan whose io may not be read.</summary>
    public int IoDenied { get; private set; }

    /// <summary>Descriptors kept open.</summary>
    public int KeptDescriptors => _files.Kept;

    /// <summary>Scans all processes.</summary>
    /// <param name="into">
    /// Takes the rows; whatever it held is gone. Its times and number are the caller's matter.
    /// </param>
    /// <returns>
    /// Unavailable or failed without rows when /proc cannot be listed; failed with rows when a file was not as the
    /// kernel documents it, naming the first.
    /// </returns>
    public CollectResult Scan(ProcessTable into)
    {
        _tick++;
        Denied = 0;
        IoDenied = 0;
        _malformedFile = "";
        into.Clear();
        var listed = _pids.Read();
        if (!listed.IsOk)
        {
            Forget();
            return ListFailure(listed);
        }

        _files.Directory = _pids.Directory;
        _files.BeginScan();
        LetGoOfDescriptors();
        Merge(_pids.Pids, into);
        LetGoOfDescriptors();
        return Result();
    }

    /// <summary>Closes every descriptor and forgets every process: the next scan begins anew.</summary>
    public void Forget()
    {
        for (var i = 0; i < _count; i++)
        {
            Release(_entries[i]);
        }

        _entries.AsSpan(0, _count).Clear();
        _count = 0;
        _pids.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private void Merge(ReadOnlySpan<int> pids, ProcessTable into)
    {
        if (_next.Length < pids.Length)
        {
            _next = new ProcessEntry[pids.Length + (pids.Length / 4)];
        }

        var old = 0;
        _nextCount = 0;
        foreach (var pid in pids)
        {
            while (old < _count && _entries[old].Pid < pid)
            {
                Release(_entries[old++]);
            }

            var known = old < _count && _entries[old].Pid == pid ? _entries[old++] : null;
            if (Read(pid, known, into) is { } entry)
            {
                _next[_nextCount++] = entry;
            }
        }

        while (old < _count)
        {
            Release(_entries[old++]);
        }

        (_entries, _next) = (_next, _entries);
        _next.AsSpan(0, _count).Clear();
        _count = _nextCount;
        _nextCount = 0;
    }

    /// <summary>Reads one process and adds its row.</summary>
    /// <returns>What to remember of it; <c>null</c> when it is gone.</returns>
    private ProcessEntry? Read(int pid, ProcessEntry? known, ProcessTable into)
    {
        var descriptor = ProcessFiles.NotKept;
        var wasKept = known is { StatDescriptor: >= 0 };
        ref var stats = ref known is null ? ref descriptor : ref known.StatDescriptor;
        var read = _files.Read(pid, "/stat\0"u8, ref stats);
        if (_files.IsShort)
        {
            // Descriptors ran out: others opened more than the reserve. Our own are worth less than a whole table.
            LetGoOfDescriptors();
            read = _files.Read(pid, "/stat\0"u8, ref stats);
        }

        if (read.Status == ReadStatus.Missing && wasKept)
        {
            // The process has ended; that its id is listed means that another one has got it.
            Release(known!);
            known = null;
            read = _files.Read(pid, "/stat\0"u8, ref descriptor);
        }

        if (!read.IsOk || !ProcessStat.TryParse(_buffer.Content, out var stat))
        {
            return Unread(pid, known, read, ref descriptor);
        }

        if (known is null || known.StartTicks != stat.StartTicks)
        {
            // A known one that is not kept was read by its number: it may be another process by now.
            if (known is not null)
            {
                (descriptor, known.StatDescriptor) = (known.StatDescriptor, descriptor);
                Release(known);
            }

            known = new ProcessEntry(pid, stat.StartTicks) { StatDescriptor = descriptor };
        }

        _facts.Update(known, stat, _tick);
        var io = ReadIo(known);
        ref var row = ref into.Add();
        row = new ProcessSample
        {
            Info = known.Info!,
            State = stat.State,
            Nice = stat.Nice,
            Priority = stat.Priority,
            Threads = stat.Threads,
            UserTicks = stat.UserTicks,
            SystemTicks = stat.SystemTicks,
            RssBytes = RssBytes(stat.RssPages, known.RssCorrection),
            ReadBytes = io.ReadBytes,
            WriteBytes = io.WriteBytes,
            MajorFaults = stat.MajorFaults,
        };
        known.Steady(ref row);
        return known;
    }

    /// <summary>Decides what becomes of a process whose stat could not be read or understood.</summary>
    private ProcessEntry? Unread(int pid, ProcessEntry? known, ReadResult read, ref int descriptor)
    {
        _files.Release(ref descriptor);
        if (read.Status == ReadStatus.Denied)
        {
            Denied++;
        }
        else if (read.Status != ReadStatus.Missing)
        {
            SetMalformed(pid, "stat");
            return known;
        }

        if (known is not null)
        {
            Release(known);
        }

        return null;
    }

    private ProcessIo ReadIo(ProcessEntry entry)
    {
        if (_tick < entry.IoAtTick)
        {
            IoDenied += entry.IsIoDenied ? 1 : 0;
            return ProcessIo.None;
        }

        var read = _files.Read(entry.Pid, "/io\0"u8, ref entry.IoDescriptor);
        entry.IsIoDenied = read.Status == ReadStatus.Denied;
        if (read.IsOk)
        {
            if (!ProcessIo.TryParse(_buffer.Content, out var io))
            {
                SetMalformed(entry.Pid, "io");
            }

            return io;
        }

        IoDenied += entry.IsIoDenied ? 1 : 0;
        if (read.Status == ReadStatus.Denied || read.Error == Errno.NoEntry)
        {
            entry.IoAtTick = _tick + RetryIoAfterTicks;
        }

        return ProcessIo.None;
    }

    private long RssBytes(long pages, long correction) =>
        pages == Frame.Absent ? Frame.Absent : Fields.Times(Math.Max(0, pages + correction), _pageBytes);

    private void Release(ProcessEntry entry)
    {
        _files.Release(ref entry.StatDescriptor);
        _files.Release(ref entry.IoDescriptor);
    }

    /// <summary>Gives descriptors back when there are too few for all: those of the youngest ids first.</summary>
    private void LetGoOfDescriptors()
    {
        for (var i = _count - 1; i >= 0 && _files.IsShort; i--)
        {
            Release(_entries[i]);
        }

        for (var i = _nextCount - 1; i >= 0 && _files.IsShort; i--)
        {
            Release(_next[i]);
        }
    }

    private void SetMalformed(int pid, string file)
    {
        if (_malformedFile.Length == 0)
        {
            _malformedFile = file;
            if (_malformedPid != pid || _malformed.Reason is null)
            {
                _malformedPid = pid;
                _malformed = CollectResult.Failed(
                    $"{_pids.Path}/{pid}/{file}: could not be read, or is not as the kernel documents it.");
            }
        }
    }

    private CollectResult Result()
    {
        if (_malformedFile.Length > 0)
        {
            return _malformed;
        }

        return _pids.IsCut
            ? CollectResult.Failed($"More than {PidList.MaxPids} processes: those with higher ids are not shown.")
            : CollectResult.Ok;
    }

    private CollectResult ListFailure(ReadResult failure)
    {
        if (_listResult.Reason is null || failure != _listFailure)
        {
            _listFailure = failure;
            _listResult = failure.ToCollectResult(_pids.Path, ReadBuffer.DefaultMaxBytes);
        }

        return _listResult;
    }
}
