using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>The tables of a tick, where somebody wanted them.</summary>
internal sealed class TickTables
{
    public ProcessTable Processes = new();
    public CgroupTable Cgroups = new();

    public bool HasProcesses { get; set; }

    public bool HasCgroups { get; set; }

    /// <summary>The next one on the stack of those that are free.</summary>
    public TickTables? NextFree { get; set; }
}

/// <summary>
/// Where the publishing thread leaves ticks for the encoder: one writer, one reader, no lock, so that the sampler
/// never waits, not even for a copy. Frames are swapped out, tables handed over and given back: nothing is copied
/// twice.
/// </summary>
internal sealed class TickInbox
{
    /// <summary>
    /// Frames that may wait: 1.6 s at the fastest interval. An encoder takes well under a millisecond; when it is that
    /// far behind, the machine is starved, and a frame is lost and counted rather than memory taken.
    /// </summary>
    public const int Capacity = 16;

    /// <summary>
    /// Tables that may wait. Fewer than frames, as one of 50,000 processes has 5 MB; a tick whose table finds no place
    /// goes without, and viewers get the next one.
    /// </summary>
    public const int TableCapacity = 4;

    private readonly Frame[] _frames = new Frame[Capacity];
    private readonly TickTables?[] _tables = new TickTables?[Capacity];
    private TickTables? _free;
    private TickTables? _pending;
    private int _tablesMade;
    private long _written;
    private long _taken;

    public TickInbox()
    {
        for (var i = 0; i < Capacity; i++)
        {
            _frames[i] = new Frame();
        }
    }

    /// <summary>Copies the processes of the tick in whose frame comes next. The publishing thread only.</summary>
    public void Add(ProcessTable processes)
    {
        if (Pending() is { } tables)
        {
            tables.Processes.CopyFrom(processes);
            tables.HasProcesses = true;
        }
    }

    /// <summary>Copies the cgroups of the tick in whose frame comes next. The publishing thread only.</summary>
    public void Add(CgroupTable cgroups)
    {
        if (Pending() is { } tables)
        {
            tables.Cgroups.CopyFrom(cgroups);
            tables.HasCgroups = true;
        }
    }

    /// <summary>
    /// Copies a frame in, and with it the tick is complete; false when the inbox is full, and the tick is dropped. The
    /// publishing thread only.
    /// </summary>
    public bool TryAdd(Frame frame)
    {
        if (_written - Volatile.Read(ref _taken) == Capacity)
        {
            if (_pending is not null)
            {
                _pending.HasProcesses = false;
                _pending.HasCgroups = false;
            }

            return false;
        }

        _frames[_written % Capacity].CopyFrom(frame);
        _tables[_written % Capacity] = _pending;
        _pending = null;
        Volatile.Write(ref _written, _written + 1);
        return true;
    }

    /// <summary>
    /// Exchanges the oldest frame for a spare one and gives the tables of its tick, which are to be given
    /// <see cref="Back"/>; false when there is none. The encoder only.
    /// </summary>
    public bool TryTake(ref Frame spare, out TickTables? tables)
    {
        tables = null;
        if (IsEmpty)
        {
            return false;
        }

        var slot = _taken % Capacity;
        (_frames[slot], spare) = (spare, _frames[slot]);
        (_tables[slot], tables) = (null, _tables[slot]);
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    /// <summary>Gives tables back, to be filled again. The encoder only.</summary>
    public void Back(TickTables tables)
    {
        tables.HasProcesses = false;
        tables.HasCgroups = false;
        do
        {
            tables.NextFree = Volatile.Read(ref _free);
        }
        while (Interlocked.CompareExchange(ref _free, tables, tables.NextFree) != tables.NextFree);
    }

    /// <summary>Whether nothing waits. The encoder only.</summary>
    public bool IsEmpty => _taken == Volatile.Read(ref _written);

    /// <summary>
    /// The tables of the tick that is coming in: those used last, so that in the common case, in which the encoder
    /// keeps up, only one set of them has grown. Only this thread takes from the stack, so the first one cannot be
    /// taken and put back by others between the look and the exchange.
    /// </summary>
    private TickTables? Pending()
    {
        while (_pending is null && Volatile.Read(ref _free) is { } first)
        {
            if (Interlocked.CompareExchange(ref _free, first.NextFree, first) == first)
            {
                _pending = first;
            }
        }

        if (_pending is null && _tablesMade < TableCapacity)
        {
            _tablesMade++;
            _pending = new TickTables();
        }

        return _pending;
    }
}
