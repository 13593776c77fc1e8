using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Hostscope.Collectors.Proc;

/// <summary>
/// What a collector keeps for each device, found by the device's name as the kernel wrote it, without making a string.
/// Devices that were not seen in a tick are dropped at its end, so that the table is never larger than the machine.
/// </summary>
/// <typeparam name="T">What is kept: usually the cells of the device's series.</typeparam>
internal sealed class NameTable<T>
    where T : class
{
    /// <summary>
    /// Most devices of a kind. A server with 500 disks and their multipaths has 2,000; past it more are skipped.
    /// </summary>
    public const int MaxNames = 4096;

    private readonly Dictionary<byte[], Slot> _slots;
    private readonly Dictionary<byte[], Slot>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Func<string, T> _make;
    private long _tick;
    private int _seen;

    /// <summary>Makes an empty table.</summary>
    /// <param name="make">Makes what is kept for a name that is seen for the first time.</param>
    public NameTable(Func<string, T> make)
    {
        _make = make;
        _slots = new Dictionary<byte[], Slot>(NameComparer.Instance);
        _lookup = _slots.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Number of names now.</summary>
    public int Count => _slots.Count;

    /// <summary>Starts a tick.</summary>
    public void Begin()
    {
        _tick++;
        _seen = 0;
    }

    /// <summary>What is kept for a name, made when it is new; false when the table is full.</summary>
    public bool See(ReadOnlySpan<byte> name, [NotNullWhen(true)] out T? value)
    {
        if (!_lookup.TryGetValue(name, out var slot))
        {
            if (_slots.Count >= MaxNames)
            {
                value = null;
                return false;
            }

            slot = new Slot(_make(Encoding.UTF8.GetString(name)));
            _slots.Add(name.ToArray(), slot);
        }

        if (slot.SeenAtTick != _tick)
        {
            slot.SeenAtTick = _tick;
            _seen++;
        }

        value = slot.Value;
        return true;
    }

    /// <summary>
    /// As <see cref="See"/>, but also false for a name that was seen in this tick already: what a file says twice would
    /// drop and make again all that belongs to the name, as often as it is said.
    /// </summary>
    public bool SeeOnce(ReadOnlySpan<byte> name, [NotNullWhen(true)] out T? value)
    {
        var before = _seen;
        return See(name, out value) && _seen != before;
    }

    /// <summary>Ends a tick: drops what was not seen in it. Allocates only when something is dropped.</summary>
    public void End()
    {
        if (_seen == _slots.Count)
        {
            return;
        }

        foreach (var name in _slots.Where(pair => pair.Value.SeenAtTick != _tick).Select(pair => pair.Key).ToList())
        {
            _slots.Remove(name);
        }
    }

    private sealed class Slot(T value)
    {
        public T Value { get; } = value;

        public long SeenAtTick { get; set; } = -1;
    }
}

/// <summary>Compares names by their bytes; the same hash for an array and for a span.</summary>
internal sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>The one comparer.</summary>
    public static readonly NameComparer Instance = new();

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc/>
    public int GetHashCode(byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = default(HashCode);
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
