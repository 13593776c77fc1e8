using System.Net;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>Alone, as what is measured is the memory of the whole process.</summary>
[CollectionDefinition(nameof(OddRequestTests), DisableParallelization = true)]
public sealed class OddRequests;

/// <summary>
/// S-03. Goal: thousands of methods and addresses that there are not leave nothing behind. Method: managed memory
/// after a full collection, before and after, with nothing beside it and a log that keeps nothing.
/// </summary>
[Collection(nameof(OddRequestTests))]
public sealed class OddRequestTests
{
    [Fact]
    public async Task Odd_methods_and_paths_leave_nothing_behind()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        await OddAsync(server, 500);
        server.Log.Clear();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await OddAsync(server, 3_000);
        server.Log.Clear();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 5_000_000);
    }

    private static async Task OddAsync(Server server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod($"M{i}"), $"/api/v1/odd-{i}/{i}?{i}={i}");
            request.Headers.Add("Origin", $"http://{server.Address.Authority}");
            using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }
}
