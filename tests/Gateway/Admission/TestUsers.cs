using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Hostscope.Access;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>A users file with one of each, and the logins and tokens that go with it.</summary>
internal sealed class TestUsers : IDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>Everybody's name is their role; the rounds are the fewest, for the sake of time.</summary>
    private static readonly string Hash = PasswordHash.Create(Password, PasswordHash.MinRounds);

    private readonly string _directory = Directory.CreateTempSubdirectory("hostscope-users-").FullName;

    public TestUsers()
    {
        File = Path.Combine(_directory, "users.json");
        Write(Everybody);
    }

    public static AccessList Everybody { get; } = new()
    {
        Users =
        [
            new UserEntry("viewer", Role.Viewer, Hash), new UserEntry("operator", Role.Operator, Hash),
            new UserEntry("admin", Role.Admin, Hash),
        ],
        Tokens =
        [
            Entry("read:live", Scopes.Live), Entry("read:history", Scopes.History),
            Entry("read:procs", Scopes.Processes), Entry("metrics", Scopes.Metrics),
            Entry("write:marks", Scopes.Marks),
        ],
    };

    public string File { get; }

    /// <summary>The token with a scope of that name.</summary>
    public static string Token(string scope) => TokenEntry.Prefix + new string(scope[5], Secret.Length);

    public void Write(AccessList list) => AccessFile.Change(File, _ => list);

    /// <summary>A server that knows them.</summary>
    public Task<Server> StartServerAsync(Action<GatewayOptions>? configure = null) => Server.StartAsync(options =>
    {
        options.Access.UsersFile = File;
        configure?.Invoke(options);
    });

    /// <summary>Logs in and gives the cookie, as it is to be sent.</summary>
    public static async Task<string> LogInAsync(Server server, string user, string? before = null)
    {
        using var answer = await TryAsync(server.Http, user, Password, before);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    public static async Task<HttpResponseMessage> TryAsync(
        HttpClient http, string user, string password, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session")
        {
            Content = Json(new Dictionary<string, string> { ["user"] = user, ["password"] = password }),
        };
        request.Headers.Add("Origin", http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks something, as who a cookie or token says.</summary>
    public static async Task<HttpResponseMessage> GetAsync(Server server, string path, string? as_)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Identify(request.Headers.Add, as_);
        return await server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<JsonElement> GetJsonAsync(Server server, string path, string? as_)
    {
        using var answer = await GetAsync(server, path, as_);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebSocketClient.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Watches the local host as its own page does.</summary>
    public static Task<WebSocketClient> WatchAsync(Server server, string? as_, string query = "") => server.WatchAsync(
        "/api/v1/hosts/local/live" + query,
        options => SetHeaders(options, server, as_));

    public static void SetHeaders(ClientWebSocketOptions options, Server server, string? as_)
    {
        Identify(options.SetRequestHeader, as_);
        options.SetRequestHeader("Origin", $"http://{server.Address.Authority}");
    }

    /// <summary>Adds the header that says who asks.</summary>
    public static void Identify(Action<string, string> add, string? as_)
    {
        if (as_ is not null)
        {
            var isToken = as_.StartsWith(TokenEntry.Prefix, StringComparison.Ordinal);
            add(isToken ? "Authorization" : "Cookie", isToken ? "Bearer " + as_ : as_);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>With its length: bodies in chunks are not taken.</summary>
    private static ByteArrayContent Json(Dictionary<string, string> members)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(members));
        content.Headers.ContentType = new("application/json");
        return content;
    }

    private static TokenEntry Entry(string scope, Scopes scopes) => new(
        scope.Replace(':', '-'), Secret.Hash(Token(scope)), scopes, DateTimeOffset.UnixEpoch, null);
}
