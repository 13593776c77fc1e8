using Hostscope.Model;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// Rows of the process table. Numbers: user, system, rss, written, read, state, threads, major faults, priority, nice.
/// Facts: pid, start, parent (zigzag distances to the last), name, arguments, user, cgroup (texts), user id (zigzag),
/// flags (bit 0 thread of the kernel).
/// </summary>
internal readonly struct ProcessShape : IRowShape<ProcessSample>
{
    private static readonly ProcessSample First = new()
    {
        Info = new ProcessInfo { Pid = 0, StartTicks = 0, Name = "" },
        State = 'S',
        Priority = 20,
        Threads = 1,
    };

    public static ProcessSample Origin => First;

    public static int Fields => 10;

    public static long Get(in ProcessSample row, int field) => field switch
    {
        0 => row.UserTicks,
        1 => row.SystemTicks,
        2 => row.RssBytes,
        3 => row.WriteBytes,
        4 => row.ReadBytes,
        5 => row.State,
        6 => row.Threads,
        7 => row.MajorFaults,
        8 => row.Priority,
        _ => row.Nice,
    };

    public static bool Set(ref ProcessSample row, int field, long value)
    {
        switch (field)
        {
            case 0: row.UserTicks = value; return true;
            case 1: row.SystemTicks = value; return true;
            case 2: row.RssBytes = value; return true;
            case 3: row.WriteBytes = value; return true;
            case 4: row.ReadBytes = value; return true;
            case 5: row.State = (char)value; return row.State == value;
            case 6: row.Threads = (int)value; return row.Threads == value;
            case 7: row.MajorFaults = value; return true;
            case 8: row.Priority = (int)value; return row.Priority == value;
            default: row.Nice = (int)value; return row.Nice == value;
        }
    }

    public static int Compare(in ProcessSample a, in ProcessSample b) => a.Info.Pid.CompareTo(b.Info.Pid);

    public static bool IsSame(in ProcessSample a, in ProcessSample b) =>
        a.Info.Pid == b.Info.Pid && a.Info.StartTicks == b.Info.StartTicks;

    public static bool HasSameFacts(in ProcessSample a, in ProcessSample b) =>
        ReferenceEquals(a.Info, b.Info) || a.Info == b.Info;

    public static void WriteFacts(
        ByteWriter writer, TextWriterTable texts, in ProcessSample row, in ProcessSample last)
    {
        var info = row.Info;
        writer.ZigZag((long)info.Pid - last.Info.Pid);
        writer.ZigZag(unchecked(info.StartTicks - last.Info.StartTicks));
        writer.ZigZag((long)info.ParentPid - last.Info.ParentPid);
        texts.Write(writer, info.Name);
        texts.Write(writer, info.Arguments);
        writer.ZigZag(info.UserId);
        texts.Write(writer, info.User);
        texts.Write(writer, info.Cgroup);
        writer.Byte(info.IsKernelThread ? (byte)1 : (byte)0);
    }

    public static void ReadFacts(
        ref ByteReader reader, TextReaderTable texts, ref ProcessSample row, in ProcessSample last)
    {
        var before = last.Info;
        row.Info = new ProcessInfo
        {
            Pid = (int)(before.Pid + reader.ZigZag()),
            StartTicks = unchecked(before.StartTicks + reader.ZigZag()),
            ParentPid = (int)(before.ParentPid + reader.ZigZag()),
            Name = texts.Read(ref reader) ?? "",
            Arguments = texts.Read(ref reader),
            UserId = (int)reader.ZigZag(),
            User = texts.Read(ref reader),
            Cgroup = texts.Read(ref reader),
            IsKernelThread = reader.Byte() != 0,
        };
    }
}

/// <summary>
/// Rows of the cgroup table. Numbers: CPU usage, user, system, memory, I/O stall, CPU stall, memory stall, written,
/// read, tasks, throttled, memory limit, CPU limit, OOM kills. Facts: path, name (texts), kind (byte).
/// </summary>
internal readonly struct CgroupShape : IRowShape<CgroupSample>
{
    private static readonly CgroupSample First = default(CgroupSample) with
    {
        Info = new CgroupInfo("", "", CgroupKind.Group),
    };

    public static CgroupSample Origin => First;

    public static int Fields => 14;

    public static long Get(in CgroupSample row, int field) => field switch
    {
        0 => row.CpuUsageUs,
        1 => row.CpuUserUs,
        2 => row.CpuSystemUs,
        3 => row.MemoryBytes,
        4 => row.IoStallUs,
        5 => row.CpuStallUs,
        6 => row.MemoryStallUs,
        7 => row.WriteBytes,
        8 => row.ReadBytes,
        9 => row.Tasks,
        10 => row.ThrottledUs,
        11 => row.MemoryLimitBytes,
        12 => row.CpuLimitMilli,
        _ => row.OomKills,
    };

    public static bool Set(ref CgroupSample row, int field, long value)
    {
        switch (field)
        {
            case 0: row.CpuUsageUs = value; break;
            case 1: row.CpuUserUs = value; break;
            case 2: row.CpuSystemUs = value; break;
            case 3: row.MemoryBytes = value; break;
            case 4: row.IoStallUs = value; break;
            case 5: row.CpuStallUs = value; break;
            case 6: row.MemoryStallUs = value; break;
            case 7: row.WriteBytes = value; break;
            case 8: row.ReadBytes = value; break;
            case 9: row.Tasks = value; break;
            case 10: row.ThrottledUs = value; break;
            case 11: row.MemoryLimitBytes = value; break;
            case 12: row.CpuLimitMilli = value; break;
            default: row.OomKills = value; break;
        }

        return true;
    }

    public static int Compare(in CgroupSample a, in CgroupSample b) => string.CompareOrdinal(a.Info.Path, b.Info.Path);

    public static bool IsSame(in CgroupSample a, in CgroupSample b) =>
        string.Equals(a.Info.Path, b.Info.Path, StringComparison.Ordinal);

    public static bool HasSameFacts(in CgroupSample a, in CgroupSample b) =>
        ReferenceEquals(a.Info, b.Info) || a.Info == b.Info;

    public static void WriteFacts(ByteWriter writer, TextWriterTable texts, in CgroupSample row, in CgroupSample last)
    {
        texts.Write(writer, row.Info.Path);
        texts.Write(writer, row.Info.Name);
        writer.Byte((byte)row.Info.Kind);
    }

    public static void ReadFacts(
        ref ByteReader reader, TextReaderTable texts, ref CgroupSample row, in CgroupSample last)
    {
        row.Info = new CgroupInfo(
            texts.Read(ref reader) ?? "", texts.Read(ref reader) ?? "", (CgroupKind)reader.Byte());
    }
}
