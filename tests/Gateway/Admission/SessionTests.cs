using System.Net;
using Hostscope.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-10. Goal: a session that has ended opens nothing and shows nothing. Method: each way to end one, with an open
/// WebSocket, on a clock that the test drives; then the cookie again.
/// </summary>
public sealed class SessionTests
{
    /// <summary>
    /// From one look at files and sessions to the next. No more: a second after a close begins, whoever does not answer
    /// it is cut off, and on this clock that leaves no time to answer.
    /// </summary>
    private static readonly TimeSpan OneRound = TimeSpan.FromSeconds(1);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ends =>
        ["logout", "logout form", "ended by admin", "password", "role", "removed", "too old"];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task When_a_session_ends_its_sockets_close_with_4401_and_its_cookie_opens_nothing(string end)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync(options => options.Access.SessionDays = 1);
        var cookie = await TestUsers.LogInAsync(server, "operator");
        using var socket = await TestUsers.WatchAsync(server, cookie);
        var hello = await socket.ReceiveAsync("hello");
        Assert.Equal("operator", hello.GetProperty("auth").GetProperty("user").GetString());
        await EndAsync(end, server, users, cookie);
        var (status, reason) = await socket.ReceiveCloseAsync();
        Assert.Equal((4401, "the login has ended; log in again"), ((int)status!, reason));
        using var replay = await TestUsers.GetAsync(server, "/api/v1/session", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, replay.StatusCode);
    }

    [Fact]
    public async Task An_idle_session_ends_and_one_with_an_open_page_does_not()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var idle = await TestUsers.LogInAsync(server, "viewer");
        var watching = await TestUsers.LogInAsync(server, "viewer");
        using var socket = await TestUsers.WatchAsync(server, watching);
        await socket.ReceiveAsync("hello");
        for (var hour = 0; hour < 12; hour++)
        {
            server.Time.Advance(TimeSpan.FromHours(1));
        }

        using var refused = await TestUsers.GetAsync(server, "/api/v1/session", idle);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var welcome = await TestUsers.GetAsync(server, "/api/v1/session", watching);
        Assert.Equal(HttpStatusCode.OK, welcome.StatusCode);
    }

    [Theory]
    [InlineData(12, 200)]
    [InlineData(200, 48)]
    public void A_session_that_is_over_opens_nothing_even_before_it_is_swept(int idleHours, int longestHours)
    {
        var time = new FakeTimeProvider();
        var table = new SessionTable(
            new SessionLimits(TimeSpan.FromHours(idleHours), TimeSpan.FromHours(longestHours), 20), time);
        var (_, secret) = table.Begin(TestUsers.Everybody.Users[0], "192.0.2.1");
        time.Advance(TimeSpan.FromHours(Math.Min(idleHours, longestHours)) - TimeSpan.FromTicks(1));
        Assert.Single(table.List());
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(table.Find(secret));
    }

    [Fact]
    public async Task A_restart_ends_all_sessions()
    {
        using var users = new TestUsers();
        string cookie;
        await using (var before = await users.StartServerAsync())
        {
            cookie = await TestUsers.LogInAsync(before, "admin");
        }

        await using var server = await users.StartServerAsync();
        using var replay = await TestUsers.GetAsync(server, "/api/v1/session", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, replay.StatusCode);
    }

    [Fact]
    public async Task A_login_gives_another_secret_and_ends_the_one_of_before()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var before = await TestUsers.LogInAsync(server, "viewer");
        var after = await TestUsers.LogInAsync(server, "viewer", before);
        Assert.NotEqual(before, after);
        using var replay = await TestUsers.GetAsync(server, "/api/v1/session", before);
        Assert.Equal(HttpStatusCode.Unauthorized, replay.StatusCode);
    }

    [Fact]
    public async Task One_more_login_than_a_user_may_have_ends_the_idlest()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync(options => options.Access.SessionsPerUser = 2);
        var first = await TestUsers.LogInAsync(server, "viewer");
        server.Time.Advance(OneRound);
        var second = await TestUsers.LogInAsync(server, "viewer");
        server.Time.Advance(OneRound);
        await TestUsers.GetJsonAsync(server, "/api/v1/session", first); // Used last.
        server.Time.Advance(OneRound);
        var third = await TestUsers.LogInAsync(server, "viewer");
        using var gone = await TestUsers.GetAsync(server, "/api/v1/session", second);
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
        await TestUsers.GetJsonAsync(server, "/api/v1/session", first);
        await TestUsers.GetJsonAsync(server, "/api/v1/session", third);
    }

    [Fact]
    public async Task Sessions_are_listed_to_their_user_and_all_to_an_administrator()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var viewer = await TestUsers.LogInAsync(server, "viewer");
        var admin = await TestUsers.LogInAsync(server, "admin");
        var mine = (await TestUsers.GetJsonAsync(server, "/api/v1/sessions", viewer)).GetProperty("sessions");
        var one = Assert.Single(mine.EnumerateArray());
        Assert.Equal("127.0.0.1", one.GetProperty("address").GetString());
        Assert.True(one.GetProperty("current").GetBoolean());
        var all = (await TestUsers.GetJsonAsync(server, "/api/v1/sessions", admin)).GetProperty("sessions");
        Assert.Equal(2, all.GetArrayLength());

        // Another's session is to a viewer as if it were not there.
        var adminsId = all.EnumerateArray().First(session => session.GetProperty("user").GetString() == "admin")
            .GetProperty("id").GetString();
        using var refused = await DeleteAsync(server, $"/api/v1/sessions/{adminsId}", viewer);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task A_session_may_not_have_more_viewers_than_its_share()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync(options => options.Access.ViewersPerSession = 1);
        var cookie = await TestUsers.LogInAsync(server, "viewer");
        using var socket = await TestUsers.WatchAsync(server, cookie);
        await socket.ReceiveAsync("hello");
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => TestUsers.WatchAsync(server, cookie));
        Assert.Equal(
            (1, 1, 1), (server.Counters.Viewers, server.Counters.ViewersTotal, server.Counters.ViewersRefused));
        socket.Dispose();
        await Eventually.True(() => server.Counters.Viewers == 0, "the place is free again");
        using var again = await TestUsers.WatchAsync(server, cookie);
        await again.ReceiveAsync("hello");
    }

    [Fact]
    public async Task A_token_that_is_removed_or_over_closes_what_it_opened()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var socket = await TestUsers.WatchAsync(server, TestUsers.Token("read:live"));
        await socket.ReceiveAsync("hello");
        users.Write(TestUsers.Everybody with
        {
            Tokens = [TestUsers.Everybody.Tokens[0] with { Expires = server.Time.GetUtcNow().AddDays(1) }],
        });
        server.Time.Advance(OneRound);
        Assert.Equal(4401, (int)(await socket.ReceiveCloseAsync()).Status!);

        using var again = await TestUsers.WatchAsync(server, TestUsers.Token("read:live"));
        await again.ReceiveAsync("hello");
        using var removed = await TestUsers.GetAsync(server, "/metrics", TestUsers.Token("metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, removed.StatusCode);
        server.Time.Advance(TimeSpan.FromDays(1) - OneRound);
        Assert.Equal(4401, (int)(await again.ReceiveCloseAsync()).Status!);
        using var over = await TestUsers.GetAsync(server, "/api/v1/session", TestUsers.Token("read:live"));
        Assert.Equal(HttpStatusCode.Unauthorized, over.StatusCode);
    }

    [Fact]
    public async Task The_first_user_ends_the_time_without_login_and_the_last_does_not_bring_it_back()
    {
        using var users = new TestUsers();
        users.Write(AccessList.Empty);
        await using var server = await users.StartServerAsync();
        using var socket = await server.WatchAsync();
        var auth = (await socket.ReceiveAsync("hello")).GetProperty("auth");
        Assert.Equal("none", auth.GetProperty("method").GetString());
        Assert.Equal("operator", auth.GetProperty("role").GetString());
        Assert.False(auth.GetProperty("exposed").GetBoolean());
        users.Write(TestUsers.Everybody);
        server.Time.Advance(OneRound);
        Assert.Equal(4401, (int)(await socket.ReceiveCloseAsync()).Status!);
        users.Write(AccessList.Empty);
        server.Time.Advance(OneRound);
        using var refused = await server.Http.GetAsync("/api/v1/status", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("""{ "version": 1, "users": [{""")]
    [InlineData("""{ "version": 1, "users": [null] }""")]
    [InlineData("""{ "version": 1, "tokens": [null] }""")]
    [InlineData("TWICE")]
    public async Task A_users_file_that_breaks_changes_nothing_and_is_logged(string text)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var cookie = await TestUsers.LogInAsync(server, "viewer");
        if (text == "TWICE")
        {
            text = await File.ReadAllTextAsync(users.File, Ct);
            text = text.Replace(
                Secret.Hash(TestUsers.Token("metrics")), Secret.Hash(TestUsers.Token("read:live")),
                StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(users.File, text, Ct);
        server.Time.Advance(OneRound);
        await Eventually.True(() => server.Log.With(4106).Any(), "it is logged");
        Assert.Contains(users.File, server.Log.With(4106).First().Text, StringComparison.Ordinal);
        await TestUsers.GetJsonAsync(server, "/api/v1/session", cookie);
        await File.WriteAllTextAsync(users.File, "[]", Ct);
        server.Time.Advance(OneRound);
        Assert.Equal(2, server.Log.With(4106).Count()); // What is wrong now is another thing.
    }

    [Fact]
    public async Task Somebody_who_fails_when_told_of_an_end_keeps_no_other_session_alive()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var table = server.Services.GetRequiredService<SessionTable>();
        var outdated = TestUsers.Everybody.Users[1] with { Role = Role.Admin };
        var (first, _) = table.Begin(outdated, "192.0.2.1");
        var (second, _) = table.Begin(outdated, "192.0.2.1");
        foreach (var session in new[] { first, second })
        {
            session.Ended.Register(() => throw new InvalidOperationException("That should not have happened."));
        }

        server.Time.Advance(OneRound);
        server.Time.Advance(OneRound);
        Assert.True(first.Ended.IsCancellationRequested && second.Ended.IsCancellationRequested);
        Assert.Contains("BUG: ", Assert.Single(server.Log.With(4110)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_file_that_is_mended_by_chmod_alone_counts()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var cookie = await TestUsers.LogInAsync(server, "operator");
        users.Write(TestUsers.Everybody with { Users = [TestUsers.Everybody.Users[0]] });
        SetMode(users.File, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        server.Time.Advance(OneRound);
        server.Time.Advance(OneRound);
        Assert.Single(server.Log.With(4106)); // Once a minute, though it is tried each second.
        await TestUsers.GetJsonAsync(server, "/api/v1/session", cookie);
        SetMode(users.File, UnixFileMode.UserRead);
        server.Time.Advance(OneRound);
        using var refused = await TestUsers.GetAsync(server, "/api/v1/session", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_login_that_begins_with_what_the_file_said_before_ends_at_the_next_look()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var old = TestUsers.Everybody.Users[1] with { Role = Role.Admin };
        var (session, secret) = server.Services.GetRequiredService<SessionTable>().Begin(old, "192.0.2.1");
        server.Time.Advance(OneRound);
        Assert.True(session.Ended.IsCancellationRequested);
        using var refused = await TestUsers.GetAsync(server, "/api/v1/session", "hostscope-local=" + secret);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Where_nobody_has_to_log_in_by_wish_the_first_user_changes_nothing()
    {
        using var users = new TestUsers();
        users.Write(AccessList.Empty);
        await using var server = await users.StartServerAsync(options => options.Access.NoAuth = true);
        users.Write(TestUsers.Everybody);
        server.Time.Advance(OneRound);
        using var socket = await server.WatchAsync();
        await socket.ReceiveAsync("hello");
        await socket.SendAsync("""{"type":"resync"}""");
        var type = "";
        for (var tick = 1; type != "hello"; tick++)
        {
            // A tick may come before the wish is read; the connection says what is new, then.
            Assert.True(tick < 100, $"The connection never said hello again, but '{type}'.");
            server.Host.TickPlain(tick, tick);
            type = WebSocketClient.Parse(await socket.ReceiveBytesAsync()).GetProperty("type").GetString();
        }
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static async Task EndAsync(string end, Server server, TestUsers users, string cookie)
    {
        var everybody = TestUsers.Everybody;
        UserEntry[] Changed(Func<UserEntry, UserEntry> change) =>
            [.. everybody.Users.Select(user => user.Name == "operator" ? change(user) : user)];
        switch (end)
        {
            case "logout":
                using (await DeleteAsync(server, "/api/v1/session", cookie))
                {
                    break;
                }

            case "logout form":
                using (await SendAsync(server, HttpMethod.Post, "/logout", cookie))
                {
                    break;
                }

            case "ended by admin":
                var admin = await TestUsers.LogInAsync(server, "admin");
                var list = (await TestUsers.GetJsonAsync(server, "/api/v1/sessions", admin)).GetProperty("sessions");
                var id = list.EnumerateArray()
                    .First(session => session.GetProperty("user").GetString() == "operator").GetProperty("id");
                using (var answer = await DeleteAsync(server, $"/api/v1/sessions/{id}", admin))
                {
                    Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
                }

                break;
            case "password":
                var hash = PasswordHash.Create("another one", PasswordHash.MinRounds);
                users.Write(everybody with { Users = Changed(user => user with { Password = hash }) });
                server.Time.Advance(OneRound);
                break;
            case "role":
                users.Write(everybody with { Users = Changed(user => user with { Role = Role.Viewer }) });
                server.Time.Advance(OneRound);
                break;
            case "removed":
                users.Write(everybody with { Users = [everybody.Users[0]] });
                server.Time.Advance(OneRound);
                break;
            default:
                server.Time.Advance(TimeSpan.FromDays(1)); // With its page open: it is not idle.
                break;
        }
    }

    private static Task<HttpResponseMessage> DeleteAsync(Server server, string path, string cookie) =>
        SendAsync(server, HttpMethod.Delete, path, cookie);

    private static async Task<HttpResponseMessage> SendAsync(
        Server server, HttpMethod method, string path, string cookie)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Origin", $"http://{server.Address.Authority}");
        return await server.Http.SendAsync(request, Ct);
    }
}
