using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// What seldom changes about a process: read when it is first seen, again when it has run another program, and user and
/// cgroup once in a while. <c>environ</c> is not among the files; it is never opened.
/// </summary>
internal sealed class ProcessFacts
{
    /// <summary>
    /// Ticks between two looks at user and cgroup of a process; the looks are spread over these ticks.
    /// </summary>
    public const int CheckEveryTicks = 30;

    /// <summary>Most paths of cgroups remembered as texts; a host of 500 containers has 2,000 cgroups.</summary>
    public const int MaxCgroups = 8192;

    private readonly ProcessFiles _files;
    private readonly ReadBuffer _buffer;
    private readonly UserNames _users;
    private readonly TextPool _cgroups = new(MaxCgroups);
    private readonly ArgumentMask _mask = new();
    private readonly bool _ownersAreUsers;
    private readonly bool _withArguments;

    /// <summary>Makes it.</summary>
    /// <param name="files">What reads the files of processes.</param>
    /// <param name="context">Roots, files and buffer.</param>
    /// <param name="withArguments">False to never read a command line.</param>
    public ProcessFacts(ProcessFiles files, CollectorContext context, bool withArguments)
    {
        _files = files;
        _buffer = context.Buffer;
        _users = new UserNames(context.Files, context.Roots.Etc, context.Buffer);

        // In a copy of /proc, directories belong to whoever made the copy.
        _ownersAreUsers = context.Roots.IsOwnMachine;
        _withArguments = withArguments;
    }

    /// <summary>Brings the facts of a process up to date. Allocates only when one of them has changed.</summary>
    /// <param name="entry">
    /// The process as it is remembered, its raw name not yet the one of <paramref name="stat"/>.
    /// </param>
    /// <param name="stat">What its stat says; its name points into the buffer, which this overwrites.</param>
    /// <param name="tick">Number of the tick.</param>
    public void Update(ProcessEntry entry, in ProcessStat stat, long tick)
    {
        var info = entry.Info;
        var hasRun = info is null || !entry.HasName(stat.Name) || (entry.IsForked && !stat.IsForked);
        entry.IsForked = stat.IsForked;
        var parent = stat.ParentPid;
        if (!hasRun && tick < entry.CheckAtTick)
        {
            if (info!.ParentPid != parent)
            {
                entry.Info = info with { ParentPid = parent };
            }

            return;
        }

        var isNew = info is null;
        var isKernelThread = stat.IsKernelThread;
        var name = hasRun ? PrintableText.FromUtf8(stat.Name) : info!.Name;
        if (hasRun)
        {
            entry.SetName(stat.Name);
        }

        var arguments = isKernelThread ? "" : hasRun ? ReadArguments(entry.Pid) : info!.Arguments;
        ReadOwner(entry.Pid, tick, out var userId, out var user);
        var cgroup = ReadCgroup(entry.Pid);
        if (isNew || info!.Name != name || info.Arguments != arguments || info.ParentPid != parent
            || info.UserId != userId || info.User != user || info.Cgroup != cgroup)
        {
            entry.Info = new ProcessInfo
            {
                Pid = entry.Pid,
                StartTicks = entry.StartTicks,
                ParentPid = parent,
                Name = name,
                Arguments = arguments,
                UserId = userId,
                User = user,
                Cgroup = cgroup,
                IsKernelThread = isKernelThread,
            };
        }

        if (!isNew && !isKernelThread)
        {
            entry.RssCorrection = ReadRssCorrection(entry.Pid, stat.RssPages);
        }

        // A service changes user and cgroup in its first moments: the second look comes with the next scan. After that
        // each has its own tick of the thirty, whatever tick it was started in.
        entry.CheckAtTick = isNew ? tick + 1 : tick + CheckEveryTicks - ((tick + entry.Pid) % CheckEveryTicks);
    }

    private string? ReadArguments(int pid)
    {
        if (!_withArguments)
        {
            return null;
        }

        var read = _files.ReadHead(pid, "/cmdline\0"u8, ArgumentMask.MaxBytes + 1);
        return read.IsOk ? _mask.Mask(_buffer.Content) : null;
    }

    private void ReadOwner(int pid, long tick, out int userId, out string? user)
    {
        if ((_ownersAreUsers && _files.TryOwner(pid, out var id))
            || (_files.ReadOnce(pid, "/status\0"u8, ReadShape.Whole).IsOk
                && ProcessStatus.TryParseUser(_buffer.Content, out id)))
        {
            userId = unchecked((int)id);
            user = _users.Of(id, tick);
            return;
        }

        userId = -1;
        user = null;
    }

    private long ReadRssCorrection(int pid, long rssPages) =>
        rssPages != Frame.Absent && _files.ReadOnce(pid, "/statm\0"u8, ReadShape.Whole).IsOk
        && ProcessStatm.TryParseResident(_buffer.Content, out var pages)
            ? pages - rssPages
            : 0;

    private string? ReadCgroup(int pid) =>
        _files.ReadOnce(pid, "/cgroup\0"u8, ReadShape.Whole).IsOk
        && ProcessCgroup.TryParse(_buffer.Content, out var path)
            ? _cgroups.Of(path)
            : null;
}
