using Hostscope.Model;

namespace Hostscope.Bus;

/// <summary>Asks for series over time.</summary>
/// <param name="Series">Keys (<see cref="Model.Series.Key"/>), 1 to <see cref="HistoryLimits.MaxSeries"/>.</param>
/// <param name="FromMs">First time, inclusive.</param>
/// <param name="ToMs">Last time, exclusive.</param>
/// <param name="Points">Most buckets wanted, 2 to <see cref="HistoryLimits.MaxPoints"/>.</param>
public sealed record SeriesQuery(IReadOnlyList<string> Series, long FromMs, long ToMs, int Points);

/// <summary>Where the nearest data is when a range or a moment holds none.</summary>
/// <param name="BeforeMs">Newest data before it; <c>null</c> when there is none.</param>
/// <param name="AfterMs">Oldest data after it; <c>null</c> when there is none.</param>
/// <param name="Reason">Why there is nothing here, in words for people.</param>
public sealed record NoData(long? BeforeMs, long? AfterMs, string Reason);

/// <summary>Series over time, bucket by bucket.</summary>
public sealed record SeriesHistory
{
    /// <summary>
    /// Start of the first bucket: a multiple of <see cref="BucketMs"/>, at or before the time asked for.
    /// </summary>
    public required long FromMs { get; init; }

    /// <summary>Width of a bucket, milliseconds. Bucket i begins at FromMs + i x BucketMs.</summary>
    public required long BucketMs { get; init; }

    /// <summary>Number of buckets; every column has as many values.</summary>
    public required int Buckets { get; init; }

    /// <summary>Resolution of the data the buckets were made from: 1 s, 1 min or 1 h, in milliseconds.</summary>
    public required long ResolutionMs { get; init; }

    /// <summary>
    /// True when finer data would have been used but is not kept any more for the beginning of this range.
    /// </summary>
    public bool IsCoarserThanAsked { get; init; }

    /// <summary>Ticks recorded in each bucket, whatever series they hold: 0 means nothing was recorded.</summary>
    public required int[] Ticks { get; init; }

    /// <summary>One for each key of the question, in its order.</summary>
    public required IReadOnlyList<SeriesColumn> Columns { get; init; }

    /// <summary>Where data is, when this range holds none; else <c>null</c>.</summary>
    public NoData? NoData { get; init; }
}

/// <summary>
/// One series, bucket by bucket, in the metric's unit; counters as rates per second, by <see cref="Derive"/>.
/// </summary>
public sealed record SeriesColumn
{
    /// <summary>The key that was asked for.</summary>
    public required string Key { get; init; }

    /// <summary>The series; <c>null</c> when it has no data in this range, and all values are absent then.</summary>
    public Series? Series { get; init; }

    /// <summary>Smallest value; <see cref="Derive.Absent"/> where there is none.</summary>
    public required double[] Min { get; init; }

    /// <summary>
    /// Average weighted by time; the last value for metrics with <see cref="RollUp.Last"/>; absent where there is none.
    /// </summary>
    public required double[] Avg { get; init; }

    /// <summary>Largest value; absent where there is none.</summary>
    public required double[] Max { get; init; }

    /// <summary>Values that went into the bucket.</summary>
    public required int[] Count { get; init; }
}

/// <summary>One whole second of the past, or minute where the seconds are not kept any more.</summary>
public sealed record Moment
{
    /// <summary>Where data is, when there is none at or before the time asked for; all else is empty then.</summary>
    public NoData? NoData { get; init; }

    /// <summary>Time of the tick: at or before the time asked for.</summary>
    public long UnixMs { get; init; }

    /// <summary>
    /// 1,000 for a second as it was recorded (the sampling interval); 60,000 for the values of a minute.
    /// </summary>
    public long ResolutionMs { get; init; }

    /// <summary>Time of the tick before; <c>null</c> when this is the oldest.</summary>
    public long? BeforeMs { get; init; }

