using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>One tick: its frame, and the tables that were scanned in it.</summary>
internal sealed class Snapshot
{
    /// <summary>The frame; its sequence is 0 before the first tick.</summary>
    public Frame Frame { get; } = new();

    /// <summary>The processes, if <see cref="HasProcesses"/>.</summary>
    public ProcessTable Processes { get; } = new();

    /// <summary>The cgroups, if <see cref="HasCgroups"/>.</summary>
    public CgroupTable Cgroups { get; } = new();

    /// <summary>Whether processes were scanned in this tick.</summary>
    public bool HasProcesses { get; set; }

    /// <summary>Whether cgroups were scanned in this tick.</summary>
    public bool HasCgroups { get; set; }
}

/// <summary>
/// Hands the newest tick from the publishing thread to whoever wants it, without either waiting for the other: three
/// snapshots, one that is being written, the newest complete one, and one that is being read.
/// </summary>
internal sealed class SnapshotBox
{
    private readonly Lock _lock = new();
    private Snapshot _written = new();
    private Snapshot _newest = new();
    private bool _isFresh;

    /// <summary>What the publishing thread writes into.</summary>
    public Snapshot Written => _written;

    /// <summary>Makes what was written the newest. The publishing thread only.</summary>
    public void Publish()
    {
        lock (_lock)
        {
            (_written, _newest) = (_newest, _written);
            _isFresh = true;
        }

        _written.HasProcesses = _written.HasCgroups = false;
    }

    /// <summary>
    /// Exchanges what was read for the newest; false when there is nothing newer. One reader at a time.
    /// </summary>
    public bool TryTake(ref Snapshot read)
    {
        lock (_lock)
        {
            if (!_isFresh)
            {
                return false;
            }

            (read, _newest) = (_newest, read);
            _isFresh = false;
            return true;
        }
    }
}
