using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// P-01. Goal: kill -9 of the program costs nothing of what it had told of, and nothing is there that was not measured.
/// Method: the published binary at ten ticks a second, questions and marks on it, killed at random times over and over
/// on one directory; what it exported before each kill is compared line by line with what it exports after the next
/// start, and all of it again at the end. HOSTSCOPE_KILLS sets how often.
/// </summary>
public sealed class KillTests
{
    private const string Columns = "&series=system.cpu.load_average.1m&series=system.memory.usage%7Bsystem.memory.state"
        + "%3D%22used%22%7D&series=system.cpu.time%7Bcpu.mode%3D%22user%22%7D";

    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("HOSTSCOPE_KILLS") ?? "20", CultureInfo.InvariantCulture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1s")]
    [InlineData("10s")]
    public async Task Killing_the_program_loses_nothing_and_invents_nothing(string sync)
    {
        using var scratch = new Scratch();
        var random = new Random(20261124);
        var told = new SortedDictionary<long, string>();
        long killedAt = 0;
        for (var round = 0; round < (Kills + 1) / 2; round++)
        {
            var startedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await using var server = await Server.StartAsync(
                "--data-dir", scratch.File("data"), "--interval", "0.1", "--store-sync", sync);
            using var http = new HttpClient { BaseAddress = server.Address };
            var before = await ExportAsync(http, startedAt);
            Compare(told, before, killedAt, $"after kill {round}");
            var wanted = random.Next(1, 20);
            while (told.Count(line => line.Key >= startedAt) < wanted)
            {
                await Task.WhenAll(
                    http.GetAsync("/api/v1/hosts/local/moment?at=now", Ct),
                    http.GetAsync("/api/v1/hosts/local/overview", Ct));
                foreach (var (time, line) in (await ExportAsync(http, long.MaxValue)).SkipLast(1))
                {
                    told[time] = line; // The newest may be on its way to the disk: it has not been acknowledged.
                }
            }

            server.Signal(Server.Sigkill);
            await server.EndAsync();
            killedAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        }

        var lastStart = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await using var last = await Server.StartAsync("--data-dir", scratch.File("data"));
        using var client = new HttpClient { BaseAddress = last.Address };
        Compare(told, await ExportAsync(client, lastStart), killedAt, "at the end");
        await last.EndWellAsync();
    }

    /// <summary>Each line that was told is there to the letter; what is there besides is from before a kill.</summary>
    private static void Compare(
        SortedDictionary<long, string> told, SortedDictionary<long, string> found, long killedAt, string when)
    {
        Assert.All(told, line => Assert.True(
            found.TryGetValue(line.Key, out var there) && there == line.Value,
            $"{when}: told '{line.Value}', found '{found.GetValueOrDefault(line.Key)}'"));
        Assert.All(found.Keys, time => Assert.True(
            time <= killedAt, $"{when}: {time} is after the kill at {killedAt}."));

        // Ten a second, each at most a tenth late: more than eleven in a second would be some that were never measured.
        Assert.All(found.Keys.Zip(found.Keys.Skip(10)), pair => Assert.True(
            pair.Second - pair.First >= 850, $"{when}: eleven from {pair.First} to {pair.Second} are too many."));
        foreach (var (time, line) in found)
        {
            told[time] = line; // It is acknowledged now.
        }
    }

    /// <summary>What is kept from before a time, as lines by time; asked again while it is being opened.</summary>
    private static async Task<SortedDictionary<long, string>> ExportAsync(HttpClient http, long before)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(Server.Deadline);
        while (true)
        {
            using var answer = await http.GetAsync(
                $"/api/v1/hosts/local/export?format=jsonl&from=-1h{Columns}", deadline.Token);
            if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
            {
                continue;
            }

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var lines = (await answer.Content.ReadAsStringAsync(Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return new SortedDictionary<long, string>(lines
                .Select(line => (Time: JsonDocument.Parse(line).RootElement.GetProperty("t").GetInt64(), Line: line))
                .Where(line => line.Time < before)
                .ToDictionary(line => line.Time, line => line.Line));
        }
    }
}
