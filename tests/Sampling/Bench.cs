using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Sampling.Tests;

/// <summary>
/// A sampler whose waiting is a script: each time it waits for a due time, the next step of the script says by how much
/// the clock moves past that time. The script's end is the stop. All of it runs on the test's thread.
/// </summary>
internal sealed class Bench
{
    public static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    public SteppingClock Clock { get; } = new();

    public FrameBuilder Builder { get; } = new();

    public RecordingBus Bus { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public Sampler Run(IReadOnlyList<ICollector> collectors, IEnumerable<TimeSpan> lateness, TimeSpan? interval = null)
    {
        var sampler = new Sampler(
            new HostInfo { Id = "host", Name = "Host" }, collectors, Builder,
            new SamplingOptions { Interval = interval ?? OneSecond }, Bus, Clock,
            new ScriptedPause(Clock, lateness), Logger);
        sampler.Run();
        return sampler;
    }

    /// <summary>Ticks that all begin in time; one more than the steps, for the first needs no wait.</summary>
    public static IEnumerable<TimeSpan> InTime(int ticks) => Enumerable.Repeat(TimeSpan.Zero, ticks - 1);
}

/// <summary>A clock that the test moves, and whose wall time can be set without moving its monotonic time.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private readonly FakeTimeProvider _monotonic = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public TimeSpan WallOffset { get; set; }

    public override long TimestampFrequency => _monotonic.TimestampFrequency;

    public override long GetTimestamp() => _monotonic.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _monotonic.GetUtcNow() + WallOffset;

    public void Advance(TimeSpan time) => _monotonic.Advance(time);
}

internal sealed class ScriptedPause(SteppingClock clock, IEnumerable<TimeSpan> lateness) : IPause
{
    private readonly IEnumerator<TimeSpan> _steps = lateness.GetEnumerator();

    public bool Until(long due)
    {
        if (!_steps.MoveNext())
        {
            return false;
        }

        clock.Advance(clock.GetElapsedTime(clock.GetTimestamp(), due) + _steps.Current);
        return true;
    }

    public void Stop() => throw new InvalidOperationException("The script says when to stop.");
}

/// <summary>Keeps what was published, as values: the frame itself is re-used.</summary>
internal sealed class RecordingBus : IFrameBus
{
    public List<HostState> Announced { get; } = [];

    public List<Tick> Ticks { get; } = [];

    /// <summary>Called on the sampling thread with each frame.</summary>
    public Action<Frame>? OnFrame { get; set; }

    public IReadOnlyList<HostState> Hosts => Announced;

    public void Announce(HostState host) => Announced.Add(host);

    public void Publish(string hostId, Frame frame)
    {
        Assert.Equal("host", hostId);
        var values = new Dictionary<string, long>();
        for (var i = 0; i < frame.Values.Length; i++)
        {
            if (frame.Values[i] != Frame.Absent)
            {
                values.Add(frame.Schema.Series[i].Key, frame.Values[i]);
            }
        }

        Ticks.Add(new Tick(frame.Sequence, frame.UnixMs, frame.MonotonicNs, values));
        OnFrame?.Invoke(frame);
    }

    public void Publish(string hostId, ProcessTable processes) => throw new NotSupportedException();

    public void Publish(string hostId, CgroupTable cgroups) => throw new NotSupportedException();

    public Topics Wanted(string hostId) => Topics.System | Topics.Cores;

    public IDisposable Subscribe(string hostId, IFrameReader reader) => throw new NotSupportedException();
}

internal sealed record Tick(long Sequence, long UnixMs, long MonotonicNs, IReadOnlyDictionary<string, long> Values);

internal sealed class ScriptedCollector(string name, Func<CollectResult> collect) : ICollector
{
    public int Calls { get; private set; }

    public string Name => name;

    public CollectResult Collect()
    {
        Calls++;
        return collect();
    }
}

internal sealed class RecordingLogger : ILogger<Sampler>
{
    private readonly List<(LogLevel Level, int Id, string Text)> _lines = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines => _lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Add((logLevel, eventId.Id, formatter(state, exception)));
}
