using System.Net.WebSockets;
using Hostscope.Bus;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Gateway.Live.Tables;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Live;

/// <summary>
/// One host's way to its viewers. The publishing thread leaves a frame in the inbox and returns; the encoder, which
/// runs on the pool, one at a time, derives it, writes each message once for all viewers of a topic set, and leaves the
/// same object in their mailboxes. Only the encoder touches the history, so there is nothing to lock.
/// </summary>
internal sealed class FanOut : IFrameReader, IThreadPoolWorkItem, IDisposable
{
    private readonly string _hostId;
    private readonly IFrameBus _bus;
    private readonly TimeProvider _time;
    private readonly Counters _counters;
    private readonly ILogger _log;
    private readonly IDisposable _subscription;
    private readonly TickInbox _inbox = new();
    private readonly Wire _wire = new();
    private readonly TableWriter _tableWriter = new();
    private readonly ProcessFeed _processFeed;
    private readonly CgroupFeed _cgroupFeed;
    private ProcessUpdates? _processes;
    private TableUpdate? _cgroups;
    private readonly Batch.Batches _batches = new();
    private readonly EarlierRows _earlier;
    private readonly RecorderBoard? _board;
    private int _scheduled;

    // The encoder's own.
    private Frame _current = new();
    private Frame _previous = new();
    private Frame _spare = new();
    private bool _hasCurrent;
    private int _epoch;
    private bool _failing;
    private History? _history;
    private Schema _viewedSchema = Schema.Empty;
    private readonly SchemaView?[] _views = new SchemaView?[TopicNames.SetCount];

    // The second half is for viewers who may not see the details of processes.
    private readonly Update?[] _updates = new Update?[2 * TopicNames.SetCount];

    // Shared, under the lock: held for as long as it takes to fill the mailboxes, never while somebody sends.
    private readonly Lock _lock = new();
    private readonly List<Viewer> _viewers = [];
    private readonly HashSet<Viewer> _requests = [];
    private bool _closed;

    private Pulse? _pulse;
    private int _watched;

    public FanOut(
        string hostId,
        IFrameBus bus,
        TimeProvider time,
        Counters counters,
        ILogger log,
        IHistory? recorded = null,
        RecorderBoard? board = null)
    {
        _earlier = new EarlierRows(recorded, time, log);
        _board = board;
        _log = log;
        _processFeed = new ProcessFeed(_tableWriter);
        _cgroupFeed = new CgroupFeed(_tableWriter);
        _hostId = hostId;
        _bus = bus;
        _time = time;
        _counters = counters;
        _subscription = bus.Subscribe(hostId, this);
    }

    /// <summary>The last tick that came in, for health and status; <c>null</c> before the first.</summary>
    public Pulse? Pulse => Volatile.Read(ref _pulse);

    /// <summary>What the viewers watch, together; the series are always wanted, for those who come later.</summary>
    public Topics Wanted => (Topics)Volatile.Read(ref _watched) | TopicNames.Default;

    /// <inheritdoc/>
    public void OnProcesses(ProcessTable processes) => _inbox.Add(processes);

    /// <inheritdoc/>
    public void OnCgroups(CgroupTable cgroups) => _inbox.Add(cgroups);

    /// <summary>
    /// Takes a frame on the publishing thread: a copy and, when the encoder rests, a wake-up. Allocates nothing.
    /// </summary>
    public void OnFrame(Frame frame)
    {
        if (!_inbox.TryAdd(frame))
        {
            _counters.FrameLost();
        }

        Wake();
    }

