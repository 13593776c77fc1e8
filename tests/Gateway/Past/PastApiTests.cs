using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Past;
using Hostscope.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: questions about the past are understood, bounded and answered in the forms of docs/WIRE.md, and bad ones are
/// told what is allowed. Method: requests to a real server before a past that says what the test wants.
/// </summary>
public sealed class PastApiTests
{
    private const string Base = "/api/v1/hosts/local";

    /// <summary>The clock of the test server.</summary>
    private const long Now = 1_764_000_000_123;

    private readonly FakePast _past = new("web-1");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_history_is_asked_as_given_and_written_in_columns()
    {
        _past.SeriesAnswer = new SeriesHistory
        {
            FromMs = 1000,
            BucketMs = 500,
            Buckets = 3,
            ResolutionMs = 100,
            IsCoarserThanAsked = true,
            Ticks = [5, 5, 5],
            Columns =
            [
                Column(new Series(1, Metrics.CpuTime, ["user"]), [1, 2, double.NaN], [2, 2, 0]),
                Column(new Series(2, Metrics.Load1, []), [3, 3, 3], [1, 1, 1]),
                new SeriesColumn { Key = "gone", Min = [0, 0, 0], Avg = [0, 0, 0], Max = [0, 0, 0], Count = [0, 0, 0] },
            ],
        };
        await using var server = await StartAsync();
        var answer = await GetAsync(
            server,
            "/history?series=system.cpu.time%7Bcpu.mode%3D%22user%22%7D&series=x.y&series=x.y&from=-1m&points=60");
        Assert.Equal(["system.cpu.time{cpu.mode=\"user\"}", "x.y"], _past.Series!.Series);
        Assert.Equal((Now - 60_000, Now, 60), (_past.Series.FromMs, _past.Series.ToMs, _past.Series.Points));
        Assert.Equal(2500, answer.GetProperty("to").GetInt64());
        Assert.True(answer.GetProperty("coarser").GetBoolean());
        Assert.Equal("5", answer.GetProperty("ticks").GetRawText()); // All alike: the value alone.
        var columns = answer.GetProperty("series");
        Assert.Equal("[0.5,1.5,null]", columns[0].GetProperty("min").GetRawText());
        Assert.Equal("[1,2,null]", columns[0].GetProperty("avg").GetRawText());
        Assert.Equal("user", columns[0].GetProperty("labels").GetProperty("cpu.mode").GetString());
        Assert.Equal("counter", columns[0].GetProperty("kind").GetString());
        Assert.Equal("3", columns[1].GetProperty("avg").GetRawText());
        Assert.False(columns[1].TryGetProperty("min", out _)); // One value a bucket: it is its own extreme.
        Assert.Equal(JsonValueKind.Null, columns[2].GetProperty("name").ValueKind);
        Assert.Equal(JsonValueKind.Null, columns[2].GetProperty("labels").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("noData").ValueKind);
    }

