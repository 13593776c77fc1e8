using Hostscope.Collectors;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>
/// Runs one collector, tick after tick: times it, catches what it throws, leaves duration and success as series, and
/// says once per episode what went wrong. A failing source costs its own values and nothing else.
/// </summary>
internal sealed class CollectorRun
{
    /// <summary>
    /// Good ticks after which a collector counts as recovered. With one that fails every other tick, a recovery at the
    /// first good tick would write two lines a second for ever.
    /// </summary>
    public const int RecoveredAfterTicks = 10;

    private readonly ICollector _collector;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SeriesCell _duration;
    private readonly SeriesCell _success;
    private CollectStatus _status;
    private bool _toldFailed;
    private bool _toldUnavailable;
    private int _goodTicks;
    private long _badTicks;

    public CollectorRun(ICollector collector, FrameBuilder builder, TimeProvider clock, ILogger logger)
    {
        _collector = collector;
        _clock = clock;
        _logger = logger;
        _duration = builder.Define(Metrics.CollectorDuration, collector.Name);
        _success = builder.Define(Metrics.CollectorSuccess, collector.Name);
        Capability = new Capability(collector.Name, Available: true);
    }

    /// <summary>Whether the source works on this machine, as of the last run.</summary>
    public Capability Capability { get; private set; }

    /// <summary>Collects once.</summary>
    /// <returns>True when <see cref="Capability"/> has changed.</returns>
    public bool Collect()
    {
        var before = _clock.GetTimestamp();
        CollectResult result;
        Exception? bug = null;
        try
        {
            result = _collector.Collect();
        }
        catch (Exception exception) // One collector's bug must not cost the frame.
        {
            bug = exception;
            result = CollectResult.Failed($"unexpected {exception.GetType().Name}: {exception.Message}");
        }

        _duration.Set((long)_clock.GetElapsedTime(before).TotalMicroseconds);
        if (result.Status != CollectStatus.Unavailable)
        {
            _success.Set(result.Status == CollectStatus.Ok ? 1 : 0);
        }

        Tell(result, bug);
        return UpdateCapability(result);
    }

    private void Tell(in CollectResult result, Exception? bug)
    {
        if (result.Status == CollectStatus.Ok)
        {
            if ((_toldFailed || _toldUnavailable) && ++_goodTicks >= RecoveredAfterTicks)
            {
                if (_toldFailed)
                {
                    _logger.CollectorRecovered(_collector.Name, _badTicks);
                }
                else
                {
                    _logger.CollectorAvailable(_collector.Name);
                }

                _toldFailed = _toldUnavailable = false;
                _badTicks = 0;
            }

            return;
        }

        _goodTicks = 0;
        _badTicks++;
        if (result.Status == CollectStatus.Failed && !_toldFailed)
        {
            _toldFailed = true;
            _logger.CollectorFailed(_collector.Name, Explain(result), bug);
        }
        else if (result.Status == CollectStatus.Unavailable && !_toldUnavailable)
        {
            _toldUnavailable = true;
            _logger.CollectorUnavailable(_collector.Name, Explain(result));
        }
    }

    /// <summary>Only a change of status counts: a reason with a number in it would be a change each tick.</summary>
    private bool UpdateCapability(in CollectResult result)
    {
        if (result.Status == _status)
        {
            return false;
        }

        _status = result.Status;
        Capability = new Capability(_collector.Name, _status == CollectStatus.Ok, result.Reason, result.Remedy);
        return true;
    }

    private static string Explain(in CollectResult result) =>
        $"{Sentence(result.Reason)} {result.Remedy}".TrimEnd();

    private static string Sentence(string? reason) =>
        string.IsNullOrEmpty(reason) ? "no reason given." : reason[^1] == '.' ? reason : reason + ".";
}
