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
/// day must be bounded as well: a place is kept for <see cref="Hold"/> at least, also when its holder ended, and thus
/// no more than places times (1 + time / hold) names are ever seen.
/// </summary>
/// <typeparam name="T">What is ranked.</typeparam>
internal sealed class TopN<T>(int places)
    where T : class, IRanked
{
    /// <summary>
    /// Ten minutes: long enough that a job run by cron every few minutes keeps its series, short enough that what has
    /// grown large is seen while it matters. With 50 places at most 350 names in an hour.
    /// </summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(10);

    private static readonly long HoldNs = Hold.Ticks * TimeSpan.NanosecondsPerTick;

    private readonly List<(T Holder, long SinceNs)> _places = new(places);

    /// <summary>Holders of places, ordered by name.</summary>
    public IEnumerable<T> Holders => _places.Select(place => place.Holder)
        .OrderBy(holder => holder.Name, StringComparer.Ordinal);

    /// <summary>Whether something has a place.</summary>
    public bool Holds(T candidate) => _places.Exists(place => ReferenceEquals(place.Holder, candidate));

    /// <summary>Gives places: free ones at once, taken ones only after <see cref="Hold"/>.</summary>
    /// <param name="candidates">All that there are.</param>
    /// <param name="nowNs">Monotonic time, nanoseconds.</param>
    public void Assign(IReadOnlyCollection<T> candidates, long nowNs)
    {
        bool IsDue((T Holder, long SinceNs) place) => nowNs - place.SinceNs >= HoldNs;

        var largest = Largest(candidates);
        _places.RemoveAll(place => !place.Holder.IsAlive && IsDue(place));
        foreach (var candidate in largest.Where(candidate => !Holds(candidate)).ToList())
        {
            if (_places.Count < places)
            {
                _places.Add((candidate, nowNs));
                continue;
            }

            var index = _places.FindIndex(place => IsDue(place) && !largest.Contains(place.Holder));
            if (index < 0)
            {
                return;
            }

            _places[index] = (candidate, nowNs);
        }
    }

    /// <summary>
    /// The largest, the first by CPU, the first by memory, the second by CPU and so on: a leak is as much worth a place
    /// as a busy loop. Ties go by name.
    /// </summary>
    private List<T> Largest(IReadOnlyCollection<T> candidates)
    {
        var alive = candidates.Where(candidate => candidate.IsAlive).ToList();
        var byCpu = alive.OrderByDescending(candidate => candidate.RecentCpu)
            .ThenByDescending(candidate => candidate.Memory)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal);
        var byMemory = alive.OrderByDescending(candidate => candidate.Memory)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal);
        return [.. byCpu.Zip(byMemory).SelectMany(pair => (T[])[pair.First, pair.Second]).Distinct().Take(places)];
    }
}
