using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// What is known of a file of blocks without reading the blocks: their headers. Immutable; a fold makes a new one. A
/// day has 288 headers of about 120 bytes.
/// </summary>
internal sealed record SegmentFile
{
    /// <summary>Its name; <c>null</c> for a file that is opened from elsewhere and holds every tier.</summary>
    public required SegmentName Segment { get; init; }

    /// <summary>Name in the store's directory.</summary>
    public required string Name { get; init; }

    /// <summary>Headers in the order of recording.</summary>
    public required BlockHeader[] Blocks { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>True when nothing is written to it any more.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Number of its newest block; that of the one before its first when it has none.</summary>
    public long LastNumber => Blocks.Length > 0 ? Blocks[^1].Number : Segment.FirstNumber - 1;

    /// <summary>Its newest time label; <c>null</c> when it has no block.</summary>
    public long? NewestUnixMs => Blocks.Length > 0 ? Blocks.Max(block => block.MaxUnixMs) : null;

    /// <summary>Reads the headers of a file.</summary>
    /// <param name="disk">Where it lies.</param>
    /// <param name="segment">Its name.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="lastSeries">Largest number of a series in it.</param>
    /// <param name="lastEvent">Largest number of an event in it.</param>
    /// <exception cref="StoreVersionException">It is of a newer version.</exception>
    public static SegmentFile Load(
        IStoreDisk disk, SegmentName segment, long bytes, out int lastSeries, out long lastEvent)
    {
        // Opened to write: a journal that a crash left is played back now, and not by a reader that may not write.
        using var database = Database.Open(disk, segment.ToString(), DatabaseUse.Segment);
        FileHeader.Check(database);
        lastSeries = (int)Math.Clamp(database.Number("SELECT max(k) FROM series"), 0, int.MaxValue / 2);
        lastEvent = database.Number("SELECT max(k) FROM event");
        return new SegmentFile
        {
            Segment = segment,
            Name = segment.ToString(),
            Blocks = ReadHeaders(database, segment.Tier),
            Bytes = bytes,
        };
    }

    /// <summary>The sound headers of a tier in a file, in the order of their numbers.</summary>
    public static BlockHeader[] ReadHeaders(Database database, Tier tier)
    {
        var blocks = new List<BlockHeader>();
        using var read = database.Prepare("SELECT k, d FROM block WHERE k >= $1 AND k < $2 ORDER BY k");
        read.Rows(
            (key, blob) =>
            {
                // A header that is not sound is a block that is lost: what it says cannot be guessed.
                if (Envelope.Open(BlobKind.Header, key, blob, out var payload) == BlobState.Ok
                    && BlockHeader.Read(key, payload) is { } header)
                {
                    blocks.Add(header);
                }

                return true;
            },
            BlockKey.Of(tier, 0),
            BlockKey.Of(tier + 1, 0));
        ShareGroups(blocks);
        return [.. blocks];
    }

    /// <summary>The same file with one more block.</summary>
    public SegmentFile With(BlockHeader block, long bytes)
    {
        // Written twice after a crash, it is there already.
        var others = Blocks.Where(other => other.Number != block.Number);
        return this with { Blocks = [.. others, block], Bytes = bytes };
    }

    /// <summary>Lists of groups are nearly always the same; one copy is enough.</summary>
    private static void ShareGroups(List<BlockHeader> blocks)
    {
        for (var i = 1; i < blocks.Count; i++)
        {
            if (blocks[i].Groups.AsSpan().SequenceEqual(blocks[i - 1].Groups))
            {
                blocks[i] = blocks[i] with { Groups = blocks[i - 1].Groups };
            }
        }
    }
}
