using System.Net;
using System.Text.Json;
using Hostscope.Access;
using Hostscope.Bus;
using Hostscope.Gateway.Tests.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: whoever may not see arguments does not learn of them by searching, neither by a find nor by how far a search
/// came; whoever may not see processes finds none. Method: each who asks, before a past that notes how it was asked.
/// </summary>
public sealed class SightTests
{
    private const string Path = "/api/v1/hosts/local/processes?text=secret&from=0&limit=1";

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
