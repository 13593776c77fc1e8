using System.Net;
using System.Text.Json;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: the plain HTTP half of the contract, its errors included. Method: requests to a real server.
/// </summary>
public sealed class ApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_of_hosts_names_the_local_one()
    {
        await using var server = await Server.StartAsync();
        _ = new TestHost(server.Bus, "db-1", 500);
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        var list = await GetAsync(server, "/api/v1/hosts");
        Assert.Equal("web-1", list.GetProperty("local").GetString());
        Assert.Equal(
            ["db-1", "web-1"],
            list.GetProperty("hosts").EnumerateArray().Select(host => host.GetProperty("id").GetString()));
        Assert.Equal(JsonValueKind.Null, list.GetProperty("hosts")[0].GetProperty("lastSampleAt").ValueKind);
        Assert.Equal(server.Host.UnixMs, list.GetProperty("hosts")[1].GetProperty("lastSampleAt").GetInt64());
        Assert.Equal(500, list.GetProperty("hosts")[0].GetProperty("interval").GetInt32());
    }

    [Theory]
    [InlineData("local")]
    [InlineData("web-1")]
    public async Task A_host_tells_its_static_data_and_what_does_not_work_and_why(string name)
    {
        await using var server = await Server.StartAsync();
        var details = await GetAsync(server, $"/api/v1/hosts/{name}");
        Assert.Equal("WEB-1", details.GetProperty("host").GetProperty("name").GetString());
        Assert.Equal("no /sys/class/hwmon", details.GetProperty("capabilities")[1].GetProperty("reason").GetString());
        Assert.Equal(1000, details.GetProperty("interval").GetInt32());
    }

    [Theory]
    [InlineData("/api/v1/hosts/nope")]
    [InlineData("/api/v1/hosts/nope/live")]
    [InlineData("/api/v1/hosts/nope/stream")]
    public async Task An_unknown_host_is_a_problem_that_names_the_known_ones(string path)
    {
        await using var server = await Server.StartAsync();
        using var request = Upgrade(path);
        using var answer = await server.Http.SendAsync(request, Ct);
        var problem = await ProblemAsync(answer, HttpStatusCode.NotFound);
        Assert.Equal("There is no host 'nope'; known are: local, web-1.", problem.GetProperty("detail").GetString());
        Assert.Equal("host", problem.GetProperty("parameter").GetString());
        Assert.Equal("""["local","web-1"]""", problem.GetProperty("allowed").GetRawText());
    }

    [Theory]
    [InlineData("live")]
    [InlineData("stream")]
    public async Task An_unknown_topic_is_a_problem_that_names_the_known_ones(string way)
    {
        await using var server = await Server.StartAsync();
        using var request = Upgrade($"/api/v1/hosts/local/{way}?topics=system,everything");
        using var answer = await server.Http.SendAsync(request, Ct);
        var problem = await ProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.Equal("topics", problem.GetProperty("parameter").GetString());
        Assert.Contains("'everything'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Counters.Viewers);
    }

    [Fact]
    public async Task A_plain_request_to_the_socket_is_told_what_to_do()
    {
        await using var server = await Server.StartAsync();
        using var answer = await server.Http.GetAsync("/api/v1/hosts/local/live", Ct);
        var problem = await ProblemAsync(answer, HttpStatusCode.UpgradeRequired);
        var detail = problem.GetProperty("detail").GetString();
        Assert.Contains("/api/v1/hosts/local/stream", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/v1/host")]
    [InlineData("/api/v2/hosts")]
    [InlineData("/nothing")]
    [InlineData("/assets/../index.html/x")]
    [InlineData("/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets//etc/passwd")]
    [InlineData("/assets/a-1.js.br")]
    [InlineData("/assets/..%5c..%5cetc%5cpasswd")]
    public async Task What_is_not_there_is_a_problem_404(string path)
    {
        await using var server = await Server.StartAsync();
        using var answer = await server.Http.GetAsync(new Uri(server.Address + path[1..], new UriCreationOptions
        {
            DangerousDisablePathAndQueryCanonicalization = true,
        }), Ct);
        await ProblemAsync(answer, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/api/v1/hosts", "GET")]
    [InlineData("/healthz", "GET, HEAD")]
    [InlineData("/", "GET, HEAD")]
    public async Task A_method_that_is_not_allowed_is_a_problem_405_naming_those_that_are(string path, string allowed)
    {
        await using var server = await Server.StartAsync();
        using var answer = await server.Http.DeleteAsync(path, Ct);
        var problem = await ProblemAsync(answer, HttpStatusCode.MethodNotAllowed);
        Assert.Equal(allowed, string.Join(", ", answer.Content.Headers.Allow));
        Assert.Contains($"allowed is {allowed}.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_turns_to_503_when_the_last_sample_is_three_seconds_old_and_back()
    {
        await using var server = await Server.StartAsync();
        await CheckHealthAsync(server, 503, "failing: no sample has been taken yet\n");
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        server.Time.Advance(TimeSpan.FromSeconds(2.9));
        await CheckHealthAsync(server, 200, "ok: the last sample was taken 2.9 s ago\n");
        server.Time.Advance(TimeSpan.FromSeconds(0.1));
        await CheckHealthAsync(
            server,
            503,
            "failing: the last sample was taken 3.0 s ago; it should be younger than 3.0 s. "
            + "Sampling has stopped or the machine is starved; hostscope's log says more\n");
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse?.Sequence == 2, "the tick is in");
        await CheckHealthAsync(server, 200, "ok: the last sample was taken 0.0 s ago\n");
    }

    [Fact]
    public async Task Health_waits_three_intervals_of_a_slow_host()
    {
        await using var server = await Server.StartAsync(intervalMs: 10_000);
        server.Host.TickPlain(1, 1);
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        server.Time.Advance(TimeSpan.FromSeconds(29.9));
        await CheckHealthAsync(server, 200, "ok: the last sample was taken 29.9 s ago\n");
        server.Time.Advance(TimeSpan.FromSeconds(0.1));
        using var answer = await server.Http.GetAsync("/healthz", Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Status_tells_limits_counters_and_cost()
    {
        await using var server = await Server.StartAsync(options => options.MaxViewers = 77);
        server.Host.Tick(
            (Metrics.CollectorDuration, ["cpu"], 40),
            (Metrics.CollectorDuration, ["disk"], 60),
            (Metrics.TickLateness, [], 5));
        using var viewer = await server.WatchAsync();
        await viewer.ReceiveAsync("hello");
        server.Host.TickPlain(1, 1);
        await viewer.ReceiveAsync("schema");
        await viewer.ReceiveAsync("frame");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        var status = await GetAsync(server, "/api/v1/status");
        Assert.Equal(77, status.GetProperty("limits").GetProperty("maxViewers").GetInt32());
        Assert.Equal(50, status.GetProperty("limits").GetProperty("metricsTopN").GetInt32());
        Assert.Equal(16_384, status.GetProperty("limits").GetProperty("maxMessageBytes").GetInt32());
        var viewers = status.GetProperty("viewers");
        Assert.Equal(1, viewers.GetProperty("connected").GetInt32());
        Assert.Equal(1, viewers.GetProperty("framesSent").GetInt32());
        Assert.Equal(0, viewers.GetProperty("framesReplaced").GetInt32());
        Assert.InRange(viewers.GetProperty("bytesSent").GetInt32(), 500, 5_000);
        Assert.InRange(status.GetProperty("rssBytes").GetInt64(), 1 << 20, 1L << 33);
        Assert.Equal(0, status.GetProperty("busReaderFailures").GetInt64());
        Assert.Equal(2, status.GetProperty("uptimeSeconds").GetDouble());
        var tick = status.GetProperty("tick");
        Assert.Equal(2, tick.GetProperty("ageSeconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, tick.GetProperty("collectSeconds").ValueKind); // Not in this tick.
    }

    [Fact]
    public async Task The_cost_of_a_tick_is_the_sum_of_its_collectors()
    {
        await using var server = await Server.StartAsync();
        server.Host.Tick(
            (Metrics.CollectorDuration, ["cpu"], 40),
            (Metrics.CollectorDuration, ["disk"], 60),
            (Metrics.TickLateness, [], 5));
        await Eventually.True(() => server.LocalPulse is not null, "the tick is in");
        var tick = (await GetAsync(server, "/api/v1/status")).GetProperty("tick");
        Assert.Equal(0.0001, tick.GetProperty("collectSeconds").GetDouble(), 1e-12);
        Assert.Equal(0.000005, tick.GetProperty("latenessSeconds").GetDouble(), 1e-12);
    }

    [Fact]
    public async Task The_contract_describes_every_route_of_the_api()
    {
        await using var server = await Server.StartAsync();
        var contract = await GetAsync(server, "/openapi/v1.json");
        Assert.StartsWith("3.", contract.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal("Hostscope", contract.GetProperty("info").GetProperty("title").GetString());
        var paths = contract.GetProperty("paths");
        string[] expected =
        [
            "/api/v1/hosts", "/api/v1/hosts/{host}", "/api/v1/hosts/{host}/live", "/api/v1/hosts/{host}/stream",
            "/api/v1/status", "/healthz",
        ];
        Assert.Superset(expected.ToHashSet(), paths.EnumerateObject().Select(path => path.Name).ToHashSet());
        Assert.True(Responses("/api/v1/hosts/{host}/live").TryGetProperty("101", out _));
        Assert.True(Responses("/api/v1/hosts/{host}/stream")
            .GetProperty("200").GetProperty("content").TryGetProperty("text/event-stream", out _));
        var summary = contract.GetProperty("components").GetProperty("schemas");
        Assert.True(summary.GetProperty("HostDetails").GetProperty("properties").TryGetProperty("lastSampleAt", out _));
        JsonElement Responses(string path) => paths.GetProperty(path).GetProperty("get").GetProperty("responses");
    }

    private static async Task CheckHealthAsync(Server server, int status, string text)
    {
        using var answer = await server.Http.GetAsync("/healthz", Ct);
        Assert.Equal((status, text), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct)));
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<JsonElement> GetAsync(Server server, string path)
    {
        using var answer = await server.Http.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return WebSocketClient.Parse(await answer.Content.ReadAsByteArrayAsync(Ct));
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var text = await answer.Content.ReadAsByteArrayAsync(Ct);
        Assert.DoesNotContain("\\u00", System.Text.Encoding.UTF8.GetString(text), StringComparison.Ordinal);
        var problem = WebSocketClient.Parse(text);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal("about:blank", problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        return problem;
    }

    private static HttpRequestMessage Upgrade(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (path.Contains("/live", StringComparison.Ordinal))
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.ParseAdd("websocket");
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        }

        return request;
    }
}
