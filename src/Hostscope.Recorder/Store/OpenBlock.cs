using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// The block that is being filled, or one whose fold is late: its ticks as the tail has them. The recorder's thread
/// adds; others may read the ticks up to <see cref="Count"/> at any time.
/// </summary>
internal sealed class OpenBlock(long number, long run, long intervalMs)
{
    /// <summary>
    /// Five minutes, and those ticks that were too few to end a block at the wall clock's last full five.
    /// </summary>
    public const int MaxTicks = 330;

    /// <summary>A block with fewer ticks is not ended by the wall clock: it would be mostly key frame.</summary>
    public const int MinTicks = 30;

    /// <summary>Blocks end at full five minutes of the wall clock.</summary>
    public const long SpanMs = 300_000;

    private readonly byte[][] _payloads = new byte[MaxTicks][];
    private readonly long[] _numbers = new long[MaxTicks];
    private IReadOnlyDictionary<int, SeriesDefinition> _series = new Dictionary<int, SeriesDefinition>();
    private int _count;
    private EncodedBlock? _encoded;

    public long Number { get; } = number;

    public long Run { get; } = run;

    public long IntervalMs { get; } = intervalMs;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Ticks of it that are in the tail.</summary>
    public int Written { get; set; }

    public long FirstUnixMs { get; private set; }

    public long LastUnixMs { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Adds a tick.</summary>
    /// <param name="number">Its number in the store.</param>
    /// <param name="payload">As the tail has it.</param>
    /// <param name="unixMs">Its wall-clock label.</param>
    /// <param name="series">What the numbers in it, and in all ticks before it, stand for.</param>
    public void Add(long number, byte[] payload, long unixMs, IReadOnlyDictionary<int, SeriesDefinition> series)
    {
        FirstUnixMs = _count == 0 ? unixMs : FirstUnixMs;
        LastUnixMs = unixMs;
        Bytes += payload.Length;
        _payloads[_count] = payload;
        _numbers[_count] = number;
        _series = series;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>True when a tick at a time belongs to the next block.</summary>
    public bool EndsBefore(long unixMs) => _count == MaxTicks || Bytes >= Envelope.MaxBlockBytes
        || (_count >= MinTicks && TimeMath.Floor(unixMs, SpanMs) != TimeMath.Floor(LastUnixMs, SpanMs));

    /// <summary>A tick for the tail.</summary>
    public TailTick Tick(int index) => new(_numbers[index], _payloads[index]);

    /// <summary>
    /// The block of the ticks so far, to be read like one on disk; <c>null</c> when there are none. The same answer is
    /// given until a tick is added. Whoever asks, with a view however old, gets the series of every tick in it: the
    /// answer is kept for all others, and in the end for the disk.
    /// </summary>
    public EncodedBlock? Encode()
    {
        var count = Count;
        if (count == 0)
        {
            return null;
        }

        var encoded = Volatile.Read(ref _encoded);
        if (encoded is null || encoded.Header.Ticks != count)
        {
            encoded = BlockBuilder.Build(new BlockTicks(Number, IntervalMs, _payloads.AsMemory(0, count), _series));
            Volatile.Write(ref _encoded, encoded);
        }

        return encoded;
    }
}
