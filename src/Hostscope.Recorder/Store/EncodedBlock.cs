using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>A block as it is read, wherever it lies.</summary>
internal interface IBlock
{
    BlockHeader Header { get; }

    /// <summary>A group of series; <c>null</c> when the block has none of that number, or it is damaged.</summary>
    SeriesGroup? Group(int group);

    /// <summary>Times of the ticks; <c>null</c> when they are damaged: then the block cannot be read.</summary>
    SeriesGroup? Clock();

    /// <summary>The process or the cgroup log; <c>null</c> when there is none, or it is damaged.</summary>
    byte[]? Tables(int part);

    /// <summary>What a number stands for; <c>null</c> when it is not known.</summary>
    SeriesDefinition? Definition(int id);

    /// <summary>Every definition of the file the block lies in: more than the block has.</summary>
    IReadOnlyDictionary<int, SeriesDefinition> Definitions { get; }
}

/// <summary>A part of a block: what goes into one row.</summary>
internal readonly record struct BlockPart(int Number, BlobKind Kind, byte[] Payload);

/// <summary>A block in memory: what a fold writes, and what questions about the last minutes read.</summary>
internal sealed class EncodedBlock(
    BlockHeader header, IReadOnlyList<BlockPart> parts, IReadOnlyDictionary<int, SeriesDefinition> definitions) : IBlock
{
    private readonly Dictionary<int, SeriesGroup?> _groups = [];

    public BlockHeader Header { get; private set; } = header;

    public IReadOnlyList<BlockPart> Parts { get; } = parts;

    public IReadOnlyDictionary<int, SeriesDefinition> Definitions { get; } = definitions;

    public SeriesGroup? Group(int group)
    {
        lock (_groups)
        {
            if (!_groups.TryGetValue(group, out var parsed))
            {
                parsed = Find(group) is { } payload ? SeriesGroup.Parse(payload) : null;
                _groups.Add(group, parsed);
            }

            return parsed;
        }
    }

    public SeriesGroup? Clock() => Group(BlockKey.ClockPart);

    public byte[]? Tables(int part) => Find(part);

    public SeriesDefinition? Definition(int id) => Definitions.GetValueOrDefault(id);

    /// <summary>Compresses and seals the parts, and writes their size into the header.</summary>
    public List<(long Key, byte[] Blob)> Seal()
    {
        var blobs = Parts.Select(part =>
        {
            var key = BlockKey.Part(Header.Key, part.Number);
            return (key, Envelope.Seal(part.Kind, key, part.Payload, Envelope.BlockQuality));
        }).ToList();
        Header = Header with { Bytes = blobs.Sum(blob => (long)blob.Item2.Length) };
        return blobs;
    }

    /// <summary>The kind of blob under a part's number.</summary>
    public static BlobKind KindOf(int part) => part switch
    {
        BlockKey.ClockPart => BlobKind.Clock,
        BlockKey.ProcessPart => BlobKind.Processes,
        BlockKey.CgroupPart => BlobKind.Cgroups,
        _ => BlobKind.Numeric,
    };

    private byte[]? Find(int number)
    {
        foreach (var part in Parts)
        {
            if (part.Number == number)
            {
                return part.Payload;
            }
        }

        return null;
    }
}
