namespace Hostscope.Gateway.Live;

/// <summary>What the gateway counts, over all hosts, since it started. Written from many threads.</summary>
internal sealed class Counters
{
    private long _viewers;
    private long _viewersTotal;
    private long _viewersRefused;
    private long _framesSent;
    private long _framesReplaced;
    private long _framesLost;
    private long _hellosSent;
    private long _bytesSent;
    private long _slowCloses;
    private long _protocolCloses;
    private long _unanswered;
    private long _encodeTicks;

    /// <summary>Viewers connected now.</summary>
    public long Viewers => Interlocked.Read(ref _viewers);

    /// <summary>Viewers that ever connected.</summary>
    public long ViewersTotal => Interlocked.Read(ref _viewersTotal);

    /// <summary>Viewers that were sent away with 503: there were too many, of all or of an address or login.</summary>
    public long ViewersRefused => Interlocked.Read(ref _viewersRefused);

    /// <summary>Frames handed to the network, over all viewers.</summary>
    public long FramesSent => Interlocked.Read(ref _framesSent);

    /// <summary>Frames that a newer one replaced before their viewer took them.</summary>
    public long FramesReplaced => Interlocked.Read(ref _framesReplaced);

    /// <summary>Frames that the encoder was too late for; anything but 0 means a starved machine.</summary>
    public long FramesLost => Interlocked.Read(ref _framesLost);

    /// <summary>Hellos handed to the network.</summary>
    public long HellosSent => Interlocked.Read(ref _hellosSent);

    /// <summary>Bytes handed to the network: messages and what frames them, without TLS and HTTP's chunks.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Viewers cut off as nothing could be sent to them.</summary>
    public long SlowCloses => Interlocked.Read(ref _slowCloses);

    /// <summary>Viewers closed for what they sent.</summary>
    public long ProtocolCloses => Interlocked.Read(ref _protocolCloses);

    /// <summary>Viewers cut off as they answered no ping.</summary>
    public long UnansweredPings => Interlocked.Read(ref _unanswered);

    /// <summary>Time the last tick took to derive, write and hand to all mailboxes.</summary>
    public TimeSpan LastEncode => TimeSpan.FromTicks(Interlocked.Read(ref _encodeTicks));

    /// <summary>
    /// Counts a viewer in; false when there are <paramref name="most"/> already.
    /// </summary>
    public bool TryAddViewer(int most)
    {
        if (Interlocked.Increment(ref _viewers) > most)
        {
            Interlocked.Decrement(ref _viewers);
            return false;
        }

        Interlocked.Increment(ref _viewersTotal);
        return true;
    }

    /// <summary>Counts one that was sent away, as all places or those of its address or login are taken.</summary>
    public void RefuseViewer() => Interlocked.Increment(ref _viewersRefused);

    public void RemoveViewer() => Interlocked.Decrement(ref _viewers);

    public void FrameSent() => Interlocked.Increment(ref _framesSent);

    public void FrameReplaced() => Interlocked.Increment(ref _framesReplaced);

    public void FrameLost() => Interlocked.Increment(ref _framesLost);

    public void HelloSent() => Interlocked.Increment(ref _hellosSent);

    public void Sent(int bytes) => Interlocked.Add(ref _bytesSent, bytes);

    public void SlowClose() => Interlocked.Increment(ref _slowCloses);

    public void Unanswered() => Interlocked.Increment(ref _unanswered);

    public void Encoded(TimeSpan took) => Interlocked.Exchange(ref _encodeTicks, took.Ticks);

    public void ProtocolClose() => Interlocked.Increment(ref _protocolCloses);
}
