using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>What the process table takes from /proc/PID/stat.</summary>
/// <remarks>
/// Documentation/filesystems/proc.rst, table "Contents of the stat fields":
/// <code>
/// 9238 (bash) S 9237 9238 9238 0 -1 4194560 3565 51302 0 8 0 2 30 8 20 0 1 0 118899 5128192 931 1844674407370955...
/// 77 (a) R 1 (b) R 9237 77 9238 0 -1 4194560 35 0 0 0 0 0 0 0 39 19 1 0 118899 5128192 931 ...
/// </code>
/// The name is what the process says of itself: any bytes but NUL, parentheses, blanks and newlines among them. It ends
/// at the last <c>)</c> of the file, since only numbers follow.
/// </remarks>
internal readonly ref struct ProcessStat
{
    /// <summary>PF_WQ_WORKER: a worker of a work queue, whose name here tells what it works on.</summary>
    private const ulong WorkerFlag = 0x20;

    /// <summary>PF_FORKNOEXEC: forked, and still running the program of its parent.</summary>
    private const ulong ForkedFlag = 0x40;

    /// <summary>PF_KTHREAD.</summary>
    private const ulong KernelThreadFlag = 0x200000;

    /// <summary>Command name, raw bytes of the process's choice.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>State letter.</summary>
    public char State { get; private init; }

    /// <summary>Parent process id; 0 for none.</summary>
    public int ParentPid { get; private init; }

    /// <summary>True for a thread of the kernel.</summary>
    public bool IsKernelThread { get; private init; }

    /// <summary>True between fork and exec.</summary>
    public bool IsForked { get; private init; }

    /// <summary>Major page faults.</summary>
    public long MajorFaults { get; private init; }

    /// <summary>CPU time in user mode, USER_HZ ticks.</summary>
    public long UserTicks { get; private init; }

    /// <summary>CPU time in kernel mode, USER_HZ ticks.</summary>
    public long SystemTicks { get; private init; }

    /// <summary>Priority as the kernel gives it.</summary>
    public int Priority { get; private init; }

    /// <summary>Nice value.</summary>
    public int Nice { get; private init; }

    /// <summary>Threads.</summary>
    public int Threads { get; private init; }

    /// <summary>Start time, USER_HZ ticks since boot.</summary>
    public long StartTicks { get; private init; }

    /// <summary>Resident memory, pages.</summary>
    public long RssPages { get; private init; }

    /// <summary>Reads the file; false when it is not as documented, or cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessStat stat)
    {
        stat = default;
        var open = text.IndexOf((byte)'(');
        var close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open || text[^1] != '\n')
        {
            return false;
        }

        var words = new Words(text[(close + 1)..^1]);
        if (!words.Next(out var state) || state.Length != 1
            || !NextInt(ref words, out var parent)
            || !words.Skip(4) || !words.NextRaw(out var flags)
            || !words.Skip(2) || !words.NextRaw(out var majorFaults)
            || !words.Skip(1) || !words.NextRaw(out var user) || !words.NextRaw(out var system)
            || !words.Skip(2) || !NextInt(ref words, out var priority) || !NextInt(ref words, out var nice)
            || !NextInt(ref words, out var threads)
            || !words.Skip(1) || !words.NextRaw(out var start)
            || !words.Skip(1) || !words.NextRaw(out var rss) || start == Frame.Absent)
        {
            return false;
        }

        var isKernelThread = ((ulong)flags & KernelThreadFlag) != 0;
        stat = new ProcessStat
        {
            Name = NameOf(text[(open + 1)..close], isKernelThread && ((ulong)flags & WorkerFlag) != 0),
            State = (char)state[0],
            ParentPid = parent,
            IsKernelThread = isKernelThread,
            IsForked = !isKernelThread && ((ulong)flags & ForkedFlag) != 0,
            MajorFaults = majorFaults,
            UserTicks = user,
            SystemTicks = system,
            Priority = priority,
            Nice = nice,
            Threads = threads,
            StartTicks = start,
            RssPages = rss,
        };
        return true;
    }

    /// <summary>
    /// A worker of the kernel is called <c>kworker/0:1</c>; behind it, after <c>-</c> or <c>+</c>, stands what it did
    /// last or does now, another word each second. That is no name, and would make the worker another thing each time.
    /// A rescuer (<c>kworker/R-kblockd</c>) has its queue for a name.
    /// </summary>
    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> name, bool isWorker)
    {
        if (!isWorker || !name.StartsWith("kworker/"u8) || name.StartsWith("kworker/R-"u8))
        {
            return name;
        }

        var end = name.IndexOfAny((byte)'-', (byte)'+');
        return end < 0 ? name : name[..end];
    }

    private static bool NextInt(ref Words words, out int value)
    {
        value = 0;
        if (!words.Next(out var word) || Fields.Int64(word, out var number) == NumberStatus.Malformed)
        {
            return false;
        }

        value = (int)Math.Clamp(number, int.MinValue, int.MaxValue);
        return true;
    }
}
