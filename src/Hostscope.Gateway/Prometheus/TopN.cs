namespace Hostscope.Gateway.Prometheus;

/// <summary>Something that may be given a place among the largest.</summary>
internal interface IRanked
{
    /// <summary>Its name; unique among those ranked together.</summary>
    string Name { get; }

    /// <summary>Whether it exists now.</summary>
    bool IsAlive { get; }

    /// <summary>CPU it used lately, in any unit.</summary>
    double RecentCpu { get; }

    /// <summary>Memory it holds, in any unit.</summary>
    double Memory { get; }
}

/// <summary>
/// Gives a fixed number of places to the largest by CPU or by memory, so that what we expose is bounded however many
/// processes or cgroups a machine has. Prometheus keeps a series for each name that it ever saw, so the names over a
/// day must be bounded as well: each place given takes one from a stock of twice the places, which fills up by the
/// places in <see cref="Hold"/>. No more than places times (2 + time / hold) names are ever seen; what is suddenly
/// large is seen at once, unless names come so fast that the stock is empty.
/// </summary>
/// <typeparam name="T">What is ranked.</typeparam>
internal sealed class TopN<T>(int places)
    where T : class, IRanked
{
    /// <summary>
    /// Ten minutes. Who ended keeps its place for so long, unless somebody needs it: a job run by cron every few
    /// minutes keeps its series. With 50 places at most 400 names in an hour.
    /// </summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(10);

    /// <summary>Who has just come to a place keeps it for so long: two of a size must not take turns.</summary>
    public static readonly TimeSpan LeastHold = TimeSpan.FromMinutes(1);

    private static readonly long HoldNs = Hold.Ticks * TimeSpan.NanosecondsPerTick;
    private static readonly long LeastHoldNs = LeastHold.Ticks * TimeSpan.NanosecondsPerTick;

    private readonly List<Place> _places = new(places);
    private double _stock = 2.0 * places;
    private long _assignedNs = long.MinValue;

    /// <summary>Holders of places, ordered by name.</summary>
    public IEnumerable<T> Holders => _places.Select(place => place.Holder)
        .OrderBy(holder => holder.Name, StringComparer.Ordinal);

    /// <summary>Whether something has a place.</summary>
    public bool Holds(T candidate) => _places.Exists(place => ReferenceEquals(place.Holder, candidate));

    /// <summary>Gives places.</summary>
    /// <param name="candidates">All that there are, holders included.</param>
    /// <param name="nowNs">Monotonic time, nanoseconds.</param>
    public void Assign(IReadOnlyCollection<T> candidates, long nowNs)
    {
        if (_assignedNs != long.MinValue)
        {
            var earned = (double)places * Math.Max(0, nowNs - _assignedNs) / HoldNs;
            _stock = Math.Min(2.0 * places, _stock + earned);
        }

        _assignedNs = nowNs;
        foreach (var place in _places.Where(place => place.Holder.IsAlive))
        {
            place.LastAliveNs = nowNs;
        }

        _places.RemoveAll(place => nowNs - place.LastAliveNs >= HoldNs);
        var largest = Largest(candidates);
        var isLargest = largest.ToHashSet();
        foreach (var candidate in largest.Where(candidate => !Holds(candidate)).ToList())
        {
            if (_stock < 1 || (_places.Count == places && !TryFree(isLargest, nowNs)))
            {
                return;
            }

            _stock--;
            _places.Add(new Place(candidate, nowNs));
        }
    }

    /// <summary>
    /// Takes a place from who ended, the longest ago first, else from the smallest that is not among the largest.
    /// </summary>
    private bool TryFree(HashSet<T> isLargest, long nowNs)
    {
        var victim = _places
            .Where(place => !place.Holder.IsAlive
                || (!isLargest.Contains(place.Holder) && nowNs - place.SinceNs >= LeastHoldNs))
            .OrderBy(place => place.LastAliveNs).ThenBy(place => place.Holder.RecentCpu)
            .ThenBy(place => place.Holder.Memory).ThenBy(place => place.Holder.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return victim is not null && _places.Remove(victim);
    }

    /// <summary>
    /// The largest, the first by CPU, the first by memory, the second by CPU and so on: a leak is as much worth a place
    /// as a busy loop. Ties go by name; what has neither, such as an idle thread of the kernel, has nothing to tell.
    /// </summary>
    private List<T> Largest(IReadOnlyCollection<T> candidates)
    {
        var alive = candidates
            .Where(candidate => candidate.IsAlive && (candidate.RecentCpu > 0 || candidate.Memory > 0)).ToList();
        var byCpu = alive.OrderByDescending(candidate => candidate.RecentCpu)
            .ThenByDescending(candidate => candidate.Memory)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal);
        var byMemory = alive.OrderByDescending(candidate => candidate.Memory)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal);
        return [.. byCpu.Zip(byMemory).SelectMany(pair => (T[])[pair.First, pair.Second]).Distinct().Take(places)];
    }

    private sealed class Place(T holder, long nowNs)
    {
        public T Holder { get; } = holder;

        public long SinceNs { get; } = nowNs;

        public long LastAliveNs { get; set; } = nowNs;
    }
}
