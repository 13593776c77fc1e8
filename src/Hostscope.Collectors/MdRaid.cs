using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Software RAID: state, size, disks and rebuilding of each array, from /proc/mdstat.</summary>
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
                array?.Begin(members);
            }
            else if (line.IsEmpty)
            {
                array?.End();
                array = null;
            }
            else if (ParseSize(line, out var blocks, out var required, out var active))
            {
                array?.SetSize(blocks, required, active);
            }
            else if (ParseSync(line, out var sync))
            {
                array?.SetSync(sync);
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
            members.HasNoSpareParts |= word.SequenceEqual("raid0"u8) || word.SequenceEqual("linear"u8);
            if (word.IndexOf((byte)'[') > 0)
            {
                members.All++;
                members.Failed += word.EndsWith("(F)"u8) ? 1 : 0;
                members.Spare += word.EndsWith("(S)"u8) ? 1 : 0;
            }
        }

        return true;
    }

    /// <summary>
    /// Reads the second line of an array: its size, and how many disks it wants and has where it says so,
    /// <c>[2/1]</c>; raid0 and linear do not.
    /// </summary>
    internal static bool ParseSize(ReadOnlySpan<byte> line, out long blocks, out long required, out long active)
    {
        blocks = required = active = Frame.Absent;
        var words = new Words(line);
        if (line.IsEmpty || line[0] != ' ' || !words.Next(out var size) || !words.Next(out var unit)
            || !unit.SequenceEqual("blocks"u8) || !Fields.TryRaw(size, out blocks))
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

        return true;
    }

    /// <summary>
    /// Reads what is going on: <c>recovery = 16.2% (17014/104320) finish=1.2min speed=9000K/sec</c>. Of
    /// <c>resync=DELAYED</c>, <c>PENDING</c> and <c>REMOTE</c> nothing is done yet.
    /// </summary>
    internal static bool ParseSync(ReadOnlySpan<byte> line, out Sync sync)
    {
        sync = new Sync { Progress = Frame.Absent, DoneBlocks = Frame.Absent, SpeedKiB = Frame.Absent };
        var words = new Words(line);
        while (words.Next(out var word))
        {
            var equals = word.IndexOf((byte)'=');
            if (!ActionOf(equals < 0 ? word : word[..equals], ref sync.Action))
            {
                continue;
            }

            if (equals >= 0 && word.Length > equals + 1)
            {
                sync.Progress = sync.DoneBlocks = 0;
                var state = word[(equals + 1)..];
                return state.SequenceEqual("DELAYED"u8) || state.SequenceEqual("PENDING"u8)
                    || state.SequenceEqual("REMOTE"u8);
            }

            return (equals >= 0 || (words.Next(out var sign) && sign.SequenceEqual("="u8)))
                && words.Next(out var percent) && percent.EndsWith("%"u8)
                && Fields.FixedPoint(percent[..^1], 1, out sync.Progress) == NumberStatus.Ok
                && ParseDone(ref words, ref sync);
        }

        return false;
    }

    /// <summary>Reads the rest: <c>(17014/104320) finish=1.2min speed=9000K/sec</c>.</summary>
    private static bool ParseDone(ref Words words, ref Sync sync)
    {
        if (!words.Next(out var done) || done.IndexOf((byte)'/') is var slash && (slash < 2 || done[0] != '(')
            || !Fields.TryRaw(done[1..slash], out sync.DoneBlocks))
        {
            return false;
        }

        while (words.Next(out var word))
        {
            if (word.StartsWith("speed="u8) && word.EndsWith("K/sec"u8))
            {
                return Fields.TryRaw(word["speed=".Length..^"K/sec".Length], out sync.SpeedKiB);
            }
        }

        return true;
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

        /// <summary>Whether it can do without none of its disks: it runs with all of them, or not at all.</summary>
        public bool HasNoSpareParts;

        public int All;
        public int Failed;
        public int Spare;
    }

    /// <summary>What is going on in an array; <see cref="Frame.Absent"/> for what the line does not tell.</summary>
    internal struct Sync
    {
        public SyncAction Action;

        /// <summary>Thousandths.</summary>
        public long Progress;

        /// <summary>KiB of each disk.</summary>
        public long DoneBlocks;

        /// <summary>KiB a second.</summary>
        public long SpeedKiB;
    }

    /// <summary>
    /// One array. What follows from all of its lines is set at its end, so that a text which stops after the second
    /// line does not make an array that is being rebuilt a sound one.
    /// </summary>
    private sealed class Array(FrameBuilder builder, string name)
    {
        private const int Active = 0;
        private const int Inactive = 1;
        private const int FirstOfSync = 2;

        private static readonly string[] Actions = ["recovery", "resync", "check", "reshape"];

        private readonly SeriesCell[] _states = System.Array.ConvertAll(
            (string[])["active", "inactive", "recovering", "resync", "check", "reshape"],
            state => builder.Define(Metrics.RaidState, name, state));

        private readonly SeriesCell _required = builder.Define(Metrics.RaidDisks, name, "required");
        private readonly SeriesCell _present = builder.Define(Metrics.RaidDisks, name, "active");
        private readonly SeriesCell _failed = builder.Define(Metrics.RaidDisks, name, "failed");
        private readonly SeriesCell _spare = builder.Define(Metrics.RaidDisks, name, "spare");
        private readonly SeriesCell _size = builder.Define(Metrics.RaidSize, name);
        private readonly SeriesCell _synced = builder.Define(Metrics.RaidSynced, name);

        private readonly SeriesCell[] _progress = System.Array.ConvertAll(
            Actions, action => builder.Define(Metrics.RaidSync, name, action));

        private readonly SeriesCell[] _speed = System.Array.ConvertAll(
            Actions, action => builder.Define(Metrics.RaidSyncSpeed, name, action));

        private Members _members;
        private int _state;
        private long _blocks;
        private long _synchronized;

        public void Begin(in Members members)
        {
            _members = members;
            _state = members.IsActive ? Active : Inactive;
            _blocks = _synchronized = Frame.Absent;
            _failed.Set(members.Failed);
            _spare.Set(members.Spare);
        }

        public void SetSize(long blocks, long required, long active)
        {
            _blocks = _synchronized = Fields.Times(blocks, 1024);
            _size.Set(_blocks);
            if (required != Frame.Absent)
            {
                _required.Set(required);
                _present.Set(active);
            }
            else if (!_members.IsActive)
            {
                _present.Set(0);
            }
            else if (_members.HasNoSpareParts)
            {
                _required.Set(_members.All);
                _present.Set(_members.All);
            }
        }

        public void SetSync(in Sync sync)
        {
            _state = FirstOfSync + (int)sync.Action;
            if (sync.Action != SyncAction.Reshape)
            {
                // An array that is being reshaped is in sync throughout.
                _synchronized = Fields.Times(sync.DoneBlocks, 1024);
            }

            _progress[(int)sync.Action].Set(sync.Progress);
            _speed[(int)sync.Action].Set(Fields.Times(sync.SpeedKiB, 1024));
        }

        public void End()
        {
            for (var i = 0; i < _states.Length; i++)
            {
                _states[i].Set(i == _state ? 1 : 0);
            }

            _synced.Set(_synchronized);
        }
    }
}
