using System.Net;

namespace Hostscope.Access;

/// <summary>How often passwords may be tried.</summary>
/// <param name="Burst">Tries at once of one source.</param>
/// <param name="RefillSeconds">Seconds until a source has one more.</param>
/// <param name="PerMinute">Tries a minute of all sources that never logged in.</param>
public sealed record LoginRates(int Burst, int RefillSeconds, int PerMinute);

/// <summary>
/// Slows down who guesses passwords, without locking anybody out: buckets of tries that fill again. A source is an IPv4
/// address or the /64 of an IPv6 address. Safe for all threads.
/// </summary>
/// <param name="rates">How often.</param>
/// <param name="time">The clock.</param>
public sealed class LoginLimiter(LoginRates rates, TimeProvider time)
{
    /// <summary>
    /// Strangers remembered, and as many that logged in once; beyond it the one of its kind seen longest ago is
    /// forgotten. Of their kind: a network of IPv6 has more /64s than this, and guesses from each of them would make us
    /// forget whom the limit of strangers must not hold up.
    /// </summary>
    private const int MaxSources = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, LinkedListNode<Source>> _sources = [];
    private readonly LinkedList<Source> _strangers = [];
    private readonly LinkedList<Source> _known = [];
    private Bucket _all = Bucket.Full(rates.PerMinute, time.GetTimestamp());

    /// <summary>Takes a try.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <returns>Zero, or the time after which there is one again.</returns>
    public TimeSpan Take(IPAddress address)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var source = Find(address, now);
            source.Bucket.Fill(rates.Burst, TimeSpan.FromSeconds(rates.RefillSeconds), now, time);
            var wait = source.Bucket.TimeToOne(TimeSpan.FromSeconds(rates.RefillSeconds));
            if (wait == TimeSpan.Zero && !source.IsKnown)
            {
                var each = TimeSpan.FromSeconds(60.0 / rates.PerMinute);
                _all.Fill(rates.PerMinute, each, now, time);
                wait = _all.TimeToOne(each);
                _all.Level -= wait == TimeSpan.Zero ? 1 : 0;
            }

            source.Bucket.Level -= wait == TimeSpan.Zero ? 1 : 0;
            return wait;
        }
    }

    /// <summary>
    /// The password was right: the try does not count, and others who guess cannot hold this source up any more.
    /// </summary>
    public void Succeeded(IPAddress address)
    {
        lock (_lock)
        {
            var source = Find(address, time.GetTimestamp());
            MakeKnown(_sources[source.Key]);
            source.Bucket.Level = Math.Min(rates.Burst, source.Bucket.Level + 1);
            _all.Level += source.IsKnown ? 0 : Math.Min(1, rates.PerMinute - _all.Level);
            source.IsKnown = true;
        }
    }

    private void MakeKnown(LinkedListNode<Source> node)
    {
        node.List!.Remove(node);
        MakeRoom(_known);
        _known.AddLast(node);
    }

    private void MakeRoom(LinkedList<Source> list)
    {
        if (list.Count >= MaxSources)
        {
            _sources.Remove(list.First!.Value.Key);
            list.RemoveFirst();
        }
    }

    private Source Find(IPAddress address, long now)
    {
        var key = AddressKey.Of(address);
        if (_sources.TryGetValue(key, out var node))
        {
            var list = node.List!;
            list.Remove(node);
            list.AddLast(node);
            return node.Value;
        }

        MakeRoom(_strangers);
        var source = new Source(key) { Bucket = Bucket.Full(rates.Burst, now) };
        _sources.Add(key, _strangers.AddLast(source));
        return source;
    }

    private sealed class Source(UInt128 key)
    {
        public UInt128 Key => key;

        public Bucket Bucket;

        public bool IsKnown { get; set; }
    }

    private struct Bucket
    {
        public double Level;
        private long _filledAt;

        public static Bucket Full(int size, long now) => new() { Level = size, _filledAt = now };

        public void Fill(int size, TimeSpan each, long now, TimeProvider time)
        {
            Level = Math.Min(size, Level + (time.GetElapsedTime(_filledAt, now) / each));
            _filledAt = now;
        }

        public readonly TimeSpan TimeToOne(TimeSpan each) => Level >= 1 ? TimeSpan.Zero : (1 - Level) * each;
    }
}
