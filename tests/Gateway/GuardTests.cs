using System.Net;
using System.Net.WebSockets;
using Hostscope.Gateway.Http;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// S-04, S-05 and S-14, with nobody logged in. Goal: no other name, no other site's page, and the headers on every
/// answer. Method: requests by hand, as HTTP libraries do not let one send what attackers send.
/// </summary>
public sealed class GuardTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static readonly string[] Paths =
    [
        "/", "/assets/a-1.js", "/api/v1/hosts", "/api/v1/hosts/local", "/api/v1/status", "/healthz",
        "/openapi/v1.json", "/api/v1/session", "/none",
    ];

    private static readonly Dictionary<string, string> Headers = new()
    {
        ["Content-Security-Policy"] = Guard.ContentSecurityPolicy,
        ["X-Content-Type-Options"] = "nosniff",
        ["Referrer-Policy"] = "no-referrer",
        ["Cross-Origin-Opener-Policy"] = "same-origin",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
        ["Cross-Origin-Embedder-Policy"] = "require-corp",
        ["Permissions-Policy"] = Guard.PermissionsPolicy,
    };

    [Fact]
    public async Task Every_answer_has_exactly_the_headers_of_the_guard()
    {
        await using var server = await Server.StartAsync();
        foreach (var path in Paths)
        {
            using var answer = await server.Http.GetAsync(path, Ct);
            foreach (var (name, value) in Headers)
            {
                Assert.Equal(value, string.Join(",", answer.Headers.GetValues(name)));
            }

            Assert.DoesNotContain(answer.Headers, header =>
                header.Key is "Server" or "X-Powered-By"
                || header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
            if (path is not ("/" or "/assets/a-1.js"))
            {
                Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            }
        }

        using var viewer = await server.WatchAsync(configure: options => options.CollectHttpResponseDetails = true);
        var headers = viewer.Socket.HttpResponseHeaders!;
        Assert.Equal(Guard.ContentSecurityPolicy, headers["Content-Security-Policy"].Single());
    }

    [Fact]
    public void The_policy_allows_nothing_inline_and_nothing_foreign()
    {
        const string Begin = "default-src 'none'; script-src 'self'; style-src 'self'; ";
        Assert.StartsWith(Begin, Guard.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", Guard.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", Guard.ContentSecurityPolicy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", Guard.ContentSecurityPolicy + Guard.PermissionsPolicy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("localhost.:{port}")]
    [InlineData("xn--99999999999.example")]
    [InlineData("localhost:1")]
    [InlineData("192.0.2.99:{port}")]
    [InlineData("")]
    public async Task A_request_for_another_name_is_refused_with_421_and_no_body_everywhere(string host)
    {
        await using var server = await Server.StartAsync();
        var name = host.Replace("{port}", $"{server.Address.Port}", StringComparison.Ordinal);
        foreach (var path in Paths.Append("/api/v1/hosts/local/live"))
        {
            using var client = new RawViewer();
            var answer = await client.RequestAsync(
                server.Address, $"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 421 ", answer, StringComparison.Ordinal);
            Assert.Contains("Content-Length: 0\r\n", answer, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("nosniff", answer, StringComparison.Ordinal);
        }

        var line = Assert.Single(server.Log.With(4020)); // Once a minute, not once each.
        Assert.Contains("allowedHosts", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configured_name_is_let_in()
    {
        await using var server = await Server.StartAsync(options => options.AllowedHosts = ["metrics.example.org"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = "metrics.example.org";
        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode); // No sample yet, but it was asked.
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:{port}.evil.example")]
    [InlineData("http://evil127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://127.0.0.1")]
    [InlineData("https://127.0.0.1:{port}")]
    [InlineData("http://x@127.0.0.1:{port}")]
    [InlineData("http://localhost:{port}")]
    [InlineData("http://xn--e1awd7f.example")]
    [InlineData("")]
    public async Task A_page_of_another_origin_is_refused_with_403_before_the_upgrade(string origin)
    {
        await using var server = await Server.StartAsync();
        var exception = await Assert.ThrowsAsync<WebSocketException>(() => server.WatchAsync(configure: options =>
        {
            options.CollectHttpResponseDetails = true;
            var port = $"{server.Address.Port}";
            options.SetRequestHeader("Origin", origin.Replace("{port}", port, StringComparison.Ordinal));
        }));
        Assert.Contains("403", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Counters.ViewersTotal);
        Assert.Single(server.Log.With(4021));
    }

    [Fact]
    public async Task Two_origins_are_refused()
    {
        await using var server = await Server.StartAsync();
        using var client = new RawViewer();
        var name = server.Address.Authority;
        var own = $"Origin: http://{name}\r\n";
        var answer = await client.RequestAsync(
            server.Address, $"GET /api/v1/hosts/local/stream HTTP/1.1\r\nHost: {name}\r\n{own}{own}\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Cookie", "a=b")]
    public async Task Without_an_origin_what_smells_of_a_browser_is_refused(string header, string value)
    {
        await using var server = await Server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/hosts/local/stream");
        request.Headers.Add(header, value);
        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://{authority}")]
    [InlineData("HTTP://{authority}")]
    public async Task The_own_page_and_programs_that_are_no_browser_are_let_in(string? origin)
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync(configure: options =>
        {
            if (origin is not null)
            {
                var authority = server.Address.Authority;
                options.SetRequestHeader(
                    "Origin", origin.Replace("{authority}", authority, StringComparison.Ordinal));
            }
        });
        await viewer.ReceiveAsync("hello");
    }

    [Fact]
    public async Task Behind_a_proxy_that_ends_tls_the_configured_name_may_be_https()
    {
        await using var server = await Server.StartAsync(options => options.AllowedHosts = ["metrics.example.org"]);
        using var viewer = await server.WatchAsync(configure: options =>
        {
            options.SetRequestHeader("Host", "metrics.example.org");
            options.SetRequestHeader("Origin", "https://metrics.example.org");
        });
        await viewer.ReceiveAsync("hello");
    }

    [Theory]
    [InlineData(431, "X: {0}", 17_000)]
    [InlineData(431, "{0}", 65)]
    [InlineData(414, "", 9_000)]
    public async Task What_is_too_large_is_refused_by_its_own_status(int status, string header, int size)
    {
        await using var server = await Server.StartAsync();
        var headers = header switch
        {
            "{0}" => string.Concat(Enumerable.Range(0, size).Select(i => $"X-{i}: 1\r\n")),
            "" => "",
            _ => $"X: {new string('x', size)}\r\n",
        };
        var path = header.Length == 0 ? "/" + new string('x', size) : "/";
        using var client = new RawViewer();
        var answer = await client.RequestAsync(
            server.Address, $"GET {path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\n{headers}\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }
}