    /// <summary>
    /// Adds a viewer; its hello comes at once. False when the host is closed: the server is going down.
    /// </summary>
    public bool Join(Viewer viewer)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _viewers.Add(viewer);
            _requests.Add(viewer);
            _watched |= (int)viewer.Topics;
        }

        Wake();
        return true;
    }

    /// <summary>Removes a viewer.</summary>
    public void Leave(Viewer viewer)
    {
        lock (_lock)
        {
            // Order means nothing, so the last one takes its place: leaving costs a search and moves nothing.
            var index = _viewers.IndexOf(viewer);
            if (index >= 0)
            {
                _viewers[index] = _viewers[^1];
                _viewers.RemoveAt(_viewers.Count - 1);
            }

            _requests.Remove(viewer);
        }
    }

    /// <summary>
    /// Gives a viewer an update now rather than at the next tick: it asked for other topics or for a hello.
    /// </summary>
    public void Request(Viewer viewer)
    {
        lock (_lock)
        {
            _requests.Add(viewer);
            _watched |= (int)viewer.Topics;
        }

        Wake();
    }

    /// <summary>Pings the viewers that are silent, and cuts off those that do not take what is sent.</summary>
    public void LookAfterViewers()
    {
        var now = _time.GetTimestamp();
        lock (_lock)
        {
            foreach (var viewer in _viewers)
            {
                viewer.LookAfter(now);
            }
        }
    }

    /// <summary>Closes every viewer, now and to come.</summary>
    public void CloseAll()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var viewer in _viewers)
            {
                viewer.Close(WebSocketCloseStatus.EndpointUnavailable, "the server is going down; reconnect");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    /// <summary>The encoder. The pool runs it when <see cref="Wake"/> asks, never twice at a time.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            try
            {
                Encode();
                _failing = false;
            }
            catch (Exception e) // A bug of ours must not end the process, nor the ticks to come.
            {
                Fail(e);
            }

            Volatile.Write(ref _scheduled, 0);
            Interlocked.MemoryBarrier();

            // What came in between the last look and the write above would find nobody awake.
            if (IsIdle() || Interlocked.Exchange(ref _scheduled, 1) == 1)
            {
                return;
            }
        }
    }

    private void Encode()
    {
        while (_inbox.TryTake(ref _spare, out var tables))
        {
            var began = _time.GetTimestamp();
            Ingest(tables);
            Deliver();
            _counters.Encoded(_time.GetElapsedTime(began));
        }

        Answer();
    }

    private void Fail(Exception e)
    {
        lock (_lock)
        {
            _requests.Clear();
        }

        if (!_failing)
        {
            _failing = true;
            Log.EncoderFailed(_log, e, _hostId);
        }
    }

    private bool IsIdle()
    {
        lock (_lock)
        {
            return _inbox.IsEmpty && _requests.Count == 0;
        }
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Derives the frame that was swapped into <see cref="_spare"/>, and the tables of its tick.</summary>
    private void Ingest(TickTables? tables)
    {
        (_previous, _current, _spare) = (_current, _spare, _previous);
        if (_hasCurrent && _current.Sequence <= _previous.Sequence)
        {
            BeginAnew();
        }

        _history ??= new History(State().IntervalMs);
        var row = _history.Add(_hasCurrent ? _previous : null, _current);
        _hasCurrent = true;
        Array.Clear(_updates);
        _processes = null;
        _cgroups = null;
        if (tables is not null)
        {
            _processes = tables.HasProcesses ? _processFeed.Take(ref tables.Processes, _current) : null;
            _cgroups = tables.HasCgroups ? _cgroupFeed.Take(ref tables.Cgroups) : null;
            _inbox.Back(tables);
        }

        if (!ReferenceEquals(_viewedSchema, _current.Schema))
        {
            _viewedSchema = _current.Schema;
            Array.Clear(_views);
        }

        _earlier.AddTo(_history, _current.Schema);
        Volatile.Write(ref _pulse, Live.Pulse.Of(row, _time.GetTimestamp()));
    }

    /// <summary>
    /// The numbering went back: the host's sampler was started anew, so series ids, counters and perhaps the interval
    /// are others. What was kept means nothing any more, and every viewer starts over as well.
    /// </summary>
    private void BeginAnew()
    {
        _epoch++;
        _hasCurrent = false;
        _history = null;
        _earlier.Forget();
        lock (_lock)
        {
            foreach (var viewer in _viewers)
            {
                viewer.RequireHello();
            }
        }
    }

    private void Deliver()
    {
        lock (_lock)
        {
            var watched = Topics.None;
            foreach (var viewer in _viewers)
            {
                watched |= viewer.Topics;
                Hand(viewer);
            }

            _watched = (int)watched;
            _requests.Clear();
        }

        _batches.Flush();
    }

    private void Answer()
    {
        lock (_lock)
        {
            foreach (var viewer in _requests)
            {
                Hand(viewer);
            }

            _requests.Clear();
        }

        _batches.Flush();
    }

    /// <summary>Leaves the viewer its update; it is sent by the thread pool.</summary>
    private void Hand(Viewer viewer)
    {
        if (viewer.Offer(UpdateFor(viewer)))
        {
            _batches.Add(viewer);
        }
    }

    /// <summary>The update of this tick for the viewer's topic set, made for the first who needs it.</summary>
    private Update UpdateFor(Viewer viewer)
    {
        var topics = viewer.Topics;
        var place = (int)topics + (viewer.SeesDetails ? 0 : TopicNames.SetCount);
        var update = _updates[place];
        if (update is null)
        {
            var view = _views[(int)topics] ??= new SchemaView(_viewedSchema, topics, _wire.Schema);
            var frame = _history is { Count: > 0 } history
                ? _wire.Frame(history[history.Count - 1], view)
                : Message.Empty;
            update = new Update(_epoch, _hasCurrent ? _current.Sequence : 0, view, frame)
            {
                Recorder = _board?.Note,
                Processes = (topics & Topics.Processes) != 0 ? _processes?.For(viewer.SeesDetails) : null,
                Cgroups = (topics & Topics.Cgroups) != 0 ? _cgroups : null,
            };
            _updates[place] = update;
        }

        if (viewer.WantsHello)
        {
            update.HelloRest ??= _wire.HelloRest(
                State(), update.View, _history ?? History.Empty, update.Recorder);
        }

        if ((viewer.WantsSnapshot & Topics.Processes) != 0 && update.Processes is { Snapshot: null } processes)
        {
            processes.Snapshot = _processFeed.Snapshot(viewer.SeesDetails);
        }

        if ((viewer.WantsSnapshot & Topics.Cgroups) != 0 && update.Cgroups is { Snapshot: null } cgroups)
        {
            cgroups.Snapshot = _cgroupFeed.Snapshot();
        }

        return update;
    }

    private HostState State() =>
        _bus.Hosts.FirstOrDefault(host => host.Info.Id == _hostId)
        ?? throw new InvalidOperationException($"BUG: frames of host '{_hostId}' came before it was announced.");
}
