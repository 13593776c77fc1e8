using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Recorder.Past;

/// <summary>What a strip shows.</summary>
internal static class OverviewReader
{
    private static readonly string[] Keys =
    [
        OverviewSeries.Busy.Key,
        Series.MakeKey(Metrics.CpuCount, []),
        Series.MakeKey(Metrics.PressureStallTime, ["cpu", "some"]),
        Series.MakeKey(Metrics.PressureStallTime, ["memory", "some"]),
        Series.MakeKey(Metrics.PressureStallTime, ["io", "some"]),
    ];

    /// <summary>Events that a strip has room for: not each process.</summary>
    private static readonly HistoryEventKind[] Marks = [.. Enum.GetValues<HistoryEventKind>()
        .Except([HistoryEventKind.ProcessStarted, HistoryEventKind.ProcessExited])];

    public static Overview Read(
        IPast past, BlockIndex index, BucketPlan plan, OverviewQuery query, CancellationToken cancellation)
    {
        var reader = new SeriesReader(index, plan, Keys);
        reader.Run(cancellation);
        var columns = Keys.Select((key, i) => reader.Column(i, key)).ToList();
        var events = EventReader.Read(past, new EventQuery(query.FromMs, query.ToMs) { Kinds = Marks });
        var cpus = columns[1].Max.Where(value => !double.IsNaN(value)).DefaultIfEmpty(Derive.Absent).Max();
        return new Overview
        {
            FromMs = plan.FromMs,
            BucketMs = plan.BucketMs,
            ResolutionMs = History.ResolutionOf(plan.Tier, index),
            Ticks = reader.Ticks,
            CpuAvg = columns[0].Avg,
            CpuMax = columns[0].Max,
            Cpus = cpus,
            CpuStallMax = columns[2].Max,
            MemoryStallMax = columns[3].Max,
            IoStallMax = columns[4].Max,
            Gaps = reader.Gaps,
            Events = events.Events,
            HasMoreEvents = events.NextAfterId is not null,
        };
    }
}
