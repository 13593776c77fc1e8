using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>A past that answers what the test says, and keeps what it was asked.</summary>
internal sealed class FakePast(string hostId) : IHistories, IHistory, IMarks, IEventFeed
{
    private readonly List<Action<HistoryEvent>> _listeners = [];

    public HistoryStatus Status { get; set; } = new()
    {
        State = RecordingState.Recording,
        OldestUnixMs = 1_763_000_000_000,
        NewestUnixMs = 1_764_000_000_000,
        Tiers = [new HistoryTier(1000, 1_763_000_000_000, 1_764_000_000_000, 4096, 1_209_600_000)],
        DaysAtThisRate = 27.345,
    };

    /// <summary>The next questions for the status that are never answered: a disk that hangs.</summary>
    public int HangingStatuses { get; set; }

    public SeriesQuery? Series { get; private set; }

    public SeriesHistory? SeriesAnswer { get; set; }

    public long? At { get; private set; }

    public Moment MomentAnswer { get; set; } = new();

    public OverviewQuery? Overview { get; private set; }

    public Overview? OverviewAnswer { get; set; }

    public EventQuery? Events { get; private set; }

    public EventPage EventAnswer { get; set; } = new([], null);

    public ProcessQuery? Search { get; private set; }

    public ProcessSearch SearchAnswer { get; set; } = new([], 0);

    public ExportQuery? Export { get; private set; }

    public byte[] ExportAnswer { get; set; } = [];

    public QueryProblem? Refusal { get; set; }

    public List<string> Marks { get; } = [];

    /// <summary>What a question waits for before it is answered.</summary>
    public ManualResetEventSlim Open { get; } = new(initialState: true);

    /// <summary>Questions that are waiting.</summary>
    public int Waiting;

    public IHistory? Find(string id) => id == hostId ? this : null;

    /// <summary>What asking for the status throws.</summary>
    public Exception? StatusFailure { get; set; }

    public ValueTask<HistoryStatus> StatusAsync(CancellationToken cancellation) =>
        StatusFailure is { } failure ? ValueTask.FromException<HistoryStatus>(failure)
        : HangingStatuses-- > 0 ? new(new TaskCompletionSource<HistoryStatus>().Task) : new(Status);

    public ValueTask<HistoryAnswer<IReadOnlyList<Series>>> CatalogAsync(
        long fromMs, long toMs, CancellationToken cancellation) =>
        Answer<IReadOnlyList<Series>>([new Series(3, Metrics.Load1, [])], cancellation);

    public ValueTask<HistoryAnswer<SeriesHistory>> SeriesAsync(SeriesQuery query, CancellationToken cancellation)
    {
        Series = query;
        return Answer(SeriesAnswer!, cancellation);
    }

    public ValueTask<HistoryAnswer<Moment>> MomentAsync(long atMs, CancellationToken cancellation)
    {
        At = atMs;
        return Answer(MomentAnswer, cancellation);
    }

    public ValueTask<HistoryAnswer<Overview>> OverviewAsync(OverviewQuery query, CancellationToken cancellation)
    {
        Overview = query;
        return Answer(OverviewAnswer!, cancellation);
    }

    public ValueTask<HistoryAnswer<EventPage>> EventsAsync(EventQuery query, CancellationToken cancellation)
    {
        Events = query;
        return Answer(EventAnswer, cancellation);
    }

    public ValueTask<HistoryAnswer<ProcessSearch>> SearchAsync(ProcessQuery query, CancellationToken cancellation)
    {
        Search = query;
        return Answer(SearchAnswer, cancellation);
    }

    public IReadOnlyList<RecordedFrame> Frames { get; set; } = [];

    public ValueTask<IReadOnlyList<RecordedFrame>> FramesAsync(
        long sinceMs, int max, CancellationToken cancellation) =>
        new([.. Frames.Where(frame => frame.Frame.UnixMs >= sinceMs).TakeLast(max)]);

    public async ValueTask<HistoryAnswer<ExportResult>> ExportAsync(
        ExportQuery query, Stream destination, CancellationToken cancellation)
    {
        Export = query;
        if (Refusal is { } problem)
        {
            return new HistoryAnswer<ExportResult>(problem);
        }

        Wait(cancellation);
        await destination.WriteAsync(ExportAnswer, cancellation);
        return new HistoryAnswer<ExportResult>(new ExportResult(1, 1000, ExportAnswer.Length));
    }

    public QueryProblem? Mark(string text, string? author)
    {
        Marks.Add(text);
        return Refusal;
    }

    public IDisposable Subscribe(Action<HistoryEvent> listener)
    {
        _listeners.Add(listener);
        return new MemoryStream();
    }

    public void Tell(HistoryEvent item) => _listeners.ForEach(listener => listener(item));

    private ValueTask<HistoryAnswer<T>> Answer<T>(T value, CancellationToken cancellation)
        where T : class
    {
        Wait(cancellation);
        return new(Refusal is { } problem ? new HistoryAnswer<T>(problem) : new HistoryAnswer<T>(value));
    }

    private void Wait(CancellationToken cancellation)
    {
        Interlocked.Increment(ref Waiting);
        try
        {
            Open.Wait(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref Waiting);
        }
    }
}
