using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>Moments whose numbers can be checked by head.</summary>
internal static class Moments
{
    public const long UnixMs = 1_763_999_999_000;

    public static readonly ProcessInfo Stress = new()
    {
        Pid = 7,
        StartTicks = 100,
        ParentPid = 1,
        Name = "stress",
        Arguments = "-c 1",
        User = "root",
        Cgroup = "/",
    };

    /// <summary>A load of 0.5; 1.25 CPUs busy; a process that has 0.9 of them, in a cgroup that has 0.5.</summary>
    public static Moment Second()
    {
        var schema = new Schema(1, [new Series(5, Metrics.CpuTime, ["user"]), new Series(9, Metrics.Load1, [])]);
        return new Moment
        {
            UnixMs = UnixMs,
            ResolutionMs = 1000,
            BeforeMs = UnixMs - 1000,
            Schema = schema,
            Values = [1.25, 0.5],
            Frame = Frame(schema, 8, 1_000_125),
            PreviousFrame = Frame(schema, 7, 1_000_000),
            Processes = Processes(8, 1090),
            PreviousProcesses = Processes(7, 1000),
            Cgroups = Cgroups(8, 1_500_000),
            PreviousCgroups = Cgroups(7, 1_000_000),
        };
    }

    private static Frame Frame(Schema schema, long sequence, long cpu)
    {
        var frame = new Frame();
        frame.Set(schema, [cpu, 50], sequence, UnixMs - ((8 - sequence) * 1000), sequence * 1_000_000_000);
        return frame;
    }

    private static ProcessTable Processes(long sequence, long ticks)
    {
        var table = new ProcessTable
        {
            Sequence = sequence,
            UnixMs = UnixMs - ((8 - sequence) * 1000),
            MonotonicNs = sequence * 1_000_000_000,
            Hidden = 0,
        };
        table.Add() = new ProcessSample
        {
            Info = Stress,
            State = 'R',
            UserTicks = ticks,
            SystemTicks = 0,
            RssBytes = 4096,
            ReadBytes = Model.Frame.Absent,
            WriteBytes = Model.Frame.Absent,
            Threads = 1,
            Priority = 20,
        };
        return table;
    }

    private static CgroupTable Cgroups(long sequence, long usageUs)
    {
        var table = new CgroupTable
        {
            Sequence = sequence,
            UnixMs = UnixMs - ((8 - sequence) * 1000),
            MonotonicNs = sequence * 1_000_000_000,
        };
        table.Add(CgroupSample.AllAbsent(new CgroupInfo("/a", "a", CgroupKind.Group)) with { CpuUsageUs = usageUs });
        return table;
    }
}
