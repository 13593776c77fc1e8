using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>
/// Which numbers the series of a question have in a file. A series that was away for a while has several; in one block
/// only one of them has values.
/// </summary>
internal sealed class KeyTable
{
    private readonly Dictionary<string, int> _indexOf;
    private readonly Dictionary<IReadOnlyDictionary<int, SeriesDefinition>, List<SeriesDefinition>[]> _byFile =
        new(ReferenceEqualityComparer.Instance);

    public KeyTable(IReadOnlyList<string> keys)
    {
        Count = keys.Count;
        _indexOf = new Dictionary<string, int>(keys.Count, StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            _indexOf.TryAdd(keys[i], i);
        }
    }

    public int Count { get; }

    /// <summary>What a key means in a block; <c>null</c> when the block has nothing of it.</summary>
    public SeriesDefinition? Find(IBlock block, int key)
    {
        foreach (var candidate in Candidates(block.Definitions)[key])
        {
            if (Array.IndexOf(block.Header.Groups, candidate.Group) >= 0
                && block.Group(candidate.Group) is { } group && group.IndexOf(candidate.Id) >= 0)
            {
                return candidate;
            }
        }

        return null;
    }

    private List<SeriesDefinition>[] Candidates(IReadOnlyDictionary<int, SeriesDefinition> definitions)
    {
        if (!_byFile.TryGetValue(definitions, out var candidates))
        {
            candidates = [.. Enumerable.Range(0, Count).Select(_ => new List<SeriesDefinition>())];
            foreach (var definition in definitions.Values)
            {
                if (_indexOf.TryGetValue(definition.Series.Key, out var index))
                {
                    candidates[index].Add(definition);
                }
            }

            // The newest number first: it is the one in use.
            Array.ForEach(candidates, list => list.Sort((a, b) => b.Id.CompareTo(a.Id)));
            _byFile.Add(definitions, candidates);
        }

        return candidates;
    }
}
