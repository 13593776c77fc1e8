using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Software RAID: state, disks and rebuilding of each array, from /proc/mdstat.</summary>
internal sealed class MdRaid : ICollector
{
    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("This machine has no software RAID (the kernel's md driver is not loaded).");

    private readonly CollectorContext _context;
    private readonly ProcFile _mdstat;
    private readonly NameTable<Array> _arrays;

    public MdRaid(CollectorContext context)
    {
        _context = context;
        _mdstat = context.OpenProc("mdstat");
        _arrays = new(name => new Array(context.Builder, name));
    }

    /// <inheritdoc/>
    public string Name => "mdraid";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _mdstat.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return read.Status == ReadStatus.Missing ? NotHere : _mdstat.Failure(read);
        }

        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        Array? array = null;
        _arrays.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (lines.IsCut)
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (ParseArray(line, out var name, out var members))
            {
                array = _arrays.See(name, out var seen) ? seen : null;
                array?.Set(members);
            }
            else if (ParseDisks(line, out var required, out var active))
            {
                array?.SetDisks(required, active);
            }
            else if (ParseSync(line, out var action, out var thousandths))
            {
                array?.SetSync(action, thousandths);
            }
        }

        _arrays.End();
        return _mdstat.Understood(badLine);
    }

    /// <summary>Reads the first line of an array.</summary>
    /// <remarks>
    /// drivers/md/md.c, md_seq_show. (F) marks a disk that failed, (S) a spare, (W), (J) and (R) disks in use:
    /// <code>
    /// Personalities : [raid1] [raid6] [raid5] [raid4]
    /// md0 : active raid1 sdb1[1] sda1[0](F) sdc1[2](S)
    ///       104320 blocks super 1.2 [2/1] [_U]
    ///       [===&gt;.................]  recovery = 16.2% (17014/104320) finish=1.2min speed=9000K/sec
    ///
    /// md127 : active (auto-read-only) raid0 sde[1] sdd[0]
    ///       976508928 blocks super 1.2 512k chunks
    ///
    /// unused devices: &lt;none&gt;
    /// </code>
    /// </remarks>
    internal static bool ParseArray(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out Members members)
    {
        members = default;
        var words = new Words(line);
        if (!words.Next(out name) || !name.StartsWith("md"u8) || !words.Next(out var colon)
            || !colon.SequenceEqual(":"u8) || !words.Next(out var state))
        {
            return false;
        }

        members.IsActive = state.SequenceEqual("active"u8);
        while (words.Next(out var word))
        {
            if (word.IndexOf((byte)'[') > 0)
            {
                members.Failed += word.EndsWith("(F)"u8) ? 1 : 0;
                members.Spare += word.EndsWith("(S)"u8) ? 1 : 0;
            }
        }

        return true;
    }

    /// <summary>Reads how many disks an array wants and has: <c>[2/1]</c> in its second line.</summary>
    internal static bool ParseDisks(ReadOnlySpan<byte> line, out long required, out long active)
    {
        required = active = Frame.Absent;
        var words = new Words(line);
        if (line.IsEmpty || line[0] != ' ' || !words.Skip(1) || !words.Next(out var blocks)
            || !blocks.SequenceEqual("blocks"u8))
        {
            return false;
        }

        while (words.Next(out var word))
        {
            var slash = word.IndexOf((byte)'/');
            if (slash > 1 && word[0] == '[' && word[^1] == ']')
            {
                return Fields.TryRaw(word[1..slash], out required) && Fields.TryRaw(word[(slash + 1)..^1], out active);
            }
        }

        return false;
    }

    /// <summary>
    /// Reads what is going on: <c>recovery = 16.2% (...)</c>; <c>resync=DELAYED</c> and <c>PENDING</c> are at 0.
    /// </summary>
    internal static bool ParseSync(ReadOnlySpan<byte> line, out SyncAction action, out long thousandths)
    {
        thousandths = Frame.Absent;
        action = SyncAction.Recovery;
        var words = new Words(line);
        while (words.Next(out var word))
        {
            var equals = word.IndexOf((byte)'=');
            if (ActionOf(equals < 0 ? word : word[..equals], ref action))
            {
                if (equals >= 0 && word.Length > equals + 1)
                {
                    thousandths = 0;
                    return word[(equals + 1)..] is var state
                        && (state.SequenceEqual("DELAYED"u8) || state.SequenceEqual("PENDING"u8));
                }

                return (equals >= 0 || (words.Next(out var sign) && sign.SequenceEqual("="u8)))
                    && words.Next(out var percent) && percent.EndsWith("%"u8)
                    && Fields.FixedPoint(percent[..^1], 1, out thousandths) == NumberStatus.Ok;
            }
        }

        return false;
    }

    private static bool ActionOf(ReadOnlySpan<byte> word, ref SyncAction action)
    {
        SyncAction? found = word switch
        {
            _ when word.SequenceEqual("recovery"u8) => SyncAction.Recovery,
            _ when word.SequenceEqual("resync"u8) => SyncAction.Resync,
            _ when word.SequenceEqual("check"u8) => SyncAction.Check,
            _ when word.SequenceEqual("reshape"u8) => SyncAction.Reshape,
            _ => null,
        };
        action = found ?? action;
        return found is not null;
    }

    /// <summary>What may be going on in an array.</summary>
    internal enum SyncAction
    {
        Recovery,
        Resync,
        Check,
        Reshape,
    }

    /// <summary>What the first line of an array tells.</summary>
    internal struct Members
    {
        public bool IsActive;
        public int Failed;
        public int Spare;
    }

    private sealed class Array(FrameBuilder builder, string name)
    {
        private readonly SeriesCell _active = builder.Define(Metrics.RaidActive, name);
        private readonly SeriesCell _required = builder.Define(Metrics.RaidDisks, name, "required");
        private readonly SeriesCell _present = builder.Define(Metrics.RaidDisks, name, "active");
        private readonly SeriesCell _failed = builder.Define(Metrics.RaidDisks, name, "failed");
        private readonly SeriesCell _spare = builder.Define(Metrics.RaidDisks, name, "spare");
        private readonly SeriesCell[] _sync =
        [
            builder.Define(Metrics.RaidSync, name, "recovery"),
            builder.Define(Metrics.RaidSync, name, "resync"),
            builder.Define(Metrics.RaidSync, name, "check"),
            builder.Define(Metrics.RaidSync, name, "reshape"),
        ];

        public void Set(in Members members)
        {
            _active.Set(members.IsActive ? 1 : 0);
            _failed.Set(members.Failed);
            _spare.Set(members.Spare);
        }

        public void SetDisks(long required, long active)
        {
            _required.Set(required);
            _present.Set(active);
        }

        public void SetSync(SyncAction action, long thousandths) => _sync[(int)action].Set(thousandths);
    }
}
