using System.Net;
using System.Net.WebSockets;
using Hostscope.Gateway.Live;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-03. Goal: no channel of the live messages is open that is not meant to be. Method: the topics of the server
/// against the table topics.tsv; then every topic by everybody in the three ways to ask for it; and topics that there
/// are not.
/// </summary>
public sealed class TopicMatrixTests
{
    private const string Nobody = "nobody";

    private static readonly string[] Everybody =
        [Nobody, "viewer", "operator", "admin", "read:live", "read:history", "read:procs", "metrics", "write:marks"];

    /// <summary>Who may watch at all: the route's own need, of which RouteMatrixTests has the whole.</summary>
    private static readonly string[] Watchers = ["viewer", "operator", "admin", "read:live"];

    private static Dictionary<string, string[]> Table { get; } =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Admission", "topics.tsv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .ToDictionary(cells => cells[0], cells => cells[1].Split(' '));

    public static TheoryData<string> Topics => [.. Table.Keys];

    [Fact]
    public void The_topics_are_those_of_the_table_and_no_others() =>
        Assert.Equal(Table.Keys, TopicNames.All.Select(topic => topic.Name));

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task Each_topic_is_for_those_who_may_in_each_way_to_ask_for_it(string topic)
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        server.Host.TickPlain(1, 1);
        foreach (var who in Everybody)
        {
            var credential = await CredentialAsync(server, who);
            var refusal = who == Nobody ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
            var isAllowed = Table[topic].Contains(who);
            var status = await StatusOfStreamAsync(server, credential, topic);
            Assert.Equal((who, isAllowed ? HttpStatusCode.OK : refusal), (who, status));
            if (isAllowed)
            {
                using var byAddress = await TestUsers.WatchAsync(server, credential, $"?topics={topic}");
                Assert.Equal(topic, await TopicOfHelloAsync(byAddress));
            }
            else
            {
                var refused = await Assert.ThrowsAsync<WebSocketException>(
                    () => TestUsers.WatchAsync(server, credential, $"?topics={topic}"));
                Assert.Contains($"{(int)refusal}", refused.Message, StringComparison.Ordinal);
            }

            if (Watchers.Contains(who))
            {
                await SubscribeAsync(server, credential, topic, isAllowed);
            }
        }
    }

    [Fact]
    public async Task Nobody_can_ask_for_a_topic_or_send_a_message_that_there_is_not()
    {
        using var users = new TestUsers();
        await using var server = await users.StartServerAsync();
        var admin = await TestUsers.LogInAsync(server, "admin");
        foreach (var message in new[]
        {
            """{"type":"subscribe","topics":["everything"]}""", """{"type":"subscribe","topics":["*"]}""",
            """{"type":"publish","topics":["system"]}""", """{"type":"admin"}""",
        })
        {
            using var socket = await TestUsers.WatchAsync(server, admin);
            await socket.SendAsync(message);
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await socket.ReceiveCloseAsync()).Status);
        }
    }

    private static async Task<HttpStatusCode> StatusOfStreamAsync(Server server, string? credential, string topic)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/hosts/local/stream?topics={topic}");
        request.Headers.Add("Origin", $"http://{server.Address.Authority}");
        TestUsers.Identify(request.Headers.Add, credential);
        using var answer = await server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task SubscribeAsync(Server server, string? credential, string topic, bool isAllowed)
    {
        using var socket = await TestUsers.WatchAsync(server, credential);
        await socket.ReceiveAsync("hello");
        await socket.SendAsync($$"""{"type":"subscribe","topics":["{{topic}}"]}""");
        if (isAllowed)
        {
            var schema = await socket.ReceiveAsync("schema");
            Assert.Equal(topic, Assert.Single(schema.GetProperty("topics").EnumerateArray()).GetString());
        }
        else
        {
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await socket.ReceiveCloseAsync()).Status);
        }
    }

    private static async Task<string?> TopicOfHelloAsync(WebSocketClient socket)
    {
        var topics = (await socket.ReceiveAsync("hello")).GetProperty("schema").GetProperty("topics");
        return Assert.Single(topics.EnumerateArray()).GetString();
    }

    private static async Task<string?> CredentialAsync(Server server, string who) => who switch
    {
        Nobody => null,
        "viewer" or "operator" or "admin" => await TestUsers.LogInAsync(server, who),
        _ => TestUsers.Token(who),
    };
}
