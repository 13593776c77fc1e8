using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Gives series their numbers and groups. A number is never given twice; a series that was forgotten and comes back has
/// a new one. Written by the recorder's thread, read by others through <see cref="ById"/>, which is replaced and not
/// changed.
/// </summary>
internal sealed class SeriesCatalog
{
    private readonly Dictionary<string, SeriesDefinition> _byKey = [];
    private readonly int[] _members = new int[BlockHeader.MaxGroups];
    private readonly Dictionary<string, int> _openGroup = [];
    private Dictionary<int, SeriesDefinition> _byId = [];
    private int _nextId;

    /// <summary>What the numbers in use stand for.</summary>
    public IReadOnlyDictionary<int, SeriesDefinition> ById => Volatile.Read(ref _byId);

    /// <summary>Numbers below this one have been given.</summary>
    public int NextId => _nextId;

    /// <summary>Starts with what the store knew.</summary>
    /// <param name="known">Definitions that ticks of the tail speak of.</param>
    /// <param name="lastId">Largest number that any file has.</param>
    public SeriesCatalog(IEnumerable<SeriesDefinition> known, int lastId)
    {
        _nextId = lastId + 1;
        foreach (var definition in known)
        {
            _byId[definition.Id] = definition;
            _byKey[definition.Series.Key] = definition;
            _members[definition.Group]++;
            _nextId = Math.Max(_nextId, definition.Id + 1);
        }
    }

    /// <summary>The numbers of some series, in their order; those not seen before are added to a list.</summary>
    public int[] Number(ReadOnlySpan<Series> series, List<SeriesDefinition> added)
    {
        var ids = new int[series.Length];
        Dictionary<int, SeriesDefinition>? next = null;
        for (var i = 0; i < series.Length; i++)
        {
            if (!_byKey.TryGetValue(series[i].Key, out var definition) || !definition.Means(series[i]))
            {
                // Under our own number, as it will be read back: the sampler's differs after each of its starts.
                var own = new Series(_nextId++, series[i].Metric, [.. series[i].LabelValues]);
                definition = new SeriesDefinition(own.Id, PlaceOf(own.Metric), own);
                _byKey[series[i].Key] = definition;
                next ??= new Dictionary<int, SeriesDefinition>(_byId);
                next.Add(definition.Id, definition);
                _members[definition.Group]++;
                added.Add(definition);
            }

            ids[i] = definition.Id;
        }

        Publish(next);
        return ids;
    }

    /// <summary>Forgets the series that are not in use any more.</summary>
    /// <returns>Their numbers.</returns>
    public List<int> Forget(IReadOnlySet<int> inUse)
    {
        var gone = _byId.Values.Where(definition => !inUse.Contains(definition.Id)).ToList();
        if (gone.Count > 0)
        {
            var next = new Dictionary<int, SeriesDefinition>(_byId);
            foreach (var definition in gone)
            {
                next.Remove(definition.Id);
                _members[definition.Group]--;
                if (_byKey.TryGetValue(definition.Series.Key, out var current) && current.Id == definition.Id)
                {
                    _byKey.Remove(definition.Series.Key);
                }
            }

            Publish(next);
        }

        return gone.ConvertAll(definition => definition.Id);
    }

    private void Publish(Dictionary<int, SeriesDefinition>? next)
    {
        if (next is not null)
        {
            Volatile.Write(ref _byId, next);
        }
    }

    /// <summary>
    /// The group for a new series: the last of its family that has room, so that what one chart shows is read together;
    /// else an empty one; else the emptiest.
    /// </summary>
    private int PlaceOf(Metric metric)
    {
        var family = FamilyOf(metric.Name);
        if (_openGroup.TryGetValue(family, out var open) && _members[open] < SeriesGroup.Size)
        {
            return open;
        }

        var best = 0;
        for (var group = 0; group < _members.Length && _members[best] > 0; group++)
        {
            best = _members[group] < _members[best] ? group : best;
        }

        _openGroup[family] = best;
        return best;
    }

    /// <summary>The first two parts of a name: <c>system.disk</c> of <c>system.disk.io_time</c>.</summary>
    private static string FamilyOf(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        dot = dot < 0 ? -1 : name.IndexOf('.', dot + 1);
        return dot < 0 ? name : name[..dot];
    }
}
