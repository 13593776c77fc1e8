using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>
/// Samples one host: at each due time it runs every collector once and publishes one frame. It belongs to one thread,
/// does the same work whatever the number of viewers, and allocates nothing after warm-up.
/// </summary>
internal sealed class Sampler
{
    private readonly IFrameBus _bus;
    private readonly TimeProvider _clock;
    private readonly IPause _pause;
    private readonly ILogger _logger;
    private readonly FrameBuilder _builder;
    private readonly CollectorRun[] _runs;
    private readonly TableRuns? _tables;
    private readonly SeriesCell _lateness;
    private readonly TimeSpan _interval;
    private HostState _host;
    private long _origin;
    private bool _announced;
    private bool _toldTickFailed;

    /// <param name="host">Static data of the host.</param>
    /// <param name="collectors">Made with <paramref name="builder"/>; run in this order.</param>
    /// <param name="builder">What the collectors write into.</param>
    /// <param name="options">How often.</param>
    /// <param name="bus">Where frames go.</param>
    /// <param name="clock">Wall clock for labels, monotonic clock for all else.</param>
    /// <param name="pause">How to wait, on the same clock.</param>
    /// <param name="logger">What is worth a line, once per episode.</param>
    /// <param name="tables">The tables that are scanned when they are wanted; none when not given.</param>
    public Sampler(
        HostInfo host,
        IReadOnlyList<ICollector> collectors,
        FrameBuilder builder,
        SamplingOptions options,
        IFrameBus bus,
        TimeProvider clock,
        IPause pause,
        ILogger logger,
        TableRuns? tables = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Interval, SamplingOptions.MinInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Interval, SamplingOptions.MaxInterval);
        _bus = bus;
        _clock = clock;
        _pause = pause;
        _logger = logger;
        _builder = builder;
        _interval = options.Interval;
        _runs = [.. collectors.Select(collector => new CollectorRun(collector, builder, clock, logger))];
        _tables = tables;
        _lateness = builder.Define(Metrics.TickLateness);
        _host = new HostState(host, (int)options.Interval.TotalMilliseconds, Capabilities());
    }

    /// <summary>Ticks so far; the sequence of the last frame.</summary>
    public long Ticks { get; private set; }

    /// <summary>
    /// Makes the host known before its first frame, so that whoever asks early learns its static data.
    /// </summary>
    public void Announce() => _bus.Announce(_host);

    /// <summary>Samples until the pause says stop: at once, then at each point of the grid.</summary>
    public void Run()
    {
        _logger.Started(_host.Info.Id, _host.IntervalMs, _runs.Length);
        _origin = _clock.GetTimestamp();
        var schedule = Schedule.Starting(_origin, _interval, _clock.TimestampFrequency);
        var due = _origin;
        do
        {
            TryTick(due);
            due = schedule.NextAfter(_clock.GetTimestamp());
        }
        while (_pause.Until(due));
        _logger.Stopped(Ticks);
    }

    private void TryTick(long due)
    {
        try
        {
            Tick(due);
            _toldTickFailed = false;
        }
        catch (Exception exception) // A bug past the collectors: the next tick may still go well.
        {
            if (!_toldTickFailed)
            {
                _toldTickFailed = true;
                _logger.TickFailed(exception);
            }
        }
    }

    private void Tick(long due)
    {
        // The time of the sample is the time before the first file is read: what follows is our own cost.
        var now = _clock.GetTimestamp();
        var unixMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var monotonicNs = (long)((Int128)(now - _origin) * 1_000_000_000 / _clock.TimestampFrequency);
        _builder.Begin();
        _lateness.Set((long)_clock.GetElapsedTime(due, now).TotalMicroseconds);
        var changed = !_announced;
        foreach (var run in _runs)
        {
            changed |= run.Collect();
        }

        if (_tables is not null)
        {
            changed |= _tables.Collect(_bus.Wanted(_host.Info.Id));
        }

        var frame = _builder.Build(++Ticks, unixMs, monotonicNs);
        if (changed)
        {
            _announced = true;
            _host = _host with { Capabilities = Capabilities() };
            _bus.Announce(_host);
        }

        _tables?.Publish(_bus, _host.Info.Id, frame.Sequence);
        _bus.Publish(_host.Info.Id, frame);
    }

    private Capability[] Capabilities() =>
        [.. _runs.Select(run => run.Capability), .. _tables?.Capabilities ?? []];
}
