using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>Finds the blocks that a question needs. Made for one question, from one view.</summary>
internal sealed class BlockIndex
{
    private readonly StoreView _view;
    private readonly ReaderPool? _readers;
    private readonly List<(SegmentFile File, BlockHeader Header)>[] _stored;
    private readonly List<EncodedBlock> _memory;

    public BlockIndex(IPast past)
    {
        _view = past.View;
        _readers = past.Readers;
        _stored = [.. _view.Files.Select(files =>
            files.SelectMany(file => file.Blocks.Select(header => (file, header))).ToList())];
        _memory = [.. _view.Memory.Select(block => block.Encode()).OfType<EncodedBlock>()];
    }

    public StoreView View => _view;

    /// <summary>Headers of a tier, in the order of recording; those in memory come last.</summary>
    public IEnumerable<BlockHeader> Headers(Tier tier)
    {
        var stored = _stored[(int)tier].Select(item => item.Header);
        return tier == Tier.Second ? stored.Concat(_memory.Select(block => block.Header)) : stored;
    }

    /// <summary>The block of a header that <see cref="Headers"/> gave.</summary>
    public IBlock Open(BlockHeader header)
    {
        foreach (var block in _memory)
        {
            if (header.Tier == Tier.Second && block.Header.Number == header.Number)
            {
                return block;
            }
        }

        var items = _stored[(int)header.Tier];
        var at = items.BinarySearch((null!, header), ByNumber.Instance);
        return _readers!.Block(items[at].File, header);
    }

    /// <summary>The blocks of a tier that may have something of a range, in the order of recording.</summary>
    public IEnumerable<IBlock> Overlapping(Tier tier, long fromMs, long toMs)
    {
        foreach (var header in Headers(tier))
        {
            if (header.MinUnixMs < toMs && header.MaxUnixMs >= fromMs)
            {
                yield return Open(header);
            }
        }
    }

    /// <summary>The block of seconds recorded before another in the same run; <c>null</c> when there is none.</summary>
    public IBlock? Before(BlockHeader header)
    {
        BlockHeader? before = null;
        foreach (var other in Headers(Tier.Second))
        {
            if (other.Number >= header.Number)
            {
                break;
            }

            before = other;
        }

        return before is not null && before.Run == header.Run ? Open(before) : null;
    }

    /// <summary>True when a coarser tier has what a block holds.</summary>
    public bool IsRolledUp(BlockHeader header)
    {
        var coarser = _stored[(int)header.Tier + 1];
        var number = header.LastSource;
        int low = 0, high = coarser.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (coarser[middle].Header.LastSource < number)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low < coarser.Count && coarser[low].Header.FirstSource <= number;
    }

    /// <summary>Oldest and newest label of a tier; <c>null</c> when it has nothing.</summary>
    public (long? Oldest, long? Newest) Extent(Tier tier)
    {
        long? oldest = null, newest = null;
        foreach (var header in Headers(tier))
        {
            oldest = oldest is { } o && o < header.MinUnixMs ? o : header.MinUnixMs;
            newest = newest is { } n && n > header.MaxUnixMs ? n : header.MaxUnixMs;
        }

        return (oldest, newest);
    }

    private sealed class ByNumber : IComparer<(SegmentFile File, BlockHeader Header)>
    {
        public static readonly ByNumber Instance = new();

        public int Compare((SegmentFile File, BlockHeader Header) x, (SegmentFile File, BlockHeader Header) y) =>
            x.Header.Number.CompareTo(y.Header.Number);
    }
}
