using System.Net;
using Hostscope.Gateway.Prometheus;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Prometheus.Tests;

/// <summary>Goal: the route keeps to HTTP. Method: requests to a real server.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task A_scrape_says_what_it_is()
    {
        await using var server = await TestServer.StartAsync(intervalMs: 100);
        using var answer = await server.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("Accept-Encoding", Assert.Single(answer.Headers.Vary));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.NotNull(answer.Content.Headers.ContentLength);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Who_accepts_gzip_gets_it()
    {
        await using var server = await TestServer.StartAsync(intervalMs: 100);
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip })
        {
            BaseAddress = server.Address,
        };
        using var raw = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        raw.Headers.Add("Accept-Encoding", "gzip");
        using var answer = await server.Http.SendAsync(raw, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
        var text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("node_load1", Scrape.Parse(text).Types.Keys);
    }

    [Fact]
    public async Task Head_has_the_headers_only_and_other_methods_are_refused()
    {
        await using var server = await TestServer.StartAsync(intervalMs: 100);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/metrics");
        using var answer = await server.Http.SendAsync(head, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Content.Headers.ContentLength > 1000);
        using var post = await server.Http.PostAsync(
            "/metrics", new StringContent(""), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, GZIP;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("identity", false)]
    [InlineData("", false)]
    [InlineData("; nonsense ,,", false)]
    public void Gzip_is_used_where_it_is_asked_for(string accept, bool expected) =>
        Assert.Equal(expected, PrometheusRoute.AcceptsGzip(new HeaderDictionary { ["Accept-Encoding"] = accept }));
}
