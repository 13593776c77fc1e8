using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Admission;
using Hostscope.Gateway.Api;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Past;

/// <summary>Answers questions about the past of a host. The forms are those of docs/WIRE.md.</summary>
internal sealed class PastApi(
    LiveHosts hosts,
    IHistories histories,
    RecorderWatch recorder,
    QuestionDesk desk,
    IOptions<GatewayOptions> options,
    TimeProvider time)
{
    private const int RetryAfterSeconds = 1;

    private const string Json = "application/json; charset=utf-8";

    /// <summary>Series over time.</summary>
    public Task HistoryAsync(string host, HttpContext http) => AskAsync(host, http, query =>
    {
        var (from, to) = query.Range("-15m");
        var series = query.Series(isNeeded: true);
        var points = (int)query.Number("points", 900, 2, PastQuery.MaxPoints);
        return Question.Of(
            (history, cancel) => history.SeriesAsync(new SeriesQuery(series, from, to, points), cancel),
            PastWriter.Write);
    });

    /// <summary>One whole second.</summary>
    public Task MomentAsync(string host, HttpContext http) => AskAsync(host, http, query =>
    {
        var at = query.Time("at", null);
        var sight = Sight.Of(http);
        return Question.Of(
            (history, cancel) => history.MomentAsync(at, cancel),
            (json, moment) => MomentWriter.Write(json, at, sight.Through(moment), sight.Details));
    });

    /// <summary>What a strip shows.</summary>
    public Task OverviewAsync(string host, HttpContext http) => AskAsync(host, http, query =>
    {
        var from = query.TimeOrNone("from");
        var to = query.Time("to", "now");
        var points = (int)query.Number("points", 1000, 2, PastQuery.MaxPoints);
        NoData? noData = null;
        return Question.Of(
            async (history, cancel) =>
            {
                from ??= await AllFromAsync(history, to, cancel).ConfigureAwait(false);
                var answer = await history.OverviewAsync(new OverviewQuery(from.Value, to, points), cancel)
                    .ConfigureAwait(false);
                noData = answer.Value is { } overview && !overview.Ticks.AsSpan().ContainsAnyExcept(0)
                    ? await NearestAsync(history, from.Value, to, cancel).ConfigureAwait(false) : null;
                return answer;
            },
            (json, overview) => PastWriter.Write(json, overview, noData));
    });

    /// <summary>Events of a range.</summary>
    public Task EventsAsync(string host, HttpContext http) => AskAsync(host, http, query =>
    {
        var sight = Sight.Of(http);
        var (from, to) = query.Range("-24h");
        var question = new EventQuery(from, to)
        {
            Kinds = query.Kinds(),
            AfterId = query.Number("after", 0, 0, long.MaxValue),
            Limit = (int)query.Number("limit", HistoryLimits.MaxEvents, 1, HistoryLimits.MaxEvents),
        };
        return Question.Of(
            (history, cancel) => history.EventsAsync(question, cancel),
            (json, page) => JsonSerializer.Serialize(
                json,
                new EventList(from, to, [.. page.Events.Where(sight.Sees).Select(PastEvent.Of)], page.NextAfterId),
                GatewayJson.Default.EventList));
    });

    /// <summary>Processes of the past.</summary>
    public Task ProcessesAsync(string host, HttpContext http) => !http.May(Need.Processes)
        ? Problem.WriteAsync(
            http, StatusCodes.Status403Forbidden, $"This {Authority.Remedy(http.Identity(), Need.Processes)}.")
        : AskAsync(host, http, FindProcesses(Sight.Of(http)));

    private static Func<PastQuery, Question> FindProcesses(Sight sight) => query =>
    {
        var text = query.Text("text");
        var (from, to) = query.Range("-24h");
        var question = new ProcessQuery(
            text, from, to, (int)query.Number("limit", 100, 1, HistoryLimits.MaxProcesses))
        {
            InArguments = sight.Details,
        };
        return Question.Of(
            (history, cancel) => history.SearchAsync(question, cancel),
            (json, search) => JsonSerializer.Serialize(
                json,
                new ProcessFinds(
                    from,
                    to,
                    search.SearchedFromMs,
                    [.. search.Processes.Select(found => Find(found, sight))]),
                GatewayJson.Default.ProcessFinds));
    };

    /// <summary>The series that have data in a range.</summary>
    public Task SeriesAsync(string host, HttpContext http) => AskAsync(host, http, query =>
    {
        var (from, to) = query.Range("-15m");
        return Question.Of(
            (history, cancel) => history.CatalogAsync(from, to, cancel),
            (json, series) => JsonSerializer.Serialize(
                json, new SeriesList(from, to, [.. series.Select(PastWriter.Facts)]), GatewayJson.Default.SeriesList));
    });

    /// <summary>A range as a file.</summary>
    public async Task ExportAsync(string host, HttpContext http)
    {
        if (await FindAsync(host, http) is not var (state, history))
        {
            return;
        }

        var query = Query(state, http);
        var (from, to) = query.Range("-1h");
        var name = query.Word("format", ["csv", "jsonl", "hscope"], isNeeded: true);
        var series = query.Series(isNeeded: false);
        query.RefuseOthers();
        if (query.Problem is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }

        if (name == "hscope" && !Sight.Of(http).Details)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status403Forbidden,
                "Such a file holds the arguments and users of processes, which you may not see; take csv or jsonl.");
            return;
        }

        var (format, mediaType) = name switch
        {
            "csv" => (ExportFormat.Csv, "text/csv; charset=utf-8"),
            "jsonl" => (ExportFormat.JsonLines, "application/jsonl; charset=utf-8"),
            _ => (ExportFormat.Hscope, "application/vnd.sqlite3"),
        };
        var stamp = DateTimeOffset.FromUnixTimeMilliseconds(from)
            .ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var body = new BlockingBody(
            http.Response,
            () =>
            {
                http.Response.ContentType = mediaType;
                http.Response.Headers.ContentDisposition =
                    $"attachment; filename=\"{state.Info.Id}-{stamp}.{name}\"";
            },
            TimeSpan.FromSeconds(options.Value.StalledSendSeconds),
            time);
        HistoryAnswer<ExportResult> answer = default;
        var taken = await desk.TryExportAsync(() => answer = history.ExportAsync(
            new ExportQuery(from, to, format) { Series = series }, body, http.RequestAborted)
            .AsTask().GetAwaiter().GetResult());
        if (!taken)
        {
            await TooManyAsync(http, $"{QuestionDesk.MaxExports} exports are under way; ask again when one has ended.");
        }
        else if (answer.Problem is { } refused && !body.HasBegun)
        {
            await Refuse(refused).WriteAsync(http);
        }
        else if (answer.Problem is not null)
        {
            http.Abort(); // An orderly end would make half a file look like a whole one.
        }
    }

    private static ProcessFind Find(ProcessSighting sighting, Sight sight)
    {
        var info = sight.Through(sighting.Info);
        return new ProcessFind(
            info.Pid,
            info.StartTicks,
            info.ParentPid,
            info.Name,
            info.Arguments,
            info.User,
            info.Cgroup,
            info.IsKernelThread,
            sighting.FirstSeenMs,
            sighting.LastSeenMs);
    }

    /// <summary>Where all that is kept begins; an hour ago when nothing is.</summary>
    private static async ValueTask<long> AllFromAsync(IHistory history, long toMs, CancellationToken cancel)
    {
        var status = await history.StatusAsync(cancel).ConfigureAwait(false);
        return Math.Min(status.OldestUnixMs ?? long.MaxValue, toMs - 3_600_000);
    }

    /// <summary>The nearest data on both sides of a range that has none.</summary>
    private static async ValueTask<NoData?> NearestAsync(
        IHistory history, long fromMs, long toMs, CancellationToken cancel)
    {
        var empty = await history.SeriesAsync(new SeriesQuery(["none"], fromMs, toMs, 2), cancel).ConfigureAwait(false);
        return empty.Value?.NoData;
    }

    private static Problem Refuse(QueryProblem problem) => problem.LacksSpace
        ? Problem.Of(StatusCodes.Status507InsufficientStorage, problem.Message)
        : Problem.Of(StatusCodes.Status400BadRequest, $"{problem.Parameter}: {problem.Message}") with
        {
            Parameter = problem.Parameter,
        };

    private static Task TooManyAsync(HttpContext http, string detail)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(http, StatusCodes.Status429TooManyRequests, detail);
    }

    private PastQuery Query(HostState state, HttpContext http) => new(
        http.Request.Query,
        new TimeText(time.GetUtcNow().ToUnixTimeMilliseconds(), TimeText.ZoneOf(state.Info.TimeZone)));

    /// <summary>The host that the address names and its past; <c>null</c> when the answer has been given.</summary>
    private async Task<(HostState State, IHistory History)?> FindAsync(string host, HttpContext http)
    {
        if (hosts.Find(host) is not { } state)
        {
            await HostsApi.UnknownHost(hosts, host).WriteAsync(http);
            return null;
        }

        if (histories.Find(state.Info.Id) is not { } history)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status404NotFound,
                $"Nothing is recorded of '{state.Info.Id}': --no-record was given.");
            return null;
        }

        if (state.Info.Id == hosts.LocalId && await recorder.IsOpeningAsync(history))
        {
            http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            await Problem.WriteAsync(
                http, StatusCodes.Status503ServiceUnavailable, "The history is being opened; ask again in a second.");
            return null;
        }

        return (state, history);
    }

    /// <summary>Reads a question, has it worked on, and writes the answer.</summary>
    private async Task AskAsync(string host, HttpContext http, Func<PastQuery, Question> read)
    {
        if (await FindAsync(host, http) is not var (state, history))
        {
            return;
        }

        var query = Query(state, http);
        var question = read(query);
        query.RefuseOthers();
        if (query.Problem is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        QueryProblem? refused = null;
        try
        {
            if (!await desk.TryAskAsync(
                cancel => refused = question.Answer(history, buffer, cancel), http.RequestAborted))
            {
                await TooManyAsync(
                    http, $"{QuestionDesk.MaxQuestions} questions are being worked on; ask again in a second.");
                return;
            }
        }
        catch (TimeoutException)
        {
            await Problem.WriteAsync(
                http,
                StatusCodes.Status503ServiceUnavailable,
                $"The answer took longer than {QuestionDesk.MaxTime.TotalSeconds} s; ask for a shorter range.");
            return;
        }

        if (refused is not null)
        {
            await Refuse(refused).WriteAsync(http);
            return;
        }

        http.Response.ContentType = Json;
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    /// <summary>A question that was understood: gives the answer as JSON, or says why there is none.</summary>
    private sealed class Question(Func<IHistory, IBufferWriter<byte>, CancellationToken, QueryProblem?> answer)
    {
        public static Question Of<T>(
            Func<IHistory, CancellationToken, ValueTask<HistoryAnswer<T>>> ask, Action<Utf8JsonWriter, T> write)
            where T : class => new((history, buffer, cancel) =>
        {
            // On a thread of its own: the recorder answers without waiting for anything.
            var answer = ask(history, cancel).AsTask().GetAwaiter().GetResult();
            if (answer.Value is { } value)
            {
                using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
                write(json, value);
            }

            return answer.Problem;
        });

        public QueryProblem? Answer(IHistory history, IBufferWriter<byte> buffer, CancellationToken cancel) =>
            answer(history, buffer, cancel);
    }
}
