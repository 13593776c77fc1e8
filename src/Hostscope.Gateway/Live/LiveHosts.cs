using Hostscope.Bus;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Live;

/// <summary>
/// The hosts that can be watched. The local one is followed from the start, so that a fresh page opens with full
/// charts; another host is followed from its first viewer on.
/// </summary>
internal sealed class LiveHosts : IHostedService, IDisposable
{
    /// <summary>The name in URLs of the machine that answers.</summary>
    public const string LocalAlias = "local";

    /// <summary>How exact the limits of time of a viewer are.</summary>
    private static readonly TimeSpan RoundEvery = TimeSpan.FromSeconds(0.5);

    private readonly IFrameBus _bus;
    private readonly IHistories _histories;
    private readonly RecorderBoard _board;
    private readonly TimeProvider _time;
    private readonly Counters _counters;
    private readonly GatewayOptions _options;
    private readonly ILogger<LiveHosts> _log;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FanOut> _fanOuts = [];
    private CancellationTokenRegistration _stopping;
    private ITimer? _rounds;
    private long _countLoggedAt;
    private long _countLogged;
    private bool _followsLocal;
    private bool _closed;

    public LiveHosts(
        IFrameBus bus,
        IHistories histories,
        RecorderBoard board,
        TimeProvider time,
        Counters counters,
        IOptions<GatewayOptions> options,
        ILogger<LiveHosts> log,
        IHostApplicationLifetime lifetime)
    {
        _bus = bus;
        _histories = histories;
        _board = board;
        _time = time;
        _counters = counters;
        _options = options.Value;
        _log = log;
        _lifetime = lifetime;
        StartedAt = time.GetTimestamp();
        _countLoggedAt = StartedAt;
    }

    /// <summary>Timestamp of the clock when the program started.</summary>
    public long StartedAt { get; }

    /// <summary>The hosts that the bus knows, by id.</summary>
    public IReadOnlyList<HostState> Known => _bus.Hosts;

    /// <summary>Id of the machine that answers; <c>null</c> while it is not known.</summary>
    public string? LocalId => _options.LocalHostId ?? (Known is [var first, ..] ? first.Info.Id : null);

    /// <summary>The host that a URL names, <see cref="LocalAlias"/> included; <c>null</c> when there is none.</summary>
    public HostState? Find(string name)
    {
        var id = name == LocalAlias ? LocalId : name;
        return Known.FirstOrDefault(host => host.Info.Id == id);
    }

    /// <summary>The fan-out of a host, followed from now on.</summary>
    public FanOut Follow(string hostId)
    {
        lock (_lock)
        {
            if (!_fanOuts.TryGetValue(hostId, out var fanOut))
            {
                fanOut = new FanOut(
                    hostId, _bus, _time, _counters, _log, _histories.Find(hostId), hostId == LocalId ? _board : null);
                _fanOuts.Add(hostId, fanOut);
                if (_closed)
                {
                    fanOut.CloseAll();
                }
            }

            return fanOut;
        }
    }

    /// <summary>The last tick of a host; <c>null</c> when none came or nobody follows it.</summary>
    public Pulse? PulseOf(string hostId)
    {
        lock (_lock)
        {
            return _fanOuts.GetValueOrDefault(hostId)?.Pulse;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        FollowLocal();

        // One timer for all viewers of all hosts: 9,000 of them take a round of well under a millisecond.
        _rounds = _time.CreateTimer(_ => GoRound(), null, RoundEvery, RoundEvery);
        _stopping = _lifetime.ApplicationStopping.Register(CloseAll);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _rounds?.Dispose();
        _stopping.Dispose();
        foreach (var fanOut in FanOuts())
        {
            fanOut.Dispose();
        }
    }

    private void FollowLocal()
    {
        if (!_followsLocal && LocalId is { } local)
        {
            _followsLocal = true;
            Follow(local);
        }
    }

    private void GoRound()
    {
        FollowLocal(); // A host that was not announced yet at the start is by now.
        foreach (var fanOut in FanOuts())
        {
            fanOut.LookAfterViewers();
        }

        var viewers = _counters.Viewers;
        var now = _time.GetTimestamp();
        if (viewers != _countLogged && _time.GetElapsedTime(_countLoggedAt, now) >= TimeSpan.FromMinutes(1))
        {
            _countLogged = viewers;
            _countLoggedAt = now;
            Log.ViewerCount(_log, viewers);
        }
    }

    private void CloseAll()
    {
        Log.Closing(_log, _counters.Viewers);
        lock (_lock)
        {
            _closed = true;
        }

        foreach (var fanOut in FanOuts())
        {
            fanOut.CloseAll();
        }
    }

    private FanOut[] FanOuts()
    {
        lock (_lock)
        {
            return [.. _fanOuts.Values];
        }
    }
}
