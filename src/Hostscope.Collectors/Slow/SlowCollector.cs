using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// A source that may take long: a sensor behind a slow bus, a driver behind a lock. It is read on a thread of its own,
/// which leaves what it read in a one-slot box; the sampling thread takes what is in the box and never waits. A value
/// is shown until it is <see cref="MaxAge"/> old, then it is absent.
/// </summary>
/// <remarks>
/// The box changes hands: while the source is being read it belongs to the thread, else to the sampling thread. There
/// is therefore never more than one reading under way, whatever it takes.
/// </remarks>
internal abstract class SlowCollector : ICollector, IDisposable
{
    /// <summary>How old a value may be and still be shown as the present one.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Ticks begin a little late, each by another little: one that comes this much before the period is over is the
    /// one that was meant, and the next would be a whole tick late.
    /// </summary>
    public static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(200);

    /// <summary>The thread does little but system calls.</summary>
    private const int StackBytes = 256 << 10;

    private readonly object _gate = new();
    private readonly TimeSpan _period;
    private readonly List<SlowValue> _shown = [];
    private readonly List<SlowValue> _box = [];
    private readonly CollectResult _hangs;
    private Thread? _thread;
    private CollectResult _answer;
    private CollectResult _result;
    private long _askedAt;
    private bool _isBusy;
    private bool _hasAnswer;
    private bool _hasAsked;
    private bool _isStopped;

    /// <param name="context">Of the sampling thread; this collector is disposed with it.</param>
    /// <param name="name">The kernel's noun for the source.</param>
    /// <param name="period">
    /// Time between two readings, but for <see cref="Jitter"/>; every tick reads when it is 0.
    /// </param>
    protected SlowCollector(CollectorContext context, string name, TimeSpan period)
    {
        Context = context;
        Name = name;
        _period = period;
        _hangs = CollectResult.Failed(
            $"Reading {name} has not come back for {MaxAge.TotalSeconds:0} s: a device or its driver hangs.");
        context.Keep(this);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>True when nothing is being read.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_isBusy;
            }
        }
    }

    /// <summary>Where the host's files are and what reads them.</summary>
    protected CollectorContext Context { get; }

    /// <summary>Belongs to the source's own thread.</summary>
    protected ReadBuffer Buffer { get; } = new();

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        if (!IsHere(out var reason))
        {
            return reason;
        }

        var now = Context.Time.GetTimestamp();
        lock (_gate)
        {
            if (_hasAnswer)
            {
                TakeAnswer();
            }

            var age = Context.Time.GetElapsedTime(_askedAt, now);
            if (!_isBusy && (!_hasAsked || age + Jitter >= _period))
            {
                Ask(now);
            }
            else if (age >= MaxAge)
            {
                return _hangs;
            }
        }

        foreach (var value in _shown)
        {
            value.Cell?.Set(value.Shown);
        }

        return _result;
    }

    /// <summary>Lets the thread end; one that hangs ends with the process, which does not wait for it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>
    /// Whether the machine has the source at all, called on the sampling thread: where it has not, no thread is
    /// started.
    /// </summary>
    protected abstract bool IsHere(out CollectResult reason);

    /// <summary>Reads the source once, on its own thread.</summary>
    /// <param name="values">Takes the values; empty.</param>
    protected abstract CollectResult Read(List<SlowValue> values);

    private void TakeAnswer()
    {
        _hasAnswer = false;
        _result = _answer;
        _shown.Clear();
        _shown.AddRange(_box);
        foreach (var value in _shown)
        {
            value.Take(Context.Builder);
        }
    }

    private void Ask(long now)
    {
        _hasAsked = true;
        _isBusy = true;
        _askedAt = now;
        if (_thread is null)
        {
            _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = Name };
            _thread.Start();
        }

        Monitor.PulseAll(_gate);
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (!_isStopped && !_isBusy)
                {
                    Monitor.Wait(_gate);
                }

                if (_isStopped)
                {
                    return;
                }
            }

            var answer = TryRead();
            lock (_gate)
            {
                _answer = answer;
                _hasAnswer = true;
                _isBusy = false;
            }
        }
    }

    private CollectResult TryRead()
    {
        try
        {
            _box.Clear();
            return Read(_box);
        }
        catch (Exception bug)
        {
            // Nobody is above this thread, and a device that we cannot read must not end the process.
            return CollectResult.Failed($"BUG: {bug.GetType().Name} while reading {Name}: {bug.Message}");
        }
    }
}

/// <summary>One series of a slow source: what its thread read, and what is shown of it.</summary>
/// <param name="metric">The row of the schema.</param>
/// <param name="labels">Label values.</param>
internal sealed class SlowValue(Metric metric, params string[] labels)
{
    /// <summary>Label values.</summary>
    public string[] Labels => labels;

    /// <summary>Whether it is a temperature.</summary>
    public bool IsTemperature => metric == Metrics.Temperature;

    /// <summary>What was read last; belongs to the source's thread while it reads.</summary>
    public long Value { get; set; } = Frame.Absent;

    /// <summary>What is shown; belongs to the sampling thread.</summary>
    public long Shown { get; private set; } = Frame.Absent;

    /// <summary>The series, made when the first value is shown.</summary>
    public SeriesCell? Cell { get; private set; }

    /// <summary>Shows what was read last.</summary>
    public void Take(FrameBuilder builder)
    {
        Shown = Value;
        if (Value != Frame.Absent)
        {
            Cell ??= builder.Define(metric, labels);
        }
    }
}