    [Theory]
    [InlineData("/history?from=-1h", "series", "0 series; give 1 to 20")]
    [InlineData("/history?series=a&from=soon", "from", "'soon' is not a time; give a time such as 2026")]
    [InlineData("/history?series=a&from=-1h&from=-2h", "from", "given 2 times")]
    [InlineData("/history?series=a&points=1", "points", "give a whole number, 2 to 2000")]
    [InlineData("/history?series=a&points=2001", "points", "give a whole number, 2 to 2000")]
    [InlineData("/history?series=a&points=1e3", "points", "give a whole number, 2 to 2000")]
    [InlineData("/history?series=a&pionts=100", "pionts", "there are from, to, series, points")]
    [InlineData("/history?series=a%7Bb", "series", "'a{b' is not the key of a series")]
    [InlineData("/history?series=%22%3E%3Cscript%3E", "series", "is not the key of a series")]
    [InlineData("/moment", "at", "at is missing; give a time")]
    [InlineData("/moment?at=", "at", "'' is not a time")]
    [InlineData("/events?kind=oom", "kind", "'oom' is not a kind of event; there are recorderStarted")]
    [InlineData("/events?limit=0", "limit", "1 to 1000")]
    [InlineData("/events?after=-1", "after", "give a whole number")]
    [InlineData("/processes?limit=9999&text=a", "limit", "1 to 1000")]
    [InlineData("/export", "format", "format is missing; give one of csv, jsonl, hscope")]
    [InlineData("/export?format=xls", "format", "'xls' is not allowed; give one of csv, jsonl, hscope")]
    public async Task A_bad_question_is_told_what_is_allowed(string question, string parameter, string words)
    {
        await using var server = await StartAsync();
        var problem = await ProblemAsync(server, question, HttpStatusCode.BadRequest);
        Assert.Equal(parameter, problem.GetProperty("parameter").GetString());
        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twenty_one_series_are_too_many()
    {
        await using var server = await StartAsync();
        var many = string.Join('&', Enumerable.Range(0, 21).Select(i => $"series=a{i}"));
        var problem = await ProblemAsync(server, $"/history?{many}", HttpStatusCode.BadRequest);
        Assert.Contains("21 series", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(_past.Series);
    }

    [Fact]
    public async Task What_the_history_refuses_is_a_problem_with_its_words()
    {
        _past.Refusal = new QueryProblem("from", "The range ends before it begins.");
        await using var server = await StartAsync();
        var problem = await ProblemAsync(server, "/history?series=a&from=now&to=-1h", HttpStatusCode.BadRequest);
        Assert.Equal("from: The range ends before it begins.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_moment_is_the_messages_of_the_live_view()
    {
        _past.MomentAnswer = Moments.Second();
        await using var server = await StartAsync();
        var answer = await GetAsync(server, "/moment?at=1763999999.5");
        Assert.Equal(1_763_999_999_500, _past.At);
        Assert.Equal(1_763_999_999_500, answer.GetProperty("at").GetInt64());
        Assert.Equal(Moments.UnixMs, answer.GetProperty("t").GetInt64());
        Assert.Equal(Moments.UnixMs - 1000, answer.GetProperty("before").GetInt64());
        Assert.Equal("schema", answer.GetProperty("schema").GetProperty("type").GetString());
        Assert.Equal("""["system","cores"]""", answer.GetProperty("schema").GetProperty("topics").GetRawText());
        Assert.Equal(
            $$"""{"type":"frame","seq":8,"t":{{Moments.UnixMs}},"dt":1000,"v":[1.25,0.5]}""",
            answer.GetProperty("frame").GetRawText());
        var processes = answer.GetProperty("processes");
        Assert.True(processes.GetProperty("full").GetBoolean());
        Assert.Equal(
            """[[7,100,1,"stress","-c 1","root","/",false]]""", processes.GetProperty("info").GetRawText());
        Assert.Equal("""[[7,"R",0.9,4096,null,null,1,0,20]]""", processes.GetProperty("rows").GetRawText());
        Assert.Equal("0.35", processes.GetProperty("unattributed").GetRawText()); // 1.25 busy, 0.9 of them known.
        var cgroups = answer.GetProperty("cgroups");
        Assert.Equal("""[[1,"/a","a","group"]]""", cgroups.GetProperty("info").GetRawText());
        Assert.Equal("0.5", cgroups.GetProperty("rows")[0][1].GetRawText());
    }

    [Fact]
    public async Task A_minute_that_stands_for_its_seconds_says_so()
    {
        _past.MomentAnswer = Moments.Second() with
        {
            ResolutionMs = 60_000,
            Frame = null,
            PreviousFrame = null,
            Cgroups = null,
        };
        await using var server = await StartAsync();
        var answer = await GetAsync(server, "/moment?at=now");
        Assert.Equal(60_000, answer.GetProperty("resolution").GetInt64());
        Assert.Equal(0, answer.GetProperty("frame").GetProperty("seq").GetInt64());
        Assert.Equal(60_000, answer.GetProperty("frame").GetProperty("dt").GetInt64());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("cgroups").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("processes").GetProperty("unattributed").ValueKind);
        Assert.Equal("0.9", answer.GetProperty("processes").GetProperty("rows")[0][2].GetRawText());
    }

    [Fact]
    public async Task A_moment_without_data_says_why_and_where_there_is_some()
    {
        _past.MomentAnswer = new Moment { NoData = new NoData(null, 42, "This is before the oldest.") };
        await using var server = await StartAsync();
        Assert.Equal(
            """
            {"at":0,"t":null,"resolution":null,"before":null,"after":42,"inGap":true,
            "noData":{"before":null,"after":42,"reason":"This is before the oldest."},
            "schema":null,"frame":null,"processes":null,"cgroups":null}
            """.ReplaceLineEndings(""),
            (await GetAsync(server, "/moment?at=0")).GetRawText());
    }

    [Fact]
    public async Task An_overview_without_a_beginning_is_of_all_there_is()
    {
        _past.OverviewAnswer = new Overview
        {
            FromMs = 0,
            BucketMs = 1000,
            ResolutionMs = 1000,
            Ticks = [0, 1],
            CpuAvg = [double.NaN, 0.5],
            CpuMax = [double.NaN, 1.5],
            Cpus = 2,
            CpuStallMax = [0, 0],
            MemoryStallMax = [double.NaN, double.NaN],
            IoStallMax = [0, 0.25],
            Gaps = [new HistoryGap(0, 1000)],
            Events = [new HistoryEvent(9, 5, HistoryEventKind.OomKill, "java", "java was killed.", [new("pid", 7)])],
        };
        await using var server = await StartAsync();
        var answer = await GetAsync(server, "/overview");
        Assert.Equal(
            (1_763_000_000_000, Now, 1000), (_past.Overview!.FromMs, _past.Overview.ToMs, _past.Overview.Points));
        Assert.Equal(
            """
            {"from":0,"to":2000,"bucket":1000,"buckets":2,"resolution":1000,"cpus":2,"ticks":[0,1],"cpuAvg":[null,0.5],
            "cpuMax":[null,1.5],"cpuStallMax":0,"memoryStallMax":null,"ioStallMax":[0,0.25],"gaps":[[0,1000]],
            "events":[{"id":9,"t":5,"kind":"oomKill","subject":"java","text":"java was killed.","facts":{"pid":7}}],
            "moreEvents":false,"noData":null}
            """.ReplaceLineEndings(""),
            answer.GetRawText());
    }

    [Fact]
    public async Task Events_are_asked_by_kind_and_page()
    {
        _past.EventAnswer = new EventPage([new HistoryEvent(3, 5, HistoryEventKind.Mark, "", "deploy 42", [])], 3);
        await using var server = await StartAsync();
        var answer = await GetAsync(server, "/events?from=0&kind=mark&kind=boot&after=2&limit=1");
        Assert.Equal([HistoryEventKind.Mark, HistoryEventKind.Boot], _past.Events!.Kinds);
        Assert.Equal((0, 2, 1), (_past.Events.FromMs, _past.Events.AfterId, _past.Events.Limit));
        Assert.Equal(3, answer.GetProperty("next").GetInt64());
        Assert.Equal("deploy 42", answer.GetProperty("events")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Processes_of_the_past_are_found()
    {
        _past.SearchAnswer = new ProcessSearch([new ProcessSighting(Moments.Stress, 10, 20)], 5);
        await using var server = await StartAsync();
        var answer = await GetAsync(server, "/processes?text=str%20es&from=0");
        Assert.Equal(("str es", 0, Now, 100), (
            _past.Search!.Text, _past.Search.FromMs, _past.Search.ToMs, _past.Search.Limit));
        Assert.Equal(
            """
            {"pid":7,"start":100,"parent":1,"name":"stress","arguments":"-c 1","user":"root","cgroup":"/",
            "kernelThread":false,"firstSeen":10,"lastSeen":20}
            """.ReplaceLineEndings(""),
            answer.GetProperty("processes")[0].GetRawText());
        Assert.Equal(5, answer.GetProperty("searchedFrom").GetInt64());
    }

    [Fact]
    public async Task The_series_of_a_range_are_listed()
    {
        await using var server = await StartAsync();
        Assert.Contains(
            "\"key\":\"system.cpu.load_average.1m\"",
            (await GetAsync(server, "/series?from=-1h")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_names_each_parameter_once()
    {
        await using var server = await StartAsync();
        var problem = await ProblemAsync(server, "/overview?from=-1h&form=x", HttpStatusCode.BadRequest);
        Assert.EndsWith(
            "there are from, to, points.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_a_file_with_a_name()
    {
        _past.ExportAnswer = "time\r\n"u8.ToArray();
        await using var server = await StartAsync();
        using var answer = await server.Http.GetAsync(
            $"{Base}/export?format=csv&from=2025-11-24T16:00:00Z&series=a&series=b", Ct);
        Assert.Equal("time\r\n", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("web-1-20251124T160000Z.csv", answer.Content.Headers.ContentDisposition!.FileName);
        Assert.Equal(["a", "b"], _past.Export!.Series);
    }

    [Fact]
    public async Task An_export_that_is_refused_is_a_problem_and_no_file()
    {
        _past.Refusal = new QueryProblem("format", "This past is a file already: copy it.");
        await using var server = await StartAsync();
        var problem = await ProblemAsync(server, "/export?format=hscope", HttpStatusCode.BadRequest);
        Assert.Equal("format", problem.GetProperty("parameter").GetString());
    }

    [Fact]
    public async Task The_fifth_question_at_once_is_sent_away_and_ticks_go_on()
    {
        _past.Open.Reset();
        _past.MomentAnswer = new Moment { NoData = new NoData(null, null, "Nothing.") };
        await using var server = await StartAsync();
        var asked = Enumerable.Range(0, QuestionDesk.MaxQuestions + 1)
            .Select(_ => server.Http.GetAsync($"{Base}/moment?at=now", Ct)).ToList();

        // Whichever came last is the fifth; the four have to wait for the past.
        var fifth = await Task.WhenAny(asked).WaitAsync(Eventually.Deadline, Ct);
        using var refused = await fifth;
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        _past.Open.Set();
        foreach (var answer in await Task.WhenAll(asked.Where(task => task != fifth)))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_question_that_takes_too_long_is_given_up()
    {
        _past.Open.Reset();
        await using var server = await StartAsync();
        var asked = server.Http.GetAsync($"{Base}/moment?at=now", Ct);
        await Eventually.True(() => Volatile.Read(ref _past.Waiting) == 1, "the question is being worked on");
        server.Time.Advance(QuestionDesk.MaxTime);
        using var answer = await asked.WaitAsync(Eventually.Deadline, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(0, Volatile.Read(ref _past.Waiting));
    }

    [Fact]
    public async Task Without_a_recorder_there_is_no_past_and_that_is_said()
    {
        await using var server = await Server.StartAsync();
        var problem = await ProblemAsync(server, "/moment?at=now", HttpStatusCode.NotFound);
        Assert.Contains("Nothing is recorded", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await GetAsync(server, "")).GetProperty("recorder").ValueKind);
    }

    [Fact]
    public async Task While_the_history_is_being_opened_a_question_is_asked_to_come_again()
    {
        _past.Status = new HistoryStatus { State = RecordingState.Starting };
        await using var server = await StartAsync();
        using var answer = await server.Http.GetAsync($"{Base}/moment?at=now", Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("1", answer.Headers.RetryAfter!.ToString());
    }

    [Fact]
    public async Task Before_the_first_look_at_the_recorder_nobody_is_told_that_there_is_nothing()
    {
        _past.Status = new HistoryStatus { State = RecordingState.Starting };
        _past.HangingStatuses = 1;
        await using var server = await StartAsync();
        await ProblemAsync(server, "/export?format=jsonl&from=-1h", HttpStatusCode.ServiceUnavailable);
        _past.Status = new HistoryStatus { State = RecordingState.Recording };
        await GetAsync(server, "/moment?at=now");
    }

    [Fact]
    public async Task Host_and_status_tell_what_is_kept_and_what_happened()
    {
        await using var server = await StartAsync();
        _past.Tell(new HistoryEvent(1, 5, HistoryEventKind.ProcessExited, "cc1", "cc1 ended.", []));
        for (var id = 2; id < 40; id++)
        {
            _past.Tell(new HistoryEvent(id, 6, HistoryEventKind.Mark, "", $"deploy {id}", []));
        }

        _past.Status = _past.Status with { State = RecordingState.Paused, Reason = "The disk is full." };
        server.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var path in new[] { Base, "/api/v1/status" })
        {
            var recorder = (await ReadAsync(server, path)).GetProperty("recorder");
            Assert.Equal("paused", recorder.GetProperty("state").GetString());
            Assert.Equal("The disk is full.", recorder.GetProperty("reason").GetString());
            Assert.Equal(27.3, recorder.GetProperty("daysAtThisRate").GetDouble());
            Assert.Equal(1_209_600_000, recorder.GetProperty("tiers")[0].GetProperty("maxAge").GetInt64());
            var events = recorder.GetProperty("events");
            Assert.Equal(RecorderWatch.MaxEvents, events.GetArrayLength());
            Assert.Equal("deploy 39", events[RecorderWatch.MaxEvents - 1].GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task Metrics_tell_whether_history_is_being_written()
    {
        _past.Status = _past.Status with { State = RecordingState.Paused, TicksLost = 7, OldestUnixMs = null };
        await using var server = await StartAsync();
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        var scrape = server.Http.GetStringAsync("/metrics", Ct);
        await Eventually.True(
            () =>
            {
                server.Host.TickPlain(1, 1); // The exporter was made by this scrape and waits for a tick.
                return scrape.IsCompleted;
            },
            "the scrape is answered");
        var text = await scrape;
        Assert.Contains("\nhostscope_recorder_recording 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\nhostscope_recorder_ticks_lost_total 7\n", text, StringComparison.Ordinal);
        Assert.Contains("\nhostscope_recorder_newest_timestamp_seconds 1764000000\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hostscope_recorder_oldest", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_is_taken_and_answered_at_once()
    {
        await using var server = await StartAsync();
        using var answer = await MarkAsync(server, """{"text":" deploy 42 "}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($$"""{"t":{{Now}},"text":"deploy 42"}""", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal([" deploy 42 "], _past.Marks);
    }

    [Theory]
    [InlineData("""{"text":""", HttpStatusCode.BadRequest)]
    [InlineData("""{"txt":"a"}""", HttpStatusCode.BadRequest)]
    [InlineData("""[]""", HttpStatusCode.BadRequest)]
    [InlineData("""null""", HttpStatusCode.BadRequest)]
    [InlineData("", HttpStatusCode.BadRequest)]
    public async Task A_mark_that_cannot_be_read_is_told_how(string body, HttpStatusCode expected)
    {
        await using var server = await StartAsync();
        using var answer = await MarkAsync(server, body);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("deploy 42", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Empty(_past.Marks);
    }

    [Fact]
    public async Task A_form_is_no_mark()
    {
        await using var server = await StartAsync();
        using var answer = await MarkAsync(server, """{"text":"a"}""", "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Empty(_past.Marks);
    }

    [Fact]
    public async Task A_mark_without_a_recorder_is_a_conflict()
    {
        await using var server = await Server.StartAsync();
        using var answer = await MarkAsync(server, """{"text":"a"}""");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    private static SeriesColumn Column(Series series, double[] avg, int[] count) => new()
    {
        Key = series.Key,
        Series = series,
        Min = [.. avg.Select(value => value - 0.5)],
        Avg = avg,
        Max = [.. avg.Select(value => value + 0.5)],
        Count = count,
    };

    private static async Task<HttpResponseMessage> MarkAsync(
        Server server, string body, string mediaType = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        return await server.Http.PostAsync($"{Base}/marks", content, Ct);
    }

    private static Task<JsonElement> GetAsync(Server server, string path) => ReadAsync(server, Base + path);

    private static async Task<JsonElement> ReadAsync(Server server, string path) =>
        JsonDocument.Parse(await server.Http.GetByteArrayAsync(path, Ct)).RootElement;

    private static async Task<JsonElement> ProblemAsync(Server server, string path, HttpStatusCode expected)
    {
        using var answer = await server.Http.GetAsync(Base + path, Ct);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        return JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Ct)).RootElement;
    }

    private Task<Server> StartAsync() => Server.StartAsync(services: services => services
        .AddSingleton<IHistories>(_past).AddSingleton<IMarks>(_past).AddSingleton<IEventFeed>(_past));
}
