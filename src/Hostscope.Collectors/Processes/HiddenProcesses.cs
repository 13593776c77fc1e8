using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>What /proc lets a user see of the processes of others: its mount option hidepid.</summary>
internal enum HidePid
{
    /// <summary>The mounts could not be read.</summary>
    Unknown,

    /// <summary>Everything but a few files (hidepid=off, 0): the usual case.</summary>
    Off,

    /// <summary>That they exist, and nothing of them (hidepid=noaccess, 1).</summary>
    NoAccess,

    /// <summary>Nothing at all (hidepid=invisible or ptraceable, 2 or 4).</summary>
    Invisible,
}

/// <summary>
/// Counts the processes that the kernel hides from this user, so that a short table does not pass for a quiet machine.
/// </summary>
internal sealed class HiddenProcesses
{
    /// <summary>Ticks between two looks at the mount options: remounting /proc is a rare act.</summary>
    public const int LookEveryTicks = 60;

    /// <summary>The pid namespace of the machine itself (PROC_PID_INIT_INO).</summary>
    private static ReadOnlySpan<byte> HostNamespace => "pid:[4026531836]"u8;

    private readonly ReadBuffer _buffer;
    private readonly HostFiles _files;
    private readonly ProcFile _mounts;
    private readonly ProcFile _load;
    private readonly byte[] _namespace;
    private long _lookAtTick;
    private long _tick;
    private bool _isHostNamespace;

    /// <summary>Makes it without opening anything.</summary>
    public HiddenProcesses(CollectorContext context)
    {
        _buffer = context.Buffer;
        _files = context.Files;
        var process = context.Roots.IsOwnMachine ? "self" : "1";
        _mounts = context.OpenProc($"{process}/mountinfo");
        _load = context.OpenProc("loadavg", ReadShape.Whole);
        _namespace = HostFiles.PathBytes($"{context.Roots.Proc}/{process}/ns/pid");
    }

    /// <summary>What /proc hides, as of the last look.</summary>
    public HidePid Mode { get; private set; }

    /// <summary>Counts what is hidden.</summary>
    /// <remarks>
    /// With hidepid=noaccess the processes are listed and each refuses: their number is exact. With hidepid=invisible
    /// the kernel tells only how many tasks there are, threads included (/proc/loadavg): the number is that of hidden
    /// tasks. In a pid namespace of our own that number is the host's and says nothing. Whoever sees the first process,
    /// which is root's, sees all of them: privileges and the group of the mount lift hidepid.
    /// </remarks>
    /// <param name="table">The processes that were seen.</param>
    /// <param name="denied">Processes that were listed but could not be read.</param>
    /// <returns>Hidden tasks, or <see cref="Frame.Absent"/> when that cannot be told.</returns>
    public long Count(ProcessTable table, int denied)
    {
        if (_tick++ >= _lookAtTick)
        {
            _lookAtTick = _tick + LookEveryTicks;
            Look();
        }

        if (Mode is not HidePid.Invisible)
        {
            return Mode == HidePid.Unknown && denied == 0 ? Frame.Absent : denied;
        }

        var rows = table.Rows;
        if (rows.Length > 0 && rows[0].Info.Pid == 1)
        {
            return 0;
        }

        if (!_isHostNamespace || !_load.Read(_buffer).IsOk || !TryParseTasks(_buffer.Content, out var tasks))
        {
            return Frame.Absent;
        }

        foreach (ref readonly var row in rows)
        {
            tasks -= row.Threads;
        }

        return Math.Max(0, tasks);
    }

    /// <summary>Finds the option of the proc file system at /proc.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, chapter 4, "Configuring procfs". The options of the file system stand last:
    /// <code>
    /// 22 27 0:21 / /proc rw,relatime shared:12 - proc proc rw,gid=998,hidepid=invisible
    /// 24 26 0:22 / /proc rw,nosuid - proc proc rw,hidepid=2
    /// </code>
    /// Of several mounts at /proc the last one hides the others.
    /// </remarks>
    internal static HidePid ParseMounts(ReadOnlySpan<byte> text)
    {
        var mode = HidePid.Unknown;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var words = new Words(line);
            var end = line.LastIndexOf(" - proc "u8);
            if (end >= 0 && words.Skip(4) && words.Next(out var mountPoint) && mountPoint.SequenceEqual("/proc"u8))
            {
                mode = ParseOptions(line[end..]);
            }
        }

        return mode;
    }

    /// <summary>Reads the number of tasks: the one behind the slash in <c>0.61 0.36 0.18 1/89 10731</c>.</summary>
    internal static bool TryParseTasks(ReadOnlySpan<byte> text, out long tasks)
    {
        tasks = Frame.Absent;
        var words = new Words(Fields.Trim(text));
        if (!words.Skip(3) || !words.Next(out var word))
        {
            return false;
        }

        var slash = word.IndexOf((byte)'/');
        return slash >= 0 && Fields.TryRaw(word[(slash + 1)..], out tasks) && tasks != Frame.Absent;
    }

    private static HidePid ParseOptions(ReadOnlySpan<byte> options)
    {
        var at = options.LastIndexOf("hidepid="u8);
        if (at < 0)
        {
            return HidePid.Off;
        }

        var value = options[(at + "hidepid=".Length)..];
        var end = value.IndexOfAny((byte)',', (byte)' ');
        value = end < 0 ? value : value[..end];
        return value switch
        {
            _ when value.SequenceEqual("0"u8) || value.SequenceEqual("off"u8) => HidePid.Off,
            _ when value.SequenceEqual("1"u8) || value.SequenceEqual("noaccess"u8) => HidePid.NoAccess,
            _ => HidePid.Invisible,
        };
    }

    private void Look()
    {
        Mode = _mounts.Read(_buffer).IsOk ? ParseMounts(_buffer.Content) : HidePid.Unknown;
        if (Mode == HidePid.Invisible)
        {
            Span<byte> target = stackalloc byte[64];
            var length = _files.ReadLink(_namespace, target);
            _isHostNamespace = length > 0 && target[..length].SequenceEqual(HostNamespace);
        }
    }
}