    /// <summary>Time of the tick after; <c>null</c> when this is the newest.</summary>
    public long? AfterMs { get; init; }

    /// <summary>
    /// True when more than the resolution lies between the time asked for and the tick: nothing was recorded then.
    /// </summary>
    public bool IsInGap { get; init; }

    /// <summary>The series of the tick.</summary>
    public Schema Schema { get; init; } = Schema.Empty;

    /// <summary>The value of each series as the live view showed it, in the order of the schema.</summary>
    public double[] Values { get; init; } = [];

    /// <summary>The raw frame; <c>null</c> for a minute.</summary>
    public Frame? Frame { get; init; }

    /// <summary>
    /// The frame before it in the same sampling run; <c>null</c> when there is none, and for a minute.
    /// </summary>
    public Frame? PreviousFrame { get; init; }

    /// <summary>
    /// The newest process table at or before the tick; it carries its own times. <c>null</c> when none.
    /// </summary>
    public ProcessTable? Processes { get; init; }

    /// <summary>The process table before that one, for rates; <c>null</c> when there is none.</summary>
    public ProcessTable? PreviousProcesses { get; init; }

    /// <summary>The newest cgroup table at or before the tick; <c>null</c> when there is none.</summary>
    public CgroupTable? Cgroups { get; init; }

    /// <summary>The cgroup table before that one, for rates; <c>null</c> when there is none.</summary>
    public CgroupTable? PreviousCgroups { get; init; }
}

/// <summary>Asks for the strip of a range.</summary>
/// <param name="FromMs">First time, inclusive.</param>
/// <param name="ToMs">Last time, exclusive.</param>
/// <param name="Points">Most buckets wanted, 2 to <see cref="HistoryLimits.MaxPoints"/>.</param>
public sealed record OverviewQuery(long FromMs, long ToMs, int Points);

/// <summary>What a strip shows, bucket by bucket. Absent is <see cref="Derive.Absent"/>.</summary>
public sealed record Overview
{
    /// <summary>Start of the first bucket.</summary>
    public required long FromMs { get; init; }

    /// <summary>Width of a bucket, milliseconds.</summary>
    public required long BucketMs { get; init; }

    /// <summary>Resolution of the data the buckets were made from, milliseconds.</summary>
    public required long ResolutionMs { get; init; }

    /// <summary>Ticks recorded in each bucket.</summary>
    public required int[] Ticks { get; init; }

    /// <summary>CPUs busy (user, nice, system, irq, softirq), average over the bucket.</summary>
    public required double[] CpuAvg { get; init; }

    /// <summary>CPUs busy in the busiest second of the bucket.</summary>
    public required double[] CpuMax { get; init; }

    /// <summary>Logical CPUs, the most in the range: what the two above are out of; absent when not known.</summary>
    public required double Cpus { get; init; }

    /// <summary>Largest share of a second in which some task waited for a CPU.</summary>
    public required double[] CpuStallMax { get; init; }

    /// <summary>Largest share of a second in which some task waited for memory.</summary>
    public required double[] MemoryStallMax { get; init; }

    /// <summary>Largest share of a second in which some task waited for I/O.</summary>
    public required double[] IoStallMax { get; init; }

    /// <summary>Where nothing was recorded, oldest first; at most <see cref="HistoryLimits.MaxEvents"/>.</summary>
    public required IReadOnlyList<HistoryGap> Gaps { get; init; }

    /// <summary>Events of the range, oldest first; process starts and exits are left out.</summary>
    public required IReadOnlyList<HistoryEvent> Events { get; init; }

    /// <summary>True when there were more events than <see cref="Events"/> holds.</summary>
    public bool HasMoreEvents { get; init; }
}

/// <summary>A time in which nothing was recorded.</summary>
/// <param name="FromMs">Time of the last tick before it.</param>
/// <param name="ToMs">Time of the first tick after it.</param>
public readonly record struct HistoryGap(long FromMs, long ToMs);

