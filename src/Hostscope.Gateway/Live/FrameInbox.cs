using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>
/// Where the publishing thread leaves frames for the encoder: one writer, one reader, no lock, so that the sampler
/// never waits, not even for a copy. Frames are swapped out, not copied a second time.
/// </summary>
internal sealed class FrameInbox
{
    /// <summary>
    /// Frames that may wait: 1.6 s at the fastest interval. An encoder takes well under a millisecond; when it is that
    /// far behind, the machine is starved, and a frame is lost and counted rather than memory taken.
    /// </summary>
    public const int Capacity = 16;

    private readonly Frame[] _slots = new Frame[Capacity];
    private long _written;
    private long _taken;

    public FrameInbox()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _slots[i] = new Frame();
        }
    }

    /// <summary>Copies a frame in; false when the inbox is full. The publishing thread only.</summary>
    public bool TryAdd(Frame frame)
    {
        if (_written - Volatile.Read(ref _taken) == Capacity)
        {
            return false;
        }

        _slots[_written % Capacity].CopyFrom(frame);
        Volatile.Write(ref _written, _written + 1);
        return true;
    }

    /// <summary>Exchanges the oldest frame for a spare one; false when there is none. The encoder only.</summary>
    public bool TryTake(ref Frame spare)
    {
        if (IsEmpty)
        {
            return false;
        }

        (_slots[_taken % Capacity], spare) = (spare, _slots[_taken % Capacity]);
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    /// <summary>Whether nothing waits. The encoder only.</summary>
    public bool IsEmpty => _taken == Volatile.Read(ref _written);
}
