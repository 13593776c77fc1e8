using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Service;

/// <summary>
/// Feeds the service manager's watchdog from completed samples, and from nothing else: a process that answers but whose
/// samples have stopped shows a picture of the past, and is restarted.
/// </summary>
internal sealed class WatchdogFeed : IFrameReader
{
    /// <summary>Signs of life within the watchdog's time: more wake the manager for nothing.</summary>
    private const int SignsInTime = 4;

    private readonly ServiceManager _manager;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _between;
    private long _last;
    private bool _spoke;

    /// <param name="manager">Who watches.</param>
    /// <param name="watchdog">Within which time it wants a sign of life.</param>
    /// <param name="clock">Its monotonic clock spaces the signs.</param>
    public WatchdogFeed(ServiceManager manager, TimeSpan watchdog, TimeProvider clock)
    {
        _manager = manager;
        _clock = clock;
        _between = watchdog / SignsInTime;
    }

    /// <inheritdoc/>
    public void OnFrame(Frame frame)
    {
        var now = _clock.GetTimestamp();
        if (_spoke && _clock.GetElapsedTime(_last, now) < _between)
        {
            return;
        }

        _spoke = true;
        _last = now;
        _manager.Alive();
    }

    /// <summary>Nothing has to be collected for its sake.</summary>
    public Topics Wanted => Topics.None;
}
