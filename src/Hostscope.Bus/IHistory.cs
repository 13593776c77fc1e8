using Hostscope.Model;

namespace Hostscope.Bus;

/// <summary>
/// The seam "then": the past of one host. Whoever shows it does not know whether a recorder on this machine, a file or
/// a host on the network answers. Safe to call from any thread; every answer is a copy that belongs to the caller.
/// </summary>
/// <remarks>
/// All times are Unix milliseconds of the host's own wall clock, ranges are half open: from &lt;= t &lt; to. Where the
/// wall clock was set back, a second may have been recorded twice; each recording counts in the bucket of its label.
/// A question that cannot be answered comes back as a <see cref="QueryProblem"/>, never as an exception; an empty
/// answer says why it is empty and where the nearest data is.
/// </remarks>
public interface IHistory
{
    /// <summary>What is kept, how far it reaches back, and whether recording works.</summary>
    ValueTask<HistoryStatus> StatusAsync(CancellationToken cancellation);

    /// <summary>The series that have data in a range, ordered by key.</summary>
    ValueTask<HistoryAnswer<IReadOnlyList<Series>>> CatalogAsync(
        long fromMs, long toMs, CancellationToken cancellation);

    /// <summary>Series over time: minimum, average, maximum and count of each bucket.</summary>
    ValueTask<HistoryAnswer<SeriesHistory>> SeriesAsync(SeriesQuery query, CancellationToken cancellation);

    /// <summary>One whole second: every series, the process table, the cgroup table.</summary>
    ValueTask<HistoryAnswer<Moment>> MomentAsync(long atMs, CancellationToken cancellation);

    /// <summary>What a strip of the whole range shows: how busy, how stalled, where nothing was recorded.</summary>
    ValueTask<HistoryAnswer<Overview>> OverviewAsync(OverviewQuery query, CancellationToken cancellation);

    /// <summary>Events of a range, oldest first.</summary>
    ValueTask<HistoryAnswer<EventPage>> EventsAsync(EventQuery query, CancellationToken cancellation);

    /// <summary>Processes of the past by a part of their name or arguments.</summary>
    ValueTask<HistoryAnswer<ProcessSearch>> SearchAsync(ProcessQuery query, CancellationToken cancellation);

    /// <summary>
    /// The frames of the newest ticks, in the order of recording and raw: what a viewer that connects is given before
    /// live frames. <see cref="Derive"/> may be used from one to the next of the same run only.
    /// </summary>
    /// <param name="sinceMs">Oldest time wanted.</param>
    /// <param name="max">Most frames, 1 to <see cref="HistoryLimits.MaxFrames"/>.</param>
    /// <param name="cancellation">Ends the work early.</param>
    ValueTask<IReadOnlyList<RecordedFrame>> FramesAsync(long sinceMs, int max, CancellationToken cancellation);

    /// <summary>Writes a range as a file.</summary>
    /// <returns>What was written, or why nothing was; in that case the destination has not been touched.</returns>
    ValueTask<HistoryAnswer<ExportResult>> ExportAsync(
        ExportQuery query, Stream destination, CancellationToken cancellation);
}

/// <summary>Finds the past of a host. In a fleet the hosts' own recorders answer.</summary>
public interface IHistories
{
    /// <summary>The past of a host, or <c>null</c> when nobody keeps it.</summary>
    IHistory? Find(string hostId);
}

/// <summary>Takes a person's note into the history of a host: a deployment, a test that began.</summary>
public interface IMarks
{
    /// <summary>Keeps a mark at the present time; it is on disk with the next second.</summary>
    /// <param name="text">
    /// What it says: 1 to <see cref="HistoryLimits.MaxMarkLength"/> characters, no control characters.
    /// </param>
    /// <param name="author">Who says it; <c>null</c> when not known.</param>
    /// <returns><c>null</c>, or why it was not taken.</returns>
    QueryProblem? Mark(string text, string? author);
}

/// <summary>Tells of events as they are recorded, for viewers that watch live.</summary>
public interface IEventFeed
{
    /// <summary>
    /// Subscribes. The listener is called on the recorder's thread: it hands the event on and returns, and what it
    /// throws is caught.
    /// </summary>
    /// <returns>Dispose it to stop.</returns>
    IDisposable Subscribe(Action<HistoryEvent> listener);
}

/// <summary>
/// Bounds of questions and answers. An answer holds at most MaxSeries x MaxPoints x 4 numbers: 13 MB.
/// </summary>
public static class HistoryLimits
{
    /// <summary>Most series in one question.</summary>
    public const int MaxSeries = 100;

    /// <summary>Most buckets in one answer: a 4K screen is 3,840 pixels wide.</summary>
    public const int MaxPoints = 4_000;

    /// <summary>Most frames in one answer: an hour at one a second.</summary>
    public const int MaxFrames = 3_600;

    /// <summary>Most events in one answer; ask for the next page with <see cref="EventQuery.AfterId"/>.</summary>
    public const int MaxEvents = 1_000;

    /// <summary>Most processes in one answer.</summary>
    public const int MaxProcesses = 1_000;

    /// <summary>Characters of a mark.</summary>
    public const int MaxMarkLength = 200;
}

/// <summary>What was wrong with a question, in words for people.</summary>
/// <param name="Parameter">The parameter, by its name in the query: <c>from</c>, <c>series</c>.</param>
/// <param name="Message">What was wrong, what is allowed.</param>
public sealed record QueryProblem(string Parameter, string Message)
{
    /// <summary>The question is right, but the disk has no room for what its answer needs.</summary>
    public bool LacksSpace { get; init; }
}

/// <summary>An answer, or what was wrong with the question. One of the two is not <c>null</c>.</summary>
/// <typeparam name="T">The answer.</typeparam>
public readonly record struct HistoryAnswer<T>
    where T : class
{
    /// <summary>An answer.</summary>
    public HistoryAnswer(T value) => Value = value;

    /// <summary>No answer.</summary>
    public HistoryAnswer(QueryProblem problem) => Problem = problem;

    /// <summary>The answer.</summary>
    public T? Value { get; }

    /// <summary>What was wrong with the question.</summary>
    public QueryProblem? Problem { get; }
}
