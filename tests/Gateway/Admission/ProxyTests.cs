using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Hostscope.Access;
using Hostscope.Gateway.Admission;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-06. Goal: what proxies say is believed of trusted ones alone. Method: forged headers from a peer that is not
/// trusted, or does not know the secret; then the same from one that is and does.
/// </summary>
public sealed class ProxyTests
{
    private const string ProxyKnows = "0123456789abcdef0123456789abcdef";

    private static readonly (string Name, string Value)[] Forged =
    [
        ("X-Forwarded-For", "192.0.2.66"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Port", "443"), ("X-Forwarded-User", "admin"), ("Forwarded", "for=192.0.2.66;proto=https"),
        ("X-Real-IP", "192.0.2.66"), ("Remote-User", "admin"), ("X-Remote-User", "admin"),
        ("X-WEBAUTH-USER", "admin"), ("X-Auth-Request-User", "admin"), ("X-Hostscope-Role", "admin"),
    ];

    [Theory]
    [InlineData("127.0.0.1", "the wrong secret, of some length")]
    [InlineData("127.0.0.1", null)]
    [InlineData("192.0.2.1", ProxyKnows)]
    public async Task Forged_headers_change_nothing(string trusted, string? secret)
    {
        await using var server = await StartAsync(trusted);
        using var refused = await SendAsync(server, "/api/v1/session", secret, Forged);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        // Nor do they change where a login comes from, or whether its cookie is one for TLS.
        // (Of a claim to be https something is believed: that a page by http is then none of ours.)
        using var request = Login(server, secret, [.. Forged.Where(header => header.Name != "X-Forwarded-Proto")]);
        using var login = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith("hostscope-local=", cookie, StringComparison.Ordinal);
        var sessions = await TestUsers.GetJsonAsync(server, "/api/v1/sessions", cookie.Split(';')[0]);
        Assert.Equal("127.0.0.1", sessions.GetProperty("sessions")[0].GetProperty("address").GetString());
    }

    [Fact]
    public async Task A_secret_given_twice_is_no_secret()
    {
        await using var server = await StartAsync("127.0.0.1");
        var secret = $"{TrustedProxy.SecretHeader}: {ProxyKnows}\r\n"; // By hand: HTTP libraries make one line of two.
        foreach (var (lines, status) in new[] { (secret, 200), (secret + secret, 401) })
        {
            using var client = new RawViewer();
            var head = $"GET /api/v1/session HTTP/1.1\r\nHost: {server.Address.Authority}\r\nRemote-User: admin\r\n";
            var answer = await client.RequestAsync(server.Address, $"{head}{lines}\r\n");
            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("someone@example.org", "viewer")]
    [InlineData("operator", "operator")]
    public async Task A_trusted_proxy_is_believed(string user, string role)
    {
        await using var server = await StartAsync("127.0.0.1");
        using var answer = await SendAsync(server, "/api/v1/session", ProxyKnows, [("Remote-User", user)]);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var me = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("proxy", me.RootElement.GetProperty("method").GetString());
        Assert.Equal(user, me.RootElement.GetProperty("user").GetString());
        Assert.Equal(role, me.RootElement.GetProperty("role").GetString());
    }

    [Fact]
    public async Task An_address_that_somebody_appended_to_is_none()
    {
        await using var server = await StartAsync("127.0.0.1");
        using var request = Login(server, ProxyKnows, [("X-Forwarded-For", "192.0.2.66, 192.0.2.67")]);
        using var login = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var sessions = await TestUsers.GetJsonAsync(server, "/api/v1/sessions", cookie);
        Assert.Equal("127.0.0.1", sessions.GetProperty("sessions")[0].GetProperty("address").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ProxyKnows)]
    public async Task No_code_behind_sees_what_a_peer_said_of_its_client(string? secret)
    {
        var behind = new HeaderDictionary();
        var options = new GatewayOptions();
        options.Access.TrustedProxies = [IPAddress.Loopback];
        options.Access.ProxySecret = ProxyKnows;
        var proxy = new TrustedProxy(
            http =>
            {
                behind = new HeaderDictionary(http.Request.Headers.ToDictionary());
                return Task.CompletedTask;
            },
            Options.Create(options), TimeProvider.System, NullLogger<TrustedProxy>.Instance);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers.Accept = "*/*";
        foreach (var (name, value) in Forged.Append((TrustedProxy.SecretHeader, secret ?? "guessed")))
        {
            context.Request.Headers[name] = value;
        }

        await proxy.InvokeAsync(context);
        Assert.Equal(["Accept"], behind.Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<script>")]
    [InlineData("a b")]
    public async Task A_name_that_is_none_is_nobody(string user)
    {
        await using var server = await StartAsync("127.0.0.1");
        using var refused = await SendAsync(server, "/api/v1/session", ProxyKnows, [("Remote-User", user)]);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_a_login_is_the_clients_and_its_cookie_is_for_tls()
    {
        await using var server = await StartAsync("127.0.0.1");
        using var request = Login(
            server, ProxyKnows, [("X-Forwarded-For", "192.0.2.66"), ("X-Forwarded-Proto", "https")], "https");
        using var login = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        Assert.Matches(
            "^__Host-hostscope=[A-Za-z0-9_-]{43}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Strict$", cookie);
        var sessions = await TestUsers.GetJsonAsync(server, "/api/v1/sessions", cookie.Split(';')[0]);
        Assert.Equal("192.0.2.66", sessions.GetProperty("sessions")[0].GetProperty("address").GetString());
    }

    [Fact]
    public async Task An_address_may_not_have_more_viewers_than_its_share()
    {
        await using var server = await StartAsync("127.0.0.1", viewersPerAddress: 1);
        Task<WebSocketClient> WatchAsync(string address) => server.WatchAsync(configure: options =>
        {
            options.SetRequestHeader(TrustedProxy.SecretHeader, ProxyKnows);
            options.SetRequestHeader("Remote-User", "someone");
            options.SetRequestHeader("X-Forwarded-For", address);
        });
        using var first = await WatchAsync("2001:db8::1");
        await first.ReceiveAsync("hello");
        var exception = await Assert.ThrowsAsync<WebSocketException>(() => WatchAsync("2001:db8::2"));
        Assert.Contains("503", exception.Message, StringComparison.Ordinal);
        Assert.Equal(
            (1, 1, 1), (server.Counters.Viewers, server.Counters.ViewersTotal, server.Counters.ViewersRefused));
        Assert.Contains(
            "2001:db8::2 has as many viewers as it may have, 1 (option viewersPerAddress): ",
            Assert.Single(server.Log.With(4008)).Text, StringComparison.Ordinal);
        using var other = await WatchAsync("192.0.2.1");
        await other.ReceiveAsync("hello");
        first.Dispose();
        await Eventually.True(() => server.Counters.Viewers == 1, "the first is gone");
        using var again = await WatchAsync("2001:db8::2");
        await again.ReceiveAsync("hello");
    }

    [Fact]
    public async Task The_word_of_a_proxy_ends_with_the_time_of_a_session()
    {
        await using var server = await StartAsync("127.0.0.1");
        using var viewer = await server.WatchAsync(configure: options =>
        {
            options.SetRequestHeader(TrustedProxy.SecretHeader, ProxyKnows);
            options.SetRequestHeader("Remote-User", "someone");
        });
        await viewer.ReceiveAsync("hello");
        var closed = viewer.ReceiveCloseAsync(); // Reading, it answers pings as well.
        server.Time.Advance(TimeSpan.FromDays(7));
        var (status, reason) = await closed;
        Assert.Equal((WebSocketCloseStatus)4401, status);
        Assert.Contains("reconnect", reason, StringComparison.Ordinal);
    }

    private static async Task<Server> StartAsync(string trusted, int viewersPerAddress = 50)
    {
        using var users = new TestUsers();
        return await users.StartServerAsync(options =>
        {
            options.Access.ViewersPerAddress = viewersPerAddress;
            options.Access.TrustedProxies = [IPAddress.Parse(trusted)];
            options.Access.ProxySecret = ProxyKnows;
            options.Access.ProxyRole = Role.Viewer;
        });
    }

    private static HttpRequestMessage Login(
        Server server, string? secret, (string Name, string Value)[] headers, string scheme = "http")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session")
        {
            Content = new StringContent(
                $$"""{"user":"viewer","password":"{{TestUsers.Password}}"}""",
                System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Origin", $"{scheme}://{server.Address.Authority}");
        Add(request, secret, headers);
        return request;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        Server server, string path, string? secret, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Add(request, secret, headers);
        return await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static void Add(HttpRequestMessage request, string? secret, (string Name, string Value)[] headers)
    {
        if (secret is not null)
        {
            request.Headers.Add(TrustedProxy.SecretHeader, secret);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
