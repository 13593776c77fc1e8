using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Past;

/// <summary>
/// Answers questions about a past. Every question works on one view and ends by itself; nothing waits.
/// </summary>
internal sealed class History(IPast past, TimeProvider clock, HscopeWriter? exporter) : IHistory
{
    /// <summary>Labels outside of what a date can be are damage; years 0001 to 9999.</summary>
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public ValueTask<HistoryStatus> StatusAsync(CancellationToken cancellation) => new(past.Status());

    public ValueTask<HistoryAnswer<IReadOnlyList<Series>>> CatalogAsync(
        long fromMs, long toMs, CancellationToken cancellation)
    {
        if (RangeProblem(fromMs, toMs) is { } problem)
        {
            return Refuse<IReadOnlyList<Series>>(problem);
        }

        var index = new BlockIndex(past);
        return Answer<IReadOnlyList<Series>>(SeriesCatalogReader.Read(index, fromMs, toMs, cancellation));
    }

    public ValueTask<HistoryAnswer<SeriesHistory>> SeriesAsync(SeriesQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if ((RangeProblem(query.FromMs, query.ToMs) ?? PointsProblem(query.Points) ?? SeriesProblem(query.Series))
            is { } problem)
        {
            return Refuse<SeriesHistory>(problem);
        }

        var index = new BlockIndex(past);
        var plan = BucketPlan.Make(index, query.FromMs, query.ToMs, query.Points, PastStatus.IntervalOf(index.View));
        var reader = new SeriesReader(index, plan, query.Series);
        reader.Run(cancellation);
        return Answer(new SeriesHistory
        {
            FromMs = plan.FromMs,
            BucketMs = plan.BucketMs,
            Buckets = plan.Buckets,
            ResolutionMs = ResolutionOf(plan.Tier, index),
            IsCoarserThanAsked = plan.IsCoarserThanAsked,
            Ticks = reader.Ticks,
            Columns = [.. query.Series.Select((key, i) => reader.Column(i, key))],
            NoData = reader.Ticks.All(ticks => ticks == 0)
                ? MomentReader.NearestTo(index, plan.FromMs, plan.ToMs) : null,
        });
    }

    public ValueTask<HistoryAnswer<Moment>> MomentAsync(long atMs, CancellationToken cancellation) =>
        atMs < Earliest || atMs > Latest
            ? Refuse<Moment>(new QueryProblem("at", "The time must lie between the years 1 and 9999."))
            : Answer(new MomentReader(new BlockIndex(past)).Read(atMs));

    public ValueTask<HistoryAnswer<Overview>> OverviewAsync(OverviewQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if ((RangeProblem(query.FromMs, query.ToMs) ?? PointsProblem(query.Points)) is { } problem)
        {
            return Refuse<Overview>(problem);
        }

        var index = new BlockIndex(past);
        var plan = BucketPlan.Make(index, query.FromMs, query.ToMs, query.Points, PastStatus.IntervalOf(index.View));
        return Answer(OverviewReader.Read(past, index, plan, query, cancellation));
    }

    public ValueTask<HistoryAnswer<EventPage>> EventsAsync(EventQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        if ((RangeProblem(query.FromMs, query.ToMs) ?? LimitProblem(query.Limit, HistoryLimits.MaxEvents))
            is { } problem)
        {
            return Refuse<EventPage>(problem);
        }

        return Answer(EventReader.Read(past, query));
    }

    public ValueTask<HistoryAnswer<ProcessSearch>> SearchAsync(ProcessQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        var text = string.IsNullOrWhiteSpace(query.Text) || query.Text.Length > HistoryLimits.MaxMarkLength
            ? new QueryProblem("text", $"Give 1 to {HistoryLimits.MaxMarkLength} characters to search for.") : null;
        if ((text ?? RangeProblem(query.FromMs, query.ToMs)
            ?? LimitProblem(query.Limit, HistoryLimits.MaxProcesses)) is { } problem)
        {
            return Refuse<ProcessSearch>(problem);
        }

        return Answer(new ProcessFinder(new BlockIndex(past), query, clock).Run(cancellation));
    }

    public ValueTask<IReadOnlyList<RecordedFrame>> FramesAsync(
        long sinceMs, int max, CancellationToken cancellation) =>
        new(BacklogReader.Read(
            new BlockIndex(past), sinceMs, Math.Clamp(max, 1, HistoryLimits.MaxFrames), cancellation));

    public async ValueTask<HistoryAnswer<ExportResult>> ExportAsync(
        ExportQuery query, Stream destination, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(destination);
        var series = query.Series.Count == 0 ? null : SeriesProblem(query.Series);
        if ((RangeProblem(query.FromMs, query.ToMs) ?? series) is { } problem)
        {
            return new HistoryAnswer<ExportResult>(problem);
        }

        var index = new BlockIndex(past);
        if (query.Format != ExportFormat.Hscope)
        {
            using var text = new TextExport(index, query);
            return await text.WriteAsync(destination, cancellation).ConfigureAwait(false);
        }

        return exporter is null
            ? new HistoryAnswer<ExportResult>(new QueryProblem("format", "This past is a file already: copy it."))
            : await exporter.WriteAsync(past, index, query, destination, cancellation).ConfigureAwait(false);
    }

    /// <summary>The resolution of a tier, as answers state it.</summary>
    public static long ResolutionOf(Tier tier, BlockIndex index) =>
        tier == Tier.Second ? PastStatus.IntervalOf(index.View) : BucketPlan.StepOf(tier);

    private static ValueTask<HistoryAnswer<T>> Answer<T>(T value)
        where T : class => new(new HistoryAnswer<T>(value));

    private static ValueTask<HistoryAnswer<T>> Refuse<T>(QueryProblem problem)
        where T : class => new(new HistoryAnswer<T>(problem));

    private static QueryProblem? RangeProblem(long fromMs, long toMs) =>
        fromMs < Earliest || toMs > Latest || fromMs > Latest || toMs < Earliest
            ? new QueryProblem("from", "The times must lie between the years 1 and 9999.")
            : fromMs < toMs ? null
            : new QueryProblem("from", "The range ends before it begins: from must be before to.");

    private static QueryProblem? PointsProblem(int points) => points is >= 2 and <= HistoryLimits.MaxPoints ? null
        : new QueryProblem("points", $"{points} points; allowed are 2 to {HistoryLimits.MaxPoints}.");

    private static QueryProblem? SeriesProblem(IReadOnlyList<string> series) =>
        series.Count is >= 1 and <= HistoryLimits.MaxSeries ? null
            : new QueryProblem("series", $"{series.Count} series; allowed are 1 to {HistoryLimits.MaxSeries}.");

    private static QueryProblem? LimitProblem(int limit, int max) => limit >= 1 && limit <= max ? null
        : new QueryProblem("limit", $"{limit}; allowed are 1 to {max}.");
}
