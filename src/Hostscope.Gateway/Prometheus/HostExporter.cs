using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// The Prometheus text of one host. A scrape never collects: it gets the last frame, written at most once however many
/// ask. The publishing thread only copies; what the tables add to totals is worked out on the pool.
/// </summary>
internal sealed class HostExporter : IFrameReader, IThreadPoolWorkItem, IDisposable
{
    /// <summary>
    /// How long after a scrape we want the tables of processes and cgroups. Prometheus forgets a series after five
    /// minutes without a sample, so nobody scrapes more seldom than that; without scrapes nothing is scanned for us.
    /// </summary>
    public static readonly TimeSpan WantTablesFor = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for the first frame; Prometheus itself gives a scrape 10 s.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    /// <summary>At fast intervals a frame may be so old all the same: a busy machine is not a dead one.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time;
    private readonly SelfFamilies _self;
    private readonly Func<HostState?> _host;
    private readonly SnapshotBox _box = new();
    private readonly IDisposable _subscription;
    private readonly TaskCompletionSource _firstFrame = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _scheduled;
    private long _lastScrape = long.MinValue;

    // Under the lock: held while a text is written, which only scrapes and the work on the pool wait for.
    private readonly Lock _lock = new();
    private readonly TextFormat _text = new();
    private readonly ProcessGroups _groups;
    private readonly TopCgroups _cgroups;
    private Snapshot _read = new();
    private Schema _plannedSchema = Schema.Empty;
    private Plan _plan = Plan.Empty;
    private MetricsPage? _page;
    private long _receivedAt;

    /// <param name="hostId">The host.</param>
    /// <param name="bus">Where its frames come from.</param>
    /// <param name="host">What is known of it besides frames; <c>null</c> while nothing is.</param>
    /// <param name="self">What the server says of itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="places">Most process groups, and most cgroups, that get series.</param>
    public HostExporter(
        string hostId, IFrameBus bus, Func<HostState?> host, SelfFamilies self, TimeProvider time, int places)
    {
        _host = host;
        _self = self;
        _time = time;
        _groups = new ProcessGroups(places);
        _cgroups = new TopCgroups(places);
        _subscription = bus.Subscribe(hostId, this);
    }

    /// <inheritdoc/>
    public Topics Wanted
    {
        get
        {
            var last = Interlocked.Read(ref _lastScrape);
            return last != long.MinValue && _time.GetElapsedTime(last) < WantTablesFor
                ? Topics.System | Topics.Cores | Topics.Processes | Topics.Cgroups
                : Topics.System | Topics.Cores;
        }
    }

    /// <inheritdoc/>
    public void OnProcesses(ProcessTable processes)
    {
        _box.Written.Processes.CopyFrom(processes);
        _box.Written.HasProcesses = true;
    }

    /// <inheritdoc/>
    public void OnCgroups(CgroupTable cgroups)
    {
        _box.Written.Cgroups.CopyFrom(cgroups);
        _box.Written.HasCgroups = true;
    }

    /// <inheritdoc/>
    public void OnFrame(Frame frame)
    {
        var written = _box.Written;
        written.Frame.CopyFrom(frame);
        var hasTables = written.HasProcesses || written.HasCgroups;
        Interlocked.Exchange(ref _receivedAt, _time.GetTimestamp());
        _box.Publish();
        _firstFrame.TrySetResult();
        if (hasTables && Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>
    /// The text of the last frame; release it when it is sent. Only at the first scrape of all does it wait, for a
    /// frame to come in. <c>null</c> when none came, or when the last one is older than ten intervals and
    /// <see cref="LeastAge"/>: a sampler that hangs must look like a target that is down, not like a quiet machine.
    /// </summary>
    public async ValueTask<MetricsPage?> ScrapeAsync(CancellationToken cancel)
    {
        Interlocked.Exchange(ref _lastScrape, _time.GetTimestamp());
        if (!_firstFrame.Task.IsCompleted)
        {
            await _firstFrame.Task.WaitAsync(MaxWait, _time, cancel)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancel.ThrowIfCancellationRequested();
        }

        return Scrape();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        lock (_lock)
        {
            _page?.Release();
            _page = null;
            _text.Dispose();
        }
    }

    /// <summary>On the pool, after a tick with tables.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        // First this, then the look: a tick that comes in between finds nobody scheduled and schedules again.
        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        lock (_lock)
        {
            Take();
        }
    }

    private MetricsPage? Scrape()
    {
        lock (_lock)
        {
            Take();
            if (_host() is not { } host || _read.Frame.Sequence == 0 || IsStale(host))
            {
                return null;
            }

            if (_page?.Sequence != _read.Frame.Sequence)
            {
                Render(host);
            }

            return _page!.Use();
        }
    }

    private bool IsStale(HostState host)
    {
        var age = _time.GetElapsedTime(Interlocked.Read(ref _receivedAt));
        return age > LeastAge && age > TimeSpan.FromMilliseconds(host.IntervalMs) * 10;
    }

    private void Take()
    {
        if (!_box.TryTake(ref _read))
        {
            return;
        }

        if (_read.HasProcesses)
        {
            _groups.Add(_read.Processes);
        }

        if (_read.HasCgroups)
        {
            _cgroups.Add(_read.Cgroups);
        }
    }

    private void Render(HostState host)
    {
        var frame = _read.Frame;
        if (!ReferenceEquals(frame.Schema, _plannedSchema))
        {
            _plan = Plan.Of(frame.Schema, Families.All);
            _plannedSchema = frame.Schema;
        }

        _text.Clear();
        TableFamilies.Write(_text, _cgroups);
        TableFamilies.Write(_text, _groups);
        _self.Write(_text);
        HostFamilies.Write(_text, host.Info, frame.UnixMs);
        _plan.Write(_text, frame.Values);
        SelfFamilies.WriteOmitted(_text);
        _page?.Release();
        _page = new MetricsPage(frame.Sequence, _text.Written);
    }
}
