using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>How the process table is made.</summary>
public sealed record ProcessOptions
{
    /// <summary>Time between two calls of <see cref="ProcessCollector.Collect"/>; above 0.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Share of one CPU that scanning may take, above 0 and at most 1. Past it the table is scanned in every second
    /// tick, every third, and so on.
    /// </summary>
    public double CpuShare { get; init; } = 0.25;

    /// <summary>False to never read a command line; <see cref="ProcessInfo.Arguments"/> is then <c>null</c>.</summary>
    public bool WithArguments { get; init; } = true;

    /// <summary>CPU time used so far by the thread that calls; tests put one of their own here.</summary>
    internal Func<TimeSpan> CpuTime { get; init; } = ThreadClock.Now;
}

/// <summary>
/// The process table, from the files of /proc/PID. Unlike the collectors that only write into the frame it is called
/// only in ticks in which somebody wants the table, and leaves it in <see cref="Table"/>.
/// </summary>
public sealed class ProcessCollector : ICollector, IDisposable
{
    private const long NsPerSecond = 1_000_000_000;

    private const string HiddenRemedy =
        "Mount /proc with hidepid=off, or add the user to the group that its option gid= names.";

    private readonly CollectorContext _context;
    private readonly ProcessScanner _scanner;
    private readonly HiddenProcesses _hidden;
    private readonly ScanBudget _budget;
    private readonly Func<TimeSpan> _cpuTime;
    private readonly SeriesCell _sleeping;
    private readonly SeriesCell _idle;
    private readonly SeriesCell _stopped;
    private readonly SeriesCell _defunct;
    private CollectResult _result;

    /// <summary>Makes it; nothing is opened before the first <see cref="Collect"/>.</summary>
    /// <param name="context">The host; closes what is kept open when it is disposed.</param>
    /// <param name="options">How the table is made.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ProcessCollector(CollectorContext context, ProcessOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Tick, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.CpuShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CpuShare, 1);
        _context = context;
        _scanner = new ProcessScanner(context, options.WithArguments);
        _hidden = new HiddenProcesses(context);
        _budget = new ScanBudget(options.Tick, options.CpuShare);
        _cpuTime = options.CpuTime;
        var builder = context.Builder;
        _sleeping = builder.Define(Metrics.ProcessCount, "sleeping");
        _idle = builder.Define(Metrics.ProcessCount, "idle");
        _stopped = builder.Define(Metrics.ProcessCount, "stopped");
        _defunct = builder.Define(Metrics.ProcessCount, "defunct");
        Io = new ProcessIoAccess(_scanner);
        context.Keep(this);
    }

    /// <inheritdoc/>
    public string Name => "processes";

    /// <summary>
    /// The table of the last scan, until the next one. Its <see cref="ProcessTable.Sequence"/> is the caller's to set.
    /// </summary>
    public ProcessTable Table { get; } = new();

    /// <summary>True when the last <see cref="Collect"/> scanned: the table is new, and to be published.</summary>
    public bool IsFresh { get; private set; }

    /// <summary>Whether bytes read and written are known; to be called after this, in the same ticks.</summary>
    public ICollector Io { get; }

    /// <summary>Scans the processes, unless that would exceed the share of CPU: see <see cref="IsFresh"/>.</summary>
    /// <returns>
    /// Unavailable also when the kernel hides processes of others (hidepid): the table is there, and shorter than the
    /// truth; <see cref="ProcessTable.Hidden"/> tells by how much.
    /// </returns>
    public CollectResult Collect()
    {
        IsFresh = false;
        if (!_budget.NextTick())
        {
            return _result;
        }

        var before = _cpuTime();
        Table.UnixMs = _context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Table.MonotonicNs = (long)(
            (Int128)_context.Time.GetTimestamp() * NsPerSecond / _context.Time.TimestampFrequency);
        _result = _scanner.Scan(Table);
        Table.Hidden = _hidden.Count(Table, _scanner.Denied);
        _budget.Record(_cpuTime() - before);
        Table.IntervalTicks = _budget.IntervalTicks;
        IsFresh = Table.Count > 0;
        if (IsFresh)
        {
            CountStates();
        }

        if (_result.Status == CollectStatus.Ok && Table.Hidden > 0)
        {
            _result = CollectResult.Unavailable(
                "The kernel hides the processes of other users from this one (/proc is mounted with hidepid).",
                HiddenRemedy);
        }

        return _result;
    }

    /// <summary>
    /// Closes the descriptors that are kept for the next scan: to be called when nobody wants the table any more.
    /// </summary>
    public void Rest()
    {
        IsFresh = false;
        _scanner.Forget();
    }

    /// <summary>Closes what is kept open; the context does it as well.</summary>
    public void Dispose() => _scanner.Dispose();

    /// <summary>
    /// The states that /proc/stat does not count. Running and blocked tasks are counted there, threads included.
    /// </summary>
    private void CountStates()
    {
        int sleeping = 0, idle = 0, stopped = 0, defunct = 0;
        foreach (ref readonly var row in Table.Rows)
        {
            switch (row.State)
            {
                case 'S':
                    sleeping++;
                    break;
                case 'I':
                    idle++;
                    break;
                case 'T' or 't':
                    stopped++;
                    break;
                case 'Z' or 'X' or 'x':
                    defunct++;
                    break;
                default:
                    break;
            }
        }

        _sleeping.Set(sleeping);
        _idle.Set(idle);
        _stopped.Set(stopped);
        _defunct.Set(defunct);
    }
}

/// <summary>Tells whether this user may read the io of the processes of others, as the last scan found it.</summary>
internal sealed class ProcessIoAccess(ProcessScanner scanner) : ICollector
{
    private static readonly CollectResult Denied = CollectResult.Unavailable(
        "The bytes that processes of other users read and write may not be read by this user.",
        "Run as root, or with the capability CAP_SYS_PTRACE. Both are close to full rights over the machine.");

    /// <inheritdoc/>
    public string Name => "process_io";

    /// <inheritdoc/>
    public CollectResult Collect() => scanner.IoDenied > 0 ? Denied : CollectResult.Ok;
}
