using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Hostscope.Gateway.Tests;

namespace Hostscope.Proxy.Tests;

/// <summary>
/// Goal: behind nginx, with the files that we ship, everything is as without it. Method: the nginx of the system before
/// a real Kestrel that samples this machine, both ways to serve it.
/// </summary>
public sealed class ThroughNginxTests
{
    /// <summary>Id of the log line of a viewer that was let in.</summary>
    private const int ViewerCame = 4000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Nginx_finds_nothing_to_say_about_the_files(Variant variant)
    {
        var (exitCode, words) = await Nginx.TestAsync(variant);
        Assert.True(exitCode == 0, words);
        Assert.All(
            words.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches("syntax is ok$|test is successful$", line.TrimEnd()));
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task The_page_and_all_its_files_arrive_with_their_headers_once(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var client = nginx.Client();
        foreach (var path in new[] { "", "h/local" })
        {
            using var page = await client.GetAsync(path, Ct);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
            Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
            var text = await page.Content.ReadAsStringAsync(Ct);
            var script = text.Split("src=\"")[1].Split('"')[0];
            using var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri(new Uri(client.BaseAddress!, path), script));
            request.Headers.Add("Accept-Encoding", "br");
            using var asset = await client.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
            Assert.Equal("br", Assert.Single(asset.Content.Headers.ContentEncoding));
        }

        using var status = await client.GetAsync("api/v1/status", Ct);
        Assert.Equal("no-store", status.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task A_web_socket_gets_each_sample_and_the_reason_of_its_end(Variant variant)
    {
        var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var viewer = await WatchAsync(nginx);
        await viewer.ReceiveAsync("hello");
        var (first, second) = (await SequenceAsync(viewer), await SequenceAsync(viewer));
        Assert.Equal(first + 1, second);

        await viewer.SendAsync("""{"type":"subscribe","topics":["nonsense"]}""");
        var (status, reason) = await viewer.ReceiveCloseAsync();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, status);
        Assert.Contains("topics", reason, StringComparison.Ordinal);

        using var another = await WatchAsync(nginx);
        await another.ReceiveAsync("hello");
        await backend.DisposeAsync();
        (status, _) = await another.ReceiveCloseAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, status);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Each_event_arrives_when_it_is_sent(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var client = nginx.Client();
        await using var stream = await client.GetStreamAsync("api/v1/hosts/local/stream", Ct);
        using var lines = new StreamReader(stream);
        var times = new List<long>();
        while (times.Count < 6)
        {
            var line = await lines.ReadLineAsync(Ct).AsTask().WaitAsync(Eventually.Deadline, Ct);
            if (line!.StartsWith("id: ", StringComparison.Ordinal))
            {
                times.Add(Stopwatch.GetTimestamp());
            }
        }

        // Kept together they would arrive in one moment; they are sent a tenth of a second apart.
        var apart = times.Zip(times.Skip(1), Stopwatch.GetElapsedTime).Count(gap => gap.TotalMilliseconds > 20);
        Assert.InRange(apart, 3, 5);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task The_past_can_be_asked_for_and_taken_away(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var viewer = await WatchAsync(nginx);
        while (await SequenceAsync(viewer) < 30)
        {
            // Three seconds of past.
        }

        using var client = nginx.Client();
        foreach (var question in new[]
        {
            "history?series=system.cpu.load_average.1m&from=-15m&points=10", "moment?at=now",
            "overview?from=-15m&points=10", "events?from=-15m", "processes?text=a&from=-15m", "series?from=-15m",
        })
        {
            using var answer = await client.GetAsync($"api/v1/hosts/local/{question}", Ct);
            var body = await answer.Content.ReadAsStringAsync(Ct);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{question}: {answer.StatusCode} {body}");
        }

        using var export = await client.GetAsync("api/v1/hosts/local/export?format=hscope&from=-15m", Ct);
        Assert.Equal(HttpStatusCode.OK, export.StatusCode);
        var file = await export.Content.ReadAsByteArrayAsync(Ct);
        Assert.StartsWith("SQLite format 3", Encoding.ASCII.GetString(file, 0, 100), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task A_page_of_another_origin_is_refused_before_the_upgrade(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        string[] origins =
        [
            "https://evil.example", "null", $"http://{nginx.Authority}", $"https://{Nginx.Name}",
            $"https://{nginx.Authority}.evil.example", $"https://evil.{nginx.Authority}",
        ];
        foreach (var origin in origins)
        {
            var refusal = await Assert.ThrowsAsync<WebSocketException>(() => WatchAsync(nginx, origin));
            Assert.Contains("403", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(origins.Length, backend.Seen.Count);
        Assert.DoesNotContain(backend.Log.Lines, line => line.Id == ViewerCame);
        using var viewer = await WatchAsync(nginx, $"https://{nginx.Authority}");
        await viewer.ReceiveAsync("hello");
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Another_name_is_not_answered(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        foreach (var host in new[] { "evil.example", $"evil.example:{nginx.Port}", $"{Nginx.Name}.evil.example" })
        {
            await using var connection = await RawConnection.OpenAsync(nginx);
            await connection.SendAsync($"GET {nginx.Prefix}/api/v1/hosts HTTP/1.1\r\nHost: {host}\r\n\r\n");
            var answer = await connection.ReadAnswerAsync();
            Assert.Equal(421, answer.Status);
            Assert.DoesNotContain("\"id\"", answer.Body, StringComparison.Ordinal);
        }

        // A name of its own is refused by nginx; below a site's path the site may have other names, and we refuse.
        Assert.Equal(variant == Variant.OwnName ? 0 : 3, backend.Seen.Count);
    }

    [Fact]
    public async Task Plain_http_leads_to_https()
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(Variant.OwnName, backend.Address.Port);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await client.GetAsync($"http://127.0.0.1:{nginx.RedirectPort}/h/local?x=1", Ct);
        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.Equal($"https://{Nginx.Name}/h/local?x=1", answer.Headers.Location!.OriginalString);
        Assert.Empty(backend.Seen);
    }

    [Fact]
    public async Task The_prefix_without_its_slash_leads_to_the_page_and_other_paths_of_the_site_are_not_ours()
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(Variant.Prefix, backend.Address.Port);
        using var client = nginx.Client();
        using var answer = await client.GetAsync("/hostscope", Ct);
        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.EndsWith("/hostscope/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        foreach (var path in new[] { "/api/v1/hosts", "/hostscopes/", "/hostscope/../api/v1/hosts" })
        {
            using var other = await client.GetAsync(path, Ct);
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        }

        Assert.Empty(backend.Seen);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task While_nginx_reloads_viewers_go_on_and_are_then_told_to_come_again(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port, workerShutdownSeconds: 1);
        using var old = await WatchAsync(nginx);
        await old.ReceiveAsync("hello");
        nginx.Reload();

        // A new viewer gets in at once, whichever worker takes it.
        using var viewer = await WatchAsync(nginx);
        await viewer.ReceiveAsync("hello");
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            while (true)
            {
                await old.ReceiveBytesAsync();
            }
        });
        using var again = await WatchAsync(nginx);
        await again.ReceiveAsync("hello");
        await SequenceAsync(again);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task After_a_restart_of_hostscope_the_first_request_is_answered(Variant variant)
    {
        var first = await Backend.StartAsync();
        var port = first.Address.Port;
        await using var nginx = await Nginx.StartAsync(variant, port);
        using var client = nginx.Client();
        using (var answer = await client.GetAsync("api/v1/hosts", Ct))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode); // nginx keeps this connection for the next request.
        }

        await first.DisposeAsync();
        using (var down = await client.GetAsync("api/v1/hosts", Ct))
        {
            Assert.Equal(HttpStatusCode.BadGateway, down.StatusCode);
        }

        await using var second = await Backend.StartAsync(port);
        using var up = await client.GetAsync("api/v1/hosts", Ct);
        Assert.Equal(HttpStatusCode.OK, up.StatusCode);
        using var viewer = await WatchAsync(nginx);
        await viewer.ReceiveAsync("hello");
    }

    [Theory]
    [InlineData(Variant.OwnName, 413, "POST {0}/none", "Content-Length: 65537\r\n", 0)]
    [InlineData(Variant.Prefix, 413, "POST {0}/none", "Content-Length: 65537\r\n", 0)]
    [InlineData(Variant.OwnName, 414, "GET {0}/{1}", "", 9_000)]
    [InlineData(Variant.OwnName, 400, "GET {0}/none", "X: {1}\r\n", 9_000)]
    public async Task What_is_too_large_does_not_reach_hostscope(
        Variant variant, int status, string request, string header, int length)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        await using var connection = await RawConnection.OpenAsync(nginx);
        var filling = new string('x', length);
        await connection.SendAsync(
            string.Format(CultureInfo.InvariantCulture, request, nginx.Prefix, filling) +
            $" HTTP/1.1\r\nHost: {nginx.Authority}\r\n" +
            string.Format(CultureInfo.InvariantCulture, header, nginx.Prefix, filling) + "\r\n");
        Assert.Equal(status, (await connection.ReadAnswerAsync()).Status);
        Assert.Empty(backend.Seen);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task One_address_has_64_requests_at_once_and_no_more(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        var connections = new List<RawConnection>();
        for (var i = 0; i <= 64; i++)
        {
            connections.Add(await RawConnection.OpenAsync(nginx));
            await connections[i].SendAsync(
                $"GET {nginx.Prefix}/api/v1/hosts/local/stream HTTP/1.1\r\nHost: {nginx.Authority}\r\n\r\n");
            Assert.Equal(i < 64 ? 200 : 429, (await connections[i].ReadHeadAsync()).Status);
        }

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        Assert.Equal(64, backend.Seen.Count);
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Logins_come_one_a_second_from_one_address_after_the_first_few(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var client = nginx.Client();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 50; i++)
        {
            // By the form and by the API in turn: the two are counted together.
            using var answer = await client.PostAsync(
                i % 2 == 0 ? "login" : "api/v1/session", new StringContent("name=a&password=b"), Ct);
            statuses.Add(answer.StatusCode);
        }

        // One and five more at once; the rest of them took less than a minute.
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, statuses.Take(6));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(backend.Seen.Count, statuses.Count(status => status != HttpStatusCode.TooManyRequests));
        using var look = await client.GetAsync("api/v1/session", Ct); // The page asks who one is; that is no try.
        Assert.NotEqual(HttpStatusCode.TooManyRequests, look.StatusCode);
    }

    private static async Task<WebSocketClient> WatchAsync(Nginx nginx, string? origin = null)
    {
        var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        using var client = nginx.Client();
        var address = new UriBuilder(new Uri(client.BaseAddress!, "api/v1/hosts/local/live")) { Scheme = "wss" };
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.ConnectAsync(address.Uri, client, deadline.Token);
        return new WebSocketClient(socket);
    }

    /// <summary>The number of the next frame.</summary>
    private static async Task<long> SequenceAsync(WebSocketClient viewer)
    {
        while (true)
        {
            var message = WebSocketClient.Parse(await viewer.ReceiveBytesAsync());
            if (message.GetProperty("type").GetString() == "frame")
            {
                return message.GetProperty("seq").GetInt64();
            }
        }
    }
}
