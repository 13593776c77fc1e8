using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;
using Microsoft.Extensions.Logging;

namespace Hostscope.Recorder;

/// <summary>
/// Keeps every second of one host: series, processes, cgroups and events; and answers for its past. It reads the bus,
/// copies, and writes on a thread of its own: a slow disk is felt by nobody else. Trouble with the disk is a state
/// (<see cref="HistoryStatus"/>), not an exception.
/// </summary>
public sealed class HostRecorder : IFrameReader, IHistories, IMarks, IEventFeed, IDisposable
{
    private readonly TickQueue _queue = new();
    private readonly RecorderThread _worker;
    private readonly ILogger<HostRecorder> _logger;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TickCopy? _filling;
    private Thread? _thread;

    /// <summary>Makes a recorder; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="options">What to keep and where.</param>
    /// <param name="host">The host, as exports name it.</param>
    /// <param name="clock">Clock of marks and of searches; ticks carry their own time.</param>
    /// <param name="logger">Takes what operators should know.</param>
    /// <exception cref="ArgumentException">The options are not allowed; the message says which and why.</exception>
    public HostRecorder(RecorderOptions options, HostInfo host, TimeProvider clock, ILogger<HostRecorder> logger)
        : this(options, host, clock, logger, new StoreDisk(options?.Directory ?? "."))
    {
    }

    internal HostRecorder(
        RecorderOptions options, HostInfo host, TimeProvider clock, ILogger<HostRecorder> logger, IStoreDisk disk)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(host);
        if (options.Problems() is [var problem, ..])
        {
            throw new ArgumentException(problem, nameof(options));
        }

        Host = host;
        _clock = clock;
        _logger = logger;
        _worker = new RecorderThread(options, disk, clock, logger, _queue);
        History = new History(_worker, clock, new HscopeWriter(disk, host, options));
    }

    /// <summary>The host it records.</summary>
    public HostInfo Host { get; }

    /// <summary>The past of the host, up to the tick that was just taken.</summary>
    public IHistory History { get; }

    /// <summary>Everything, unless nothing can ever be recorded here.</summary>
    public Topics Wanted => _worker.State == RecordingState.Refused ? Topics.None
        : Topics.System | Topics.Cores | Topics.Processes | Topics.Cgroups;

    /// <summary>Starts the thread. Opening the store, and whether that works, is seen in the status.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { Name = "recorder", IsBackground = true };
        _thread.Start();
    }

    /// <summary>
    /// Ends recording: what is queued is written, the running block is folded, files are closed. Publish nothing to it
    /// any more when this is called.
    /// </summary>
    /// <param name="timeout">How long to wait for a disk that does not answer; what was written by then stays.</param>
    /// <param name="cancellation">Ends the wait early.</param>
    public async Task StopAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        _queue.Close();
        if (_thread is null)
        {
            return;
        }

        try
        {
            await _ended.Task.WaitAsync(timeout, _clock, cancellation).ConfigureAwait(false);
            _thread.Join();
        }
        catch (TimeoutException)
        {
            _logger.StopTimedOut(timeout.TotalSeconds);
        }
    }

    /// <inheritdoc/>
    public void OnProcesses(ProcessTable processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        if ((_filling ??= _queue.Rent()) is { } copy)
        {
            copy.Processes.CopyFrom(processes);
            copy.HasProcesses = true;
        }
    }

    /// <inheritdoc/>
    public void OnCgroups(CgroupTable cgroups)
    {
        ArgumentNullException.ThrowIfNull(cgroups);
        if ((_filling ??= _queue.Rent()) is { } copy)
        {
            copy.Cgroups.CopyFrom(cgroups);
            copy.HasCgroups = true;
        }
    }

    /// <inheritdoc/>
    public void OnFrame(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var copy = _filling ?? _queue.Rent();
        _filling = null;
        if (copy is null)
        {
            _queue.Drop();
            return;
        }

        copy.Frame.CopyFrom(frame);

        // Tables of another tick: the scan stretches its interval, and what was left from before is not of this tick.
        copy.HasProcesses &= copy.Processes.Sequence == frame.Sequence;
        copy.HasCgroups &= copy.Cgroups.Sequence == frame.Sequence;
        _queue.Put(copy);
    }

    /// <inheritdoc/>
    public IHistory? Find(string hostId) => hostId == Host.Id ? History : null;

    /// <inheritdoc/>
    public QueryProblem? Mark(string text, string? author) => _worker.Mark(text, author);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<HistoryEvent> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return _worker.Subscribe(listener);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A thread that hangs in the disk still has the event in its hands; the process ends soon after.
        if (_thread is null || _ended.Task.IsCompleted)
        {
            _queue.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            _worker.Run();
        }
        finally
        {
            _ended.SetResult();
        }
    }
}
