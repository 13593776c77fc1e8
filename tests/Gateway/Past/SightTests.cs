using System.Net;
using System.Text.Json;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Tests.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: whoever may not see arguments does not learn of them by searching, neither by a find nor by how far a search
/// came; whoever may not see processes finds none, in no answer about the past. Method: each who asks, before a past
/// that notes how it was asked.
/// </summary>
public sealed class SightTests
{
    private const string Base = "/api/v1/hosts/local/";

    private const string Path = Base + "processes?text=secret&from=0&limit=1";

    private static readonly string Both = TokenEntry.Prefix + new string('b', Secret.Length);

    private readonly FakePast _past = new("web-1")
    {
        SearchAnswer = new ProcessSearch([new ProcessSighting(Moments.Stress, 10, 20)], 5),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("viewer", false)]
    [InlineData("operator", true)]
    [InlineData("read:history and read:procs", true)]
    public async Task Arguments_are_searched_for_those_who_may_see_them(string who, bool details)
    {
        using var users = new TestUsers();
        await using var server = await StartAsync(users);
        var credential = details && who != "operator" ? Both : await TestUsers.LogInAsync(server, who);
        var found = (await TestUsers.GetJsonAsync(server, Path, credential)).GetProperty("processes")[0];
        Assert.Equal(details, _past.Search!.InArguments);
        Assert.Equal(details ? "-c 1" : null, found.GetProperty("arguments").GetString());
        Assert.Equal(details ? "root" : null, found.GetProperty("user").GetString());
    }

    [Fact]
    public async Task Who_may_not_see_processes_is_told_so_and_nothing_is_searched()
    {
        using var users = new TestUsers();
        await using var server = await StartAsync(users);
        using var answer = await TestUsers.GetAsync(server, Path, TestUsers.Token("read:history"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Ct)).RootElement;
        Assert.Equal(
            "This needs a token with the scope read:procs.", problem.GetProperty("detail").GetString());
        Assert.Null(_past.Search);
    }

    [Theory]
    [InlineData("read:history", false, false)]
    [InlineData("viewer", true, false)]
    [InlineData("operator", true, true)]
    public async Task A_moment_has_the_tables_and_details_that_who_asks_may_see(
        string who, bool processes, bool details)
    {
        _past.MomentAnswer = Moments.Second();
        using var users = new TestUsers();
        await using var server = await StartAsync(users);
        var moment = await TestUsers.GetJsonAsync(server, Base + "moment?at=now", await CredentialAsync(server, who));
        var tables = new[] { "processes", "cgroups" }
            .Select(name => moment.GetProperty(name).ValueKind != JsonValueKind.Null);
        Assert.Equal([processes, processes], tables);
        Assert.Equal(details, moment.GetRawText().Contains("-c 1", StringComparison.Ordinal));
        Assert.Equal(details, moment.GetRawText().Contains("root", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("read:history", 1)]
    [InlineData("viewer", 3)]
    public async Task Events_of_processes_are_for_those_who_may_see_processes(string who, int count)
    {
        _past.EventAnswer = new EventPage(
        [
            new HistoryEvent(1, 5, HistoryEventKind.ProcessStarted, "cc1", "cc1 started.", []),
            new HistoryEvent(2, 6, HistoryEventKind.ProcessExited, "cc1", "cc1 ended.", []),
            new HistoryEvent(3, 7, HistoryEventKind.Mark, "", "deploy 42", []),
        ], null);
        using var users = new TestUsers();
        await using var server = await StartAsync(users);
        var answer = await TestUsers.GetJsonAsync(server, Base + "events", await CredentialAsync(server, who));
        Assert.Equal(count, answer.GetProperty("events").GetArrayLength());
    }

    [Theory]
    [InlineData("read:history", HttpStatusCode.Forbidden)]
    [InlineData("viewer", HttpStatusCode.Forbidden)]
    [InlineData("operator", HttpStatusCode.OK)]
    public async Task A_file_with_arguments_is_for_those_who_may_see_them(string who, HttpStatusCode status)
    {
        _past.ExportAnswer = [1];
        using var users = new TestUsers();
        await using var server = await StartAsync(users);
        var credential = await CredentialAsync(server, who);
        using var file = await TestUsers.GetAsync(server, Base + "export?format=hscope", credential);
        Assert.Equal(status, file.StatusCode);
        Assert.Equal(status == HttpStatusCode.OK, _past.Export is not null);
        using var values = await TestUsers.GetAsync(server, Base + "export?format=csv", credential);
        Assert.Equal(HttpStatusCode.OK, values.StatusCode);
    }

    private static async Task<string> CredentialAsync(Server server, string who) =>
        who.Contains(':', StringComparison.Ordinal) ? TestUsers.Token(who) : await TestUsers.LogInAsync(server, who);

    private Task<Server> StartAsync(TestUsers users)
    {
        users.Write(TestUsers.Everybody with
        {
            Tokens =
            [
                .. TestUsers.Everybody.Tokens,
                new TokenEntry(
                    "both", Secret.Hash(Both), Scopes.History | Scopes.Processes, DateTimeOffset.UnixEpoch, null),
            ],
        });
        return Server.StartAsync(
            options => options.Access.UsersFile = users.File,
            services: services => services
                .AddSingleton<IHistories>(_past).AddSingleton<IMarks>(_past).AddSingleton<IEventFeed>(_past));
    }
}
