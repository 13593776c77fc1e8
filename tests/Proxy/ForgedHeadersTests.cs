using System.Net;
using Hostscope.Gateway.Tests;

namespace Hostscope.Proxy.Tests;

/// <summary>
/// Goal: who a client is, and by which way it came, is said by the proxy and never by the client. Method: each header
/// that any proxy uses for it, forged, through nginx and past it.
/// </summary>
public sealed class ForgedHeadersTests
{
    private static readonly (string Name, string Value)[] Forged =
    [
        ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Port", "1"), ("X-Forwarded-Prefix", "/evil"), ("X-Forwarded-Server", "evil.example"),
        ("Forwarded", "for=203.0.113.9;host=evil.example;proto=http"), ("X-Real-IP", "203.0.113.9"),
        ("Remote-User", "admin"), ("X-Remote-User", "admin"), ("X-Forwarded-User", "admin"),
        ("X-Original-URL", "/evil"), ("X-Rewrite-URL", "/evil"), ("X-HTTP-Method-Override", "DELETE"),
        ("Proxy", "http://evil.example"), ("X-Hostscope-Proxy-Secret", "guessed"),
    ];

    /// <summary>Names that servers with CGI in their history take for the same header.</summary>
    private static readonly string[] Disguised = ["Remote_User", "X_Forwarded_For", "X_Remote_User"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Nginx_says_who_and_how_and_what_the_client_says_is_gone(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var client = nginx.Client();
        foreach (var path in new[] { "api/v1/hosts", "api/v1/hosts/local/stream" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            foreach (var (name, value) in Forged.Concat(Disguised.Select(name => (name, "admin"))))
            {
                request.Headers.Add(name, value);
                request.Headers.Add(name, value);
            }

            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var seen = backend.Seen[^1].Headers;
            Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
            Assert.Equal("https", seen["X-Forwarded-Proto"]);
            Assert.Equal(nginx.Authority, seen["Host"]);
            Assert.DoesNotContain(seen, header => !IsOfNginx(header.Key) && IsForged(header.Key));
        }
    }

    [Fact]
    public async Task From_a_peer_that_is_no_proxy_they_mean_nothing()
    {
        await using var backend = await Backend.StartAsync();
        using var client = new HttpClient { BaseAddress = backend.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/hosts/local/stream");
        foreach (var (name, value) in Forged)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var came = Assert.Single(backend.Log.With(4000));
        Assert.Contains("from 127.0.0.1 by SSE", came.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(backend.Log.Lines, line =>
            line.Text.Contains("203.0.113.9", StringComparison.Ordinal)
            || line.Text.Contains("evil", StringComparison.Ordinal));

        // Nor do they open the door to a page of another name.
        request.Headers.Remove("X-Forwarded-Host");
        foreach (var header in new[] { "X-Forwarded-Host", "X-Original-Host", "Forwarded" })
        {
            using var foreign = new HttpRequestMessage(HttpMethod.Get, "api/v1/hosts");
            foreign.Headers.Host = "evil.example";
            foreign.Headers.Add(header, backend.Address.Authority);
            using var refusal = await client.SendAsync(foreign, Ct);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, refusal.StatusCode);
        }
    }

    [Fact]
    public async Task What_people_ask_for_is_not_written_down()
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(Variant.OwnName, backend.Address.Port);
        using var client = nginx.Client();
        using var answer = await client.GetAsync("none?secret=hunter2", Ct);
        await Eventually.True(() => nginx.AccessLog.Count == 1, "the line of the request");
        Assert.Matches("^127\\.0\\.0\\.1 \\[.+\\] \"GET /none\" 404 [0-9]+ [0-9.]+ 404$", nginx.AccessLog[0]);
    }

    private static bool IsOfNginx(string name) => name is "X-Forwarded-For" or "X-Forwarded-Proto";

    private static bool IsForged(string name) =>
        Forged.Any(forged => forged.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) || Disguised.Contains(name);
}