/// <summary>Asks for events.</summary>
/// <param name="FromMs">First time, inclusive.</param>
/// <param name="ToMs">Last time, exclusive.</param>
public sealed record EventQuery(long FromMs, long ToMs)
{
    /// <summary>Only these kinds; all when empty.</summary>
    public IReadOnlyList<HistoryEventKind> Kinds { get; init; } = [];

    /// <summary>
    /// Only events after this one: <see cref="EventPage.NextAfterId"/> of the page before; 0 for the first.
    /// </summary>
    public long AfterId { get; init; }

    /// <summary>Most events, 1 to <see cref="HistoryLimits.MaxEvents"/>.</summary>
    public int Limit { get; init; } = HistoryLimits.MaxEvents;
}

/// <summary>Events, in the order in which they were recorded.</summary>
/// <param name="Events">The events.</param>
/// <param name="NextAfterId">What to ask the next page with; <c>null</c> when this is the last.</param>
public sealed record EventPage(IReadOnlyList<HistoryEvent> Events, long? NextAfterId);

/// <summary>Asks for processes of the past.</summary>
/// <param name="Text">Part of the name or the arguments, 1 to 200 characters; case does not matter.</param>
/// <param name="FromMs">First time, inclusive.</param>
/// <param name="ToMs">Last time, exclusive.</param>
/// <param name="Limit">Most processes, 1 to <see cref="HistoryLimits.MaxProcesses"/>.</param>
public sealed record ProcessQuery(string Text, long FromMs, long ToMs, int Limit)
{
    /// <summary>
    /// Whether arguments are searched, too. Not for those who may not see them: even how far a search came before it
    /// had enough would tell them whether there was a find.
    /// </summary>
    public bool InArguments { get; init; } = true;
}

/// <summary>Processes of the past, those seen last first.</summary>
/// <param name="Processes">The processes.</param>
/// <param name="SearchedFromMs">
/// How far back was searched: later than asked for when the limit or the time for a search was reached.
/// </param>
public sealed record ProcessSearch(IReadOnlyList<ProcessSighting> Processes, long SearchedFromMs);

/// <summary>A process of the past.</summary>
/// <param name="Info">What is known of it, as seen last.</param>
/// <param name="FirstSeenMs">First tick in the range that saw it.</param>
/// <param name="LastSeenMs">Last tick in the range that saw it.</param>
public sealed record ProcessSighting(ProcessInfo Info, long FirstSeenMs, long LastSeenMs);

/// <summary>How a range is written.</summary>
public enum ExportFormat
{
    /// <summary>Comma-separated, RFC 4180: a header with the series' keys, then a line for each tick.</summary>
    Csv,

    /// <summary>One JSON object a line and tick.</summary>
    JsonLines,

    /// <summary>
    /// One file that this program opens like a host: every series, process, cgroup and event of the range.
    /// </summary>
    Hscope,
}

/// <summary>Asks for a range as a file.</summary>
/// <param name="FromMs">First time, inclusive.</param>
/// <param name="ToMs">Last time, exclusive.</param>
/// <param name="Format">How it is written.</param>
public sealed record ExportQuery(long FromMs, long ToMs, ExportFormat Format)
{
    /// <summary>Keys of the series, for CSV and JSON lines; all when empty.</summary>
    public IReadOnlyList<string> Series { get; init; } = [];
}

/// <summary>What an export wrote.</summary>
/// <param name="Ticks">Ticks, or minutes where seconds are not kept any more.</param>
/// <param name="ResolutionMs">Milliseconds between them.</param>
/// <param name="Bytes">Bytes written.</param>
public sealed record ExportResult(long Ticks, long ResolutionMs, long Bytes);

/// <summary>A frame as it was recorded.</summary>
/// <param name="Run">Number of the start of the program that sampled it.</param>
/// <param name="Frame">The frame; its series have numbers of the store's own, and their keys are those of the live
/// ones.</param>
public sealed record RecordedFrame(long Run, Frame Frame);
