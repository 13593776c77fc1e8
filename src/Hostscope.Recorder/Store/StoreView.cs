using Hostscope.Bus;

namespace Hostscope.Recorder.Store;

/// <summary>
/// What a question sees: files and the blocks that are still in memory, as they were together at one moment. A fold
/// makes a new one; whoever holds the old one still reads every tick once.
/// </summary>
internal sealed record StoreView
{
    public static readonly StoreView Empty = new()
    {
        Files = [[], [], []],
        Memory = [],
        Events = [],
    };

    /// <summary>By tier, in the order of recording.</summary>
    public required SegmentFile[][] Files { get; init; }

    /// <summary>Blocks that are not folded yet, oldest first; the last one grows.</summary>
    public required OpenBlock[] Memory { get; init; }

    /// <summary>Events that are in no segment yet.</summary>
    public required HistoryEvent[] Events { get; init; }
}
