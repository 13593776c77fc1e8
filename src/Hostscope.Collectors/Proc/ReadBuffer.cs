namespace Hostscope.Collectors.Proc;

/// <summary>
/// Bytes of one file, kept from tick to tick. Grows to what the largest file so far needed and never past its bound.
/// One is shared by all collectors of a thread: each parses what it read before the next one reads.
/// </summary>
internal sealed class ReadBuffer
{
    /// <summary>
    /// The largest file read whole. /proc/stat of 4,096 CPUs is 400 KB and /proc/self/mountinfo of 4,000 mounts 500 KB;
    /// a file beyond this is not one of those and would only cost memory.
    /// </summary>
    public const int DefaultMaxBytes = 1 << 20;

    /// <summary>Holds every file of an ordinary machine, so that most buffers never grow.</summary>
    private const int InitialBytes = 16 << 10;

    private readonly int _maxBytes;
    private byte[] _bytes;

    /// <summary>Makes a buffer.</summary>
    /// <param name="maxBytes">Longest content it takes, bytes.</param>
    public ReadBuffer(int maxBytes = DefaultMaxBytes)
    {
        _maxBytes = maxBytes;
        _bytes = new byte[Math.Min(InitialBytes, Capacity(maxBytes))];
    }

    /// <summary>What was read last; valid until the next read into this buffer.</summary>
    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, Length);

    /// <summary>Length of <see cref="Content"/>, bytes.</summary>
    public int Length { get; private set; }

    internal Span<byte> Free => _bytes.AsSpan(Length);

    internal void Clear() => Length = 0;

    internal void Advance(int count) => Length += count;

    /// <summary>Makes room for more; false when the bound is reached, that is when there is a byte past it.</summary>
    internal bool Grow()
    {
        if (Length > _maxBytes)
        {
            return false;
        }

        Array.Resize(ref _bytes, (int)Math.Min(Capacity(_maxBytes), (long)_bytes.Length * 2));
        return true;
    }

    /// <summary>One byte to spare tells a file that just fits from one that does not.</summary>
    private static int Capacity(int maxBytes) => checked(maxBytes + 1);
}
