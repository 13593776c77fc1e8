using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>What the scanner remembers of a process from scan to scan.</summary>
internal sealed class ProcessEntry(int pid, long startTicks)
{
    /// <summary>Descriptor of its stat, or <see cref="ProcessFiles.NotKept"/>.</summary>
    public int StatDescriptor = ProcessFiles.NotKept;

    /// <summary>Descriptor of its io, or <see cref="ProcessFiles.NotKept"/>.</summary>
    public int IoDescriptor = ProcessFiles.NotKept;

    private byte[] _name = [];
    private SteadyCount _user;
    private SteadyCount _system;
    private SteadyCount _read;
    private SteadyCount _written;
    private SteadyCount _majorFaults;

    /// <summary>Process id.</summary>
    public int Pid { get; } = pid;

    /// <summary>Start time, USER_HZ ticks since boot: with the id, the identity of the process.</summary>
    public long StartTicks { get; } = startTicks;

    /// <summary>What seldom changes, as of the last look.</summary>
    public ProcessInfo? Info { get; set; }

    /// <summary>Whether it had yet to run a program of its own when it was seen last.</summary>
    public bool IsForked { get; set; }

    /// <summary>Tick from which user and cgroup are looked at again.</summary>
    public long CheckAtTick { get; set; }

    /// <summary>Tick from which its io is tried again, after it was refused.</summary>
    public long IoAtTick { get; set; }

    /// <summary>
    /// Pages to add to the resident memory of stat: what it left out at the last look (see <see cref="ProcessStatm"/>).
    /// </summary>
    public long RssCorrection { get; set; }

    /// <summary>True while its io is refused.</summary>
    public bool IsIoDenied { get; set; }

    /// <summary>Takes out of a row what may only be the flicker of a counter.</summary>
    public void Steady(ref ProcessSample row)
    {
        row.UserTicks = _user.Take(row.UserTicks);
        row.SystemTicks = _system.Take(row.SystemTicks);
        row.ReadBytes = _read.Take(row.ReadBytes);
        row.WriteBytes = _written.Take(row.WriteBytes);
        row.MajorFaults = _majorFaults.Take(row.MajorFaults);
    }

    /// <summary>Whether a raw name is the one seen last.</summary>
    public bool HasName(ReadOnlySpan<byte> name) => name.SequenceEqual(_name);

    /// <summary>Remembers a raw name.</summary>
    public void SetName(ReadOnlySpan<byte> name) => _name = name.ToArray();
}
