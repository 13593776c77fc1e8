using System.Net;
using Hostscope.Bus;
using Hostscope.Gateway.Past;
using Microsoft.Extensions.DependencyInjection;

namespace Hostscope.Gateway.Tests.Past;

/// <summary>
/// Goal: an export takes neither the disk nor the places of others. Method: a past that lacks room, readers that do not
/// read, and a clock that the test drives.
/// </summary>
public sealed class ExportTests
{
    private const string Base = "/api/v1/hosts/local";

    private readonly FakePast _past = new("web-1");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_that_finds_no_room_says_so()
    {
        _past.Refusal = new QueryProblem("format", "300 MiB are free, 400 MiB must stay free.") { LacksSpace = true };
        await using var server = await StartAsync();
        using var answer = await server.Http.GetAsync($"{Base}/export?format=hscope", Ct);
        Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
        var problem = WebSocketClient.Parse(await answer.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(_past.Refusal.Message, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Readers_that_take_nothing_do_not_keep_the_places_of_exports()
    {
        _past.ExportAnswer = new byte[32 << 20]; // More than any buffer on the way.
        await using var server = await StartAsync();
        var readers = new List<HttpResponseMessage>();
        for (var i = 0; i < QuestionDesk.MaxExports; i++)
        {
            readers.Add(await server.Http.GetAsync(
                $"{Base}/export?format=jsonl", HttpCompletionOption.ResponseHeadersRead, Ct));
        }

        using (var third = await server.Http.GetAsync($"{Base}/export?format=jsonl", Ct))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        }

        _past.ExportAnswer = "{}\n"u8.ToArray();
        await Eventually.True(
            () =>
            {
                server.Time.Advance(TimeSpan.FromSeconds(new GatewayOptions().StalledSendSeconds));
                using var next = server.Http.GetAsync($"{Base}/export?format=jsonl", Ct)
                    .WaitAsync(Eventually.Deadline).GetAwaiter().GetResult();
                return next.IsSuccessStatusCode;
            },
            "there is a place again");
        foreach (var reader in readers)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => reader.Content.ReadAsByteArrayAsync(Ct));
            reader.Dispose();
        }
    }

    private Task<Server> StartAsync() => Server.StartAsync(services: services => services
        .AddSingleton<IHistories>(_past).AddSingleton<IMarks>(_past).AddSingleton<IEventFeed>(_past));
}
