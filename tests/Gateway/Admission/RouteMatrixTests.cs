using System.Net;
using System.Text.Json;
using Hostscope.Access;
using Hostscope.Model;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-03. Goal: no route and no channel is open that is not meant to be. Method: the routes of the running server
/// against the table routes.tsv; then every route with every method by everybody.
/// </summary>
[Collection(nameof(Alone))]
public sealed class RouteMatrixTests
{
    private const string Nobody = "nobody";

    private static readonly string[] Methods =
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "LOCK", "ANYTHING",
    ];

    private static readonly string[] Everybody =
        [Nobody, "viewer", "operator", "admin", "read:live", "read:history", "read:procs", "metrics", "write:marks"];

    private sealed record Row(string[] Methods, string Pattern, string[] Allowed);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static List<Row> Table { get; } =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Admission", "routes.tsv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(cells => new Row(cells[0].Split(','), cells[1], cells[2].Split(' '))),
    ];

    [Fact]
    public async Task The_server_has_the_routes_of_the_table_and_no_others()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var routes = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()
            .Select(route => string.Join(',', route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods)
                + " " + "/" + route.RoutePattern.RawText!.TrimStart('/'))
            .Order(StringComparer.Ordinal);
        var expected = Table.Select(row => string.Join(',', row.Methods) + " " + row.Pattern)
            .Order(StringComparer.Ordinal);
        Assert.Equal(expected, routes);
    }

    [Fact]
    public async Task Everybody_gets_what_the_table_allows_and_nothing_else()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var ticking = new CancellationTokenSource();
        var ticks = TickAsync(server, ticking.Token); // A scrape waits for a tick.
        foreach (var who in Everybody)
        {
            var credential = await CredentialAsync(server, who);
            foreach (var path in Table.Select(row => row.Pattern).Distinct())
            {
                foreach (var method in Methods)
                {
                    var row = Table.Find(row => row.Pattern == path && row.Methods.Contains(method));
                    await CheckAsync(server, who, credential, row, path, method);
                    credential = IsOver(path, method) ? await CredentialAsync(server, who) : credential;
                }
            }
        }

        await ticking.CancelAsync();
        await ticks;
    }

    [Theory]
    [InlineData("viewer", true, false)]
    [InlineData("operator", true, true)]
    [InlineData("admin", true, true)]
    [InlineData("read:live", false, false)]
    public async Task Processes_and_their_arguments_are_for_those_who_may(string who, bool processes, bool details)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        using var viewer = await TestUsers.WatchAsync(server, await CredentialAsync(server, who));
        await viewer.ReceiveAsync("hello");
        await viewer.SendAsync("""{"type":"subscribe","topics":["processes"]}""");
        if (!processes)
        {
            var (status, reason) = await viewer.ReceiveCloseAsync();
            Assert.Equal(1008, (int)status!);
            Assert.Equal("processes and cgroups: needs a token with the scope read:procs", reason);
            using var refused = await TestUsers.GetAsync(
                server, "/api/v1/hosts/local/stream?topics=cgroups", TestUsers.Token(who));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            return;
        }

        await Eventually.True(() => (server.Bus.Wanted(server.Host.Id) & Topics.Processes) != 0, "it is wanted");
        server.Host.TickProcesses(table =>
        {
            ref var row = ref table.Add();
            row = new ProcessSample
            {
                Info = new ProcessInfo
                {
                    Pid = 7,
                    StartTicks = 1,
                    Name = "nginx",
                    Arguments = "-g x",
                    User = "www-data",
                },
                State = 'S',
            };
        });
        JsonElement message;
        do
        {
            message = WebSocketClient.Parse(await viewer.ReceiveBytesAsync());
        }
        while (message.GetProperty("type").GetString() != "processes");
        var info = message.GetProperty("info")[0];
        Assert.Equal("nginx", info[3].GetString());
        Assert.Equal(details ? "-g x" : null, info[4].GetString());
        Assert.Equal(details ? "www-data" : null, info[5].GetString());
    }

    [Fact]
    public void The_authority_gives_nobody_more_than_nothing_and_roles_include_each_other()
    {
        var open = Identity.Open(CancellationToken.None);
        foreach (var need in Enum.GetValues<Need>())
        {
            Assert.Equal(need == Need.Nothing, Authority.May(Identity.Nobody, need));
            Assert.Equal(need != Need.Administration, Authority.May(open, need));
            Assert.True(Authority.May(Identity.OfProxy("x", Role.Admin), need));
            Assert.True(!Authority.May(Identity.OfProxy("x", Role.Viewer), need)
                || Authority.May(Identity.OfProxy("x", Role.Operator), need));
        }
    }

    private static async Task TickAsync(Server server, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 1; !cancel.IsCancellationRequested; i++)
        {
            server.Host.TickPlain(i, i);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Whether a request ends the session that it comes with.</summary>
    private static bool IsOver(string path, string method) =>
        (path == "/logout" && method == "POST") || (path == "/api/v1/session" && method == "DELETE");

    private static async Task CheckAsync(
        Server server, string who, string? credential, Row? row, string pattern, string method)
    {
        var path = pattern.Replace("{host}", "local", StringComparison.Ordinal)
            .Replace("{**rest}", "x", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("{id}", "0123456789abcdef", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", $"http://{server.Address.Authority}");
        TestUsers.Identify(request.Headers.Add, credential);
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        var status = (int)answer.StatusCode;
        var what = $"{method} {path} by {who} was answered {status}";
        if (row is null)
        {
            Assert.True(status == 405, what);
        }
        else if (row.Allowed.Contains(who))
        {
            var mayFail = path.EndsWith("session", StringComparison.Ordinal); // A login without a password.
            Assert.True(status is not (403 or 405) && (status != 401 || mayFail), what);
        }
        else if (who == Nobody)
        {
            var isDocument = pattern is "/" or "/h/{**rest}";
            Assert.True(status == (isDocument ? 303 : 401), what);
        }
        else
        {
            Assert.True(status == 403, what);
        }

        if (who == Nobody)
        {
            await CheckTellsNothingAsync(server, answer, what);
        }
    }

    /// <summary>Whoever is not logged in learns neither what host this is nor what serves it.</summary>
    private static async Task CheckTellsNothingAsync(Server server, HttpResponseMessage answer, string what)
    {
        var text = answer.Headers + await answer.Content.ReadAsStringAsync(Ct);
        foreach (var secret in new[] { server.Host.Id, server.Host.State.Info.Name, "Debian", GatewayVersion.Text })
        {
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{what} and tells '{secret}'");
        }
    }

    private static async Task<string?> CredentialAsync(Server server, string who) => who switch
    {
        Nobody => null,
        "viewer" or "operator" or "admin" => await TestUsers.LogInAsync(server, who),
        _ => TestUsers.Token(who),
    };
}
