namespace Hostscope.Recorder.Codec;

/// <summary>The resolutions of the store.</summary>
internal enum Tier
{
    /// <summary>Every tick.</summary>
    Second = 0,

    /// <summary>Every minute.</summary>
    Minute = 1,

    /// <summary>Every hour.</summary>
    Hour = 2,
}

/// <summary>
/// What a block holds, so that its other blobs are read only when they are needed. In the payload, in this order:
/// varints of run, ticks; zigzags of oldest, newest, first and last Unix ms; varints of the nominal interval in ms, the
/// first and the last block of seconds it was made from (its own number in the tier of seconds), flags (bit 0 has
/// processes, bit 1 has cgroups), bytes of its other blobs, count of groups; the groups' numbers as varints.
/// </summary>
internal sealed record BlockHeader
{
    /// <summary>Most groups of a block: the room in a key (<see cref="BlockKey"/>).</summary>
    public const int MaxGroups = 1000;

    public required Tier Tier { get; init; }

    public required long Number { get; init; }

    public required long Run { get; init; }

    public required int Ticks { get; init; }

    /// <summary>Smallest and largest wall-clock label: not the first and last where the clock was set back.</summary>
    public required long MinUnixMs { get; init; }

    public required long MaxUnixMs { get; init; }

    public required long FirstUnixMs { get; init; }

    public required long LastUnixMs { get; init; }

    public required long IntervalMs { get; init; }

    public required long FirstSource { get; init; }

    public required long LastSource { get; init; }

    public required bool HasProcesses { get; init; }

    public required bool HasCgroups { get; init; }

    public required long Bytes { get; init; }

    public required int[] Groups { get; init; }

    public long Key => BlockKey.Of(Tier, Number);

    public void Write(ByteWriter writer)
    {
        writer.Varint((ulong)Run);
        writer.Count(Ticks);
        writer.ZigZag(MinUnixMs);
        writer.ZigZag(MaxUnixMs);
        writer.ZigZag(FirstUnixMs);
        writer.ZigZag(LastUnixMs);
        writer.Varint((ulong)IntervalMs);
        writer.Varint((ulong)FirstSource);
        writer.Varint((ulong)LastSource);
        writer.Byte((byte)((HasProcesses ? 1 : 0) | (HasCgroups ? 2 : 0)));
        writer.Varint((ulong)Bytes);
        writer.Count(Groups.Length);
        foreach (var group in Groups)
        {
            writer.Count(group);
        }
    }

    public static BlockHeader? Read(long key, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var run = (long)reader.Varint();
        var ticks = reader.Count(SeriesGroup.MaxTicks);
        long min = reader.ZigZag(), max = reader.ZigZag(), first = reader.ZigZag(), last = reader.ZigZag();
        var interval = (long)reader.Varint();
        long firstSource = (long)reader.Varint(), lastSource = (long)reader.Varint();
        var flags = reader.Byte();
        var bytes = (long)reader.Varint();
        var groups = new int[reader.Count(MaxGroups)];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = reader.Count(MaxGroups);
        }

        var (tier, number) = BlockKey.Split(key);
        return !reader.AtEnd || ticks == 0 || tier > Tier.Hour ? null : new BlockHeader
        {
            Tier = tier,
            Number = number,
            Run = run,
            Ticks = ticks,
            MinUnixMs = min,
            MaxUnixMs = max,
            FirstUnixMs = first,
            LastUnixMs = last,
            IntervalMs = interval,
            FirstSource = firstSource,
            LastSource = lastSource,
            HasProcesses = (flags & 1) != 0,
            HasCgroups = (flags & 2) != 0,
            Bytes = bytes,
            Groups = groups,
        };
    }
}

/// <summary>
/// Keys of rows. A block: <c>tier &lt;&lt; 50 | number</c>. A blob of a block: <c>block key &lt;&lt; 10 | part</c>,
/// where parts below 1,000 are groups of series and those above are named here. One file can hold every tier.
/// </summary>
internal static class BlockKey
{
    public const int ClockPart = 1023;
    public const int ProcessPart = 1022;
    public const int CgroupPart = 1021;

    private const int TierShift = 50;
    private const int PartShift = 10;

    public static long Of(Tier tier, long number) => ((long)tier << TierShift) | number;

    public static (Tier Tier, long Number) Split(long key) =>
        ((Tier)(key >> TierShift), key & ((1L << TierShift) - 1));

    public static long Part(long blockKey, int part) => (blockKey << PartShift) | (long)part;
}
