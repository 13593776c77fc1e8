using System.Net;
using System.Net.Sockets;
using Hostscope.Access;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-08 and S-09. Goal: whoever guesses is slowed down, learns nothing, and locks nobody out. Method: a thousand wrong
/// logins in a minute of the test's clock; then 200 addresses of the loopback network.
/// </summary>
public sealed class BruteForceTests
{
    [Fact]
    public async Task Of_a_thousand_wrong_logins_in_a_minute_ten_are_looked_at()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var statuses = new Dictionary<HttpStatusCode, int>();
        for (var i = 0; i < 1_000; i++)
        {
            using var answer = await TestUsers.TryAsync(server.Http, "admin", $"guess {i}");
            statuses[answer.StatusCode] = statuses.GetValueOrDefault(answer.StatusCode) + 1;
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);
            }

            server.Time.Advance(TimeSpan.FromMilliseconds(59));
        }

        Assert.Equal(10, statuses[HttpStatusCode.Unauthorized]);
        Assert.Equal(990, statuses[HttpStatusCode.TooManyRequests]);
        Assert.Equal(10, server.Services.GetRequiredService<LoginDesk>().Checked);

        // Not locked out: the right password works as soon as there is a try again, from the very same address.
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await TestUsers.LogInAsync(server, "admin");
    }

    [Fact]
    public async Task Guesses_from_200_addresses_do_not_keep_out_who_logged_in_before()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var known = From(server, "127.0.2.1");
        using (var before = await TestUsers.TryAsync(known, "viewer", TestUsers.Password))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        var wrong = 0;
        for (var i = 1; i <= 200; i++)
        {
            using var guesser = From(server, $"127.0.1.{i}");
            using var answer = await TestUsers.TryAsync(guesser, "viewer", "guess");
            wrong += answer.StatusCode == HttpStatusCode.Unauthorized ? 1 : 0;
        }

        Assert.Equal(30, wrong); // What all together have in a minute.
        using var good = await TestUsers.TryAsync(known, "viewer", TestUsers.Password);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task Passwords_that_nobody_has_time_for_are_sent_away()
    {
        using var users = new TestUsers();
        var slow = PasswordHash.OfNobody(3_000_000); // A second or so of a core.
        users.Write(new AccessList { Users = [new UserEntry("viewer", Role.Viewer, slow)] });
        await using var server = await users.StartServerAsync(options =>
        {
            options.Access.PasswordsAtOnce = 1;
            options.Access.PasswordQueue = 0;
        });
        var desk = server.Services.GetRequiredService<LoginDesk>();
        var first = TestUsers.TryAsync(server.Http, "viewer", "guess");
        await Eventually.True(() => desk.Checked == 1, "the first is looked at");
        using var second = await TestUsers.TryAsync(server.Http, "viewer", "guess");
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(1, second.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        using var done = await first;
        Assert.Equal(HttpStatusCode.Unauthorized, done.StatusCode);
        Assert.Equal(1, desk.Checked);
    }

    [Fact]
    public async Task An_unknown_user_and_a_wrong_password_are_told_alike_and_cost_alike()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var answers = new List<string>();
        foreach (var user in new[] { "viewer", "nobody-of-that-name" })
        {
            using var answer = await TestUsers.TryAsync(server.Http, user, "guess");
            answers.Add($"{answer.StatusCode} {answer.Headers}"
                + await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(WithoutDate(answers[0]), WithoutDate(answers[1]));

        // The time is that of the rounds, and both take the same number of them; measured, it would depend on what
        // else the machine does.
        Assert.Equal(2, server.Services.GetRequiredService<LoginDesk>().Checked);
        var book = server.Services.GetRequiredService<AccessBook>();
        Assert.Equal(
            PasswordHash.RoundsOf(book.HashOf("viewer")), PasswordHash.RoundsOf(book.HashOf("nobody-of-that-name")));
    }

    [Fact]
    public void An_ipv6_network_is_one_source_and_an_address_of_ipv4_is_one()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limiter = new LoginLimiter(new LoginRates(Burst: 1, RefillSeconds: 10, PerMinute: 100), time);
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.Equal(TimeSpan.FromSeconds(10), limiter.Take(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("192.0.2.1")));
        Assert.NotEqual(TimeSpan.Zero, limiter.Take(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("192.0.2.2")));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void Of_very_many_sources_the_one_seen_longest_ago_is_forgotten()
    {
        const int Remembered = 10_000;
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limiter = new LoginLimiter(new LoginRates(Burst: 1, RefillSeconds: 10, PerMinute: 1_000_000), time);
        var first = IPAddress.Parse("192.0.2.1");
        Assert.Equal(TimeSpan.Zero, limiter.Take(first));
        for (var i = 1; i < Remembered; i++)
        {
            Assert.Equal(TimeSpan.Zero, limiter.Take(new IPAddress([10, 0, (byte)(i >> 8), (byte)i])));
        }

        Assert.NotEqual(TimeSpan.Zero, limiter.Take(first)); // The last that is remembered, and now seen again.
        for (var i = 0; i < Remembered; i++)
        {
            limiter.Take(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]));
        }

        Assert.Equal(TimeSpan.Zero, limiter.Take(first));
    }

    [Fact]
    public async Task A_password_waits_while_as_many_are_checked_as_may_be()
    {
        using var users = new TestUsers();
        var slow = PasswordHash.OfNobody(3_000_000); // A second or so of a core.
        users.Write(new AccessList { Users = [new UserEntry("viewer", Role.Viewer, slow)] });
        await using var server = await users.StartServerAsync(options =>
        {
            options.Access.LoginBurst = 100;
            options.Access.PasswordsAtOnce = 1;
            options.Access.PasswordQueue = 1;
        });
        var desk = server.Services.GetRequiredService<LoginDesk>();
        Task<HttpResponseMessage> TryAsync() => TestUsers.TryAsync(server.Http, "viewer", "guess");
        var first = TryAsync();
        await Eventually.True(() => desk.Checked == 1, "the first is looked at");

        // Of two more one is sent away: so the other is there, and waits.
        Task<HttpResponseMessage>[] two = [TryAsync(), TryAsync()];
        using var refused = await await Task.WhenAny(two);
        using var again = await TryAsync();
        Assert.Equal(1, desk.Checked);
        Assert.Equal(
            (HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (refused.StatusCode, again.StatusCode));
        using var one = await first;
        Assert.Equal(HttpStatusCode.Unauthorized, one.StatusCode);
        var answers = await Task.WhenAll(two);
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(2, desk.Checked);
    }

    [Fact]
    public async Task An_unknown_user_takes_the_time_of_a_known_one()
    {
        using var users = new TestUsers();
        var known = PasswordHash.OfNobody(PasswordHash.Rounds);
        users.Write(new AccessList { Users = [new UserEntry("viewer", Role.Viewer, known)] });
        var time = TimeProvider.System;
        using var book = new AccessBook(users.File, time);
        var sessions = new SessionTable(new SessionLimits(TimeSpan.FromHours(1), TimeSpan.FromDays(1), 1), time);
        using var desk = new LoginDesk(
            book, sessions, new LoginLimiter(new LoginRates(100, 1, 100), time), atOnce: 1, queue: 0);
        async Task<TimeSpan> ShortestAsync(string user)
        {
            var shortest = TimeSpan.MaxValue;
            for (var i = 0; i < 3; i++)
            {
                var began = time.GetTimestamp();
                var result = await desk.TryAsync(
                    user, "guess", IPAddress.Loopback, TestContext.Current.CancellationToken);
                Assert.Equal(default, result);
                var took = time.GetElapsedTime(began);
                shortest = took < shortest ? took : shortest;
            }

            return shortest;
        }

        // The work is the same to a round; half of the time is what a machine with other things to do can tell.
        var ofKnown = await ShortestAsync("viewer");
        Assert.InRange(await ShortestAsync("nobody-of-that-name"), ofKnown / 2, TimeSpan.MaxValue);
    }

    [Fact]
    public void Guesses_from_more_networks_than_are_remembered_do_not_make_it_forget_who_logged_in()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var limiter = new LoginLimiter(new LoginRates(Burst: 1, RefillSeconds: 10, PerMinute: 1), time);
        var known = IPAddress.Parse("192.0.2.1");
        Assert.Equal(TimeSpan.Zero, limiter.Take(known));
        limiter.Succeeded(known);
        for (var network = 0; network < 30_000; network++)
        {
            limiter.Take(IPAddress.Parse($"2001:db8:0:{network:x}::1"));
        }

        Assert.NotEqual(TimeSpan.Zero, limiter.Take(IPAddress.Parse("192.0.2.2"))); // Strangers have nothing left.
        Assert.Equal(TimeSpan.Zero, limiter.Take(known));
    }

    private static string WithoutDate(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, "(?m)^Date: .*$", "");

    private static HttpClient From(Server server, string address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = server.Address,
    };
}
