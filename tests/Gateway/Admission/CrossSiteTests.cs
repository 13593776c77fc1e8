using System.Net;
using System.Net.WebSockets;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-04 and S-05, with somebody logged in. Goal: a cookie helps no other site's page, and no other name. Method: the
/// origins that attackers have used, each with a cookie that is good.
/// </summary>
public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:{port}.evil.example")]
    [InlineData("http://evil127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://127.0.0.1")]
    [InlineData("https://127.0.0.1:{port}")]
    [InlineData("ws://127.0.0.1:{port}")]
    [InlineData("http://x@127.0.0.1:{port}")]
    [InlineData("http://localhost:{port}")]
    [InlineData("http://xn--e1awd7f.example")]
    [InlineData("http://127.0.0.1:{port}/")]
    [InlineData("http://127.0.0.1:{port}, http://127.0.0.1:{port}")]
    [InlineData("")]
    public async Task A_good_cookie_does_not_help_another_sites_page(string origin)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var cookie = await TestUsers.LogInAsync(server, "admin");
        var exception = await Assert.ThrowsAsync<WebSocketException>(() => server.WatchAsync(configure: options =>
        {
            options.SetRequestHeader("Cookie", cookie);
            options.SetRequestHeader(
                "Origin", origin.Replace("{port}", $"{server.Address.Port}", StringComparison.Ordinal));
        }));
        Assert.Contains("403", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Counters.ViewersTotal);
    }

    [Fact]
    public async Task Without_an_origin_a_cookie_is_refused_and_a_token_is_welcome()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var cookie = await TestUsers.LogInAsync(server, "admin");
        var exception = await Assert.ThrowsAsync<WebSocketException>(() => server.WatchAsync(
            configure: options => options.SetRequestHeader("Cookie", cookie)));
        Assert.Contains("403", exception.Message, StringComparison.Ordinal);
        var token = TestUsers.Token("read:live");
        using var socket = await server.WatchAsync(
            configure: options => options.SetRequestHeader("Authorization", $"Bearer {token}"));
        var auth = (await socket.ReceiveAsync("hello")).GetProperty("auth");
        Assert.Equal("token", auth.GetProperty("method").GetString());
        Assert.Equal("read-live", auth.GetProperty("user").GetString());
        using var own = await TestUsers.WatchAsync(server, cookie);
        await own.ReceiveAsync("hello");
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task What_the_browser_says_is_of_another_site_is_refused_whatever_its_origin(string site)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/logout");
        request.Headers.Add("Origin", $"http://{server.Address.Authority}");
        request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\nHost: evil.example\r\n", 421)]
    [InlineData("GET http://evil.example/api/v1/hosts HTTP/1.1\r\nHost: evil.example\r\n", 421)]
    [InlineData("GET http://evil.example/api/v1/hosts HTTP/1.1\r\nHost: {authority}\r\n", 400)]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\nHost: {authority}\r\nHost: evil.example\r\n", 400)]
    [InlineData("GET /api/v1/hosts HTTP/1.1\r\n", 400)]
    public async Task A_good_cookie_does_not_help_under_another_name(string head, int status)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var cookie = await TestUsers.LogInAsync(server, "admin");
        using var client = new RawViewer();
        var answer = await client.RequestAsync(
            server.Address,
            head.Replace("{authority}", server.Address.Authority, StringComparison.Ordinal)
                + $"Cookie: {cookie}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 0\r\n", answer, StringComparison.OrdinalIgnoreCase);
    }
}
