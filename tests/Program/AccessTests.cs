using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// S-01, S-02 and O-04. Goal: nobody is let in whom nobody meant to let in, and letting in is easy. Method: the
/// published binary; its sockets as the kernel lists them; the commands for users and tokens.
/// </summary>
public sealed class AccessTests
{
    private const string Password = "correct horse battery";
    private const int Usage = 2;
    private const int Configuration = 78;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_configuration_only_this_machine_can_connect()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 4678);
        try
        {
            taken.Start();
        }
        catch (SocketException)
        {
            // Somebody else has it, which serves as well: the line says which address was wanted.
        }

        await using var refused = await Server.RunAsync([]);
        Assert.StartsWith(
            "hostscope: cannot listen on http://127.0.0.1:4678: another program listens there",
            Assert.Single(refused.Error.Lines), StringComparison.Ordinal);

        await using var server = await Server.StartAsync();
        Assert.Equal([$"0100007F:{server.Address.Port:X4}"], ListeningAddresses(server.Id));
        using var elsewhere = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var exception = await Assert.ThrowsAsync<SocketException>(async () =>
            await elsewhere.ConnectAsync(IPAddress.Parse("127.0.0.2"), server.Address.Port, Ct));
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task On_the_network_without_a_login_it_says_so_everywhere()
    {
        await using var server = await Server.StartAsync("--listen", "http://0.0.0.0:0", "--no-auth");
        await server.Error.FirstAsync(line => line.Contains(
            "can be reached from the network, and nobody has to log in (--no-auth)", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
        var status = await http.GetFromJsonAsync<JsonElement>("/api/v1/status", Ct);
        Assert.Equal("none", status.GetProperty("auth").GetProperty("method").GetString());
        Assert.True(status.GetProperty("auth").GetProperty("exposed").GetBoolean());
    }

    [Theory]
    [InlineData("https://metrics.example.org", false, "and nobody has to log in: everybody whom the proxy lets")]
    [InlineData("http://metrics.example.org", true, "without TLS: passwords and tokens cross the network")]
    public async Task A_public_address_that_nothing_protects_is_warned_of(string url, bool hasUser, string warning)
    {
        using var scratch = new Scratch();
        var file = scratch.File("users.json");
        if (hasUser)
        {
            await AddAsync(file, "anna", "viewer");
        }

        await using var server = await Server.StartAsync("--public-url", url, "--users", file);
        await server.Error.FirstAsync(line => line.Contains(
            $"People come by {url} (--public-url), ", StringComparison.Ordinal)
            && line.Contains(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("health")]
    [InlineData("mark", "deploy 42")]
    public async Task Who_asks_the_server_needs_its_address_and_none_of_its_files(params string[] command)
    {
        using var scratch = new Scratch();
        var users = scratch.Write("users.json", "{ not for everybody");
        var config = scratch.Write("hostscope.json", $$"""
            {
              "listen": ["https://127.0.0.2:1", "http://127.0.0.1:1"], "users": "{{users}}",
              "tlsCert": "/nowhere.pem", "tlsKey": "/nowhere.key",
              "trustedProxies": "127.0.0.1", "proxySecretFile": "/nowhere", "root": "/nowhere"
            }
            """);
        await using var asked = await Server.RunAsync([], [.. command, "--config", config]);
        Assert.Contains(
            command[0] == "mark" ? "no Hostscope answers at http://127.0.0.1:1" : "https://127.0.0.2:1: Connection",
            Assert.Single(asked.Error.Lines), StringComparison.Ordinal);
        Assert.Equal(69, await asked.EndAsync());
    }

    [Theory]
    [InlineData("\"interval\": 61", "interval: '61' is not allowed")]
    [InlineData("\"storeMax\": 1", "storeMax: '1' is not allowed")]
    [InlineData("\"publicUrl\": \"x\"", "publicUrl: 'x' is not allowed")]
    [InlineData("\"sessionDays\": 0", "sessionDays: '0' is not allowed")]
    public async Task Health_tells_before_an_upgrade_what_the_start_would_not_take(string setting, string line)
    {
        using var scratch = new Scratch();
        var config = scratch.Write("hostscope.json", $"{{ {setting} }}");
        await using var refused = await Server.RunAsync([], "health", "--config", config);
        Assert.Contains(line, Assert.Single(refused.Error.Lines), StringComparison.Ordinal);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Fact]
    public async Task A_users_file_with_a_row_that_is_none_stops_the_start_in_one_line()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("users.json", """{ "version": 1, "users": [null] }""");
        Scratch.SetMode(file, "600");
        await using var refused = await Server.RunAsync([], "--users", file);
        Assert.Equal([$"hostscope: {file}: user 1: an object is expected, not null"], refused.Error.Lines);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Fact]
    public async Task A_user_made_on_the_command_line_can_log_in_on_the_network()
    {
        using var scratch = new Scratch();
        var file = scratch.File("users.json");
        await AddAsync(file, "anna", "viewer");
        Assert.DoesNotContain(Password, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        await using var server = await Server.StartAsync("--listen", "http://0.0.0.0:0", "--users", file);
        await server.Error.FirstAsync(line => line.Contains(
            "is reached without TLS: passwords and tokens cross the network", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
        using var refused = await http.GetAsync("/api/v1/status", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var login = await LogInAsync(http, Password);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        var status = await http.GetFromJsonAsync<JsonElement>("/api/v1/status", Ct);
        Assert.Equal("viewer", status.GetProperty("auth").GetProperty("role").GetString());

        await using var removed = await Server.RunAsync([], "user", "remove", "anna", "--users", file);
        Assert.Equal(0, await removed.EndAsync());
        await server.Error.FirstAsync(line => line.Contains("0 users, 0 tokens", StringComparison.Ordinal));
        using var gone = await http.GetAsync("/api/v1/status", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    [Fact]
    public async Task A_token_for_a_script_asks_nobody_to_log_in_so_root_is_warned_all_the_same()
    {
        using var scratch = new Scratch();
        var file = scratch.File("users.json");
        await using var made = await Server.RunAsync(
            [], "token", "add", "prometheus", "--scope", "metrics", "--users", file);
        await using var server = await Server.StartAsync("--users", file);
        using var http = new HttpClient { BaseAddress = server.Address };
        using var answer = await http.GetAsync("/api/v1/status", Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (Environment.IsPrivilegedProcess)
        {
            await server.Error.FirstAsync(line => line.Contains(
                "Runs as root or with capabilities, and nobody has to log in", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Users_and_tokens_are_made_listed_and_removed()
    {
        using var scratch = new Scratch();
        var file = scratch.File("users.json");
        await AddAsync(file, "anna", "admin");
        await using var twice = await Server.RunWithInputAsync(Password, "user", "add", "anna", "--users", file);
        Assert.StartsWith("hostscope: user 'anna' is there already", twice.Error.Lines[0], StringComparison.Ordinal);
        Assert.Equal(Usage, await twice.EndAsync());
        await using var weak = await Server.RunWithInputAsync("short\n", "user", "passwd", "anna", "--users", file);
        Assert.Equal(
            ["hostscope: a password of 5 characters is not allowed; give 8 to 256"], weak.Error.Lines);
        await using var users = await Server.RunAsync([], "user", "list", "--users", file);
        Assert.Equal(["anna  admin"], users.Output.Lines);

        await using var made = await Server.RunAsync(
            [], "token", "add", "prometheus", "--scope", "metrics", "--days", "never", "--users", file);
        var token = Assert.Single(made.Output.Lines);
        Assert.Matches("^hs_[A-Za-z0-9_-]{43}$", token);
        Assert.DoesNotContain(token, await File.ReadAllTextAsync(file, Ct), StringComparison.Ordinal);
        await using var tokens = await Server.RunAsync([], "token", "list", "--users", file);
        Assert.Equal(["prometheus  metrics  for ever"], tokens.Output.Lines);

        await using var server = await Server.StartAsync("--users", file);
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var status = await http.GetAsync("/api/v1/status", Ct);
        Assert.Equal(HttpStatusCode.Forbidden, status.StatusCode);
        using var metrics = await http.GetAsync("/metrics", Ct);
        Assert.True(metrics.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_users_file_that_others_may_read_stops_the_start()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("users.json", """{ "version": 1 }""");
        Scratch.SetMode(file, "644");
        await using var refused = await Server.RunAsync([], "--users", file);
        Assert.Equal(
            [$"hostscope: {file}: others may read or write it (mode 0644); it holds secrets: chmod 600 {file}"],
            refused.Error.Lines);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Fact]
    public async Task A_proxy_secret_that_others_may_read_or_guess_stops_the_start()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("secret", "short\n");
        foreach (var (mode, problem) in new[]
        {
            ("644", $"{file}: others may read or write it (mode 0644); it holds secrets: chmod 600 {file}"),
            ("600", $"--proxy-secret-file: '{file}' holds no secret; it should be 32 to 256 characters without " +
                $"spaces: openssl rand -hex 32 > {file}"),
        })
        {
            Scratch.SetMode(file, mode);
            await using var refused = await Server.RunAsync(
                [], "--proxy-secret-file", file, "--trusted-proxies", "127.0.0.1");
            Assert.Equal([$"hostscope: {problem}"], refused.Error.Lines);
            Assert.Equal(Configuration, await refused.EndAsync());
        }
    }

    [Fact]
    public async Task Users_and_no_login_do_not_go_together()
    {
        using var scratch = new Scratch();
        var file = scratch.File("users.json");
        await AddAsync(file, "anna", "viewer");
        await using var refused = await Server.RunAsync([], "--no-auth", "--users", file);
        Assert.Equal(
            [$"hostscope: --no-auth: nobody would have to log in, but there are users in {file}; " +
                "take one of the two away"],
            refused.Error.Lines);
    }

    [Fact]
    public async Task A_limit_is_set_like_any_setting_and_reported()
    {
        await using var server = await Server.StartAsync(
            new Dictionary<string, string> { ["HOSTSCOPE_SESSION_DAYS"] = "3" }, "--header-count", "32");
        using var http = new HttpClient { BaseAddress = server.Address };
        var limits = (await http.GetFromJsonAsync<JsonElement>("/api/v1/status", Ct)).GetProperty("limits");
        Assert.Equal(3, limits.GetProperty("sessionDays").GetInt32());
        Assert.Equal(32, limits.GetProperty("headerCount").GetInt32());
    }

    internal static async Task AddAsync(string file, string name, string role)
    {
        await using var added = await Server.RunWithInputAsync(
            Password + "\n", "user", "add", name, "--role", role, "--users", file);
        Assert.Equal([$"Added user {name}, {role}, to {file}"], added.Output.Lines);
        Assert.Equal(0, await added.EndAsync());
    }

    /// <summary>Logs anna in; with the body's length, as bodies in chunks are not taken.</summary>
    internal static async Task<HttpResponseMessage> LogInAsync(HttpClient http, string password)
    {
        using var content = new StringContent(
            $$"""{"user":"anna","password":"{{password}}"}""", System.Text.Encoding.UTF8, "application/json");
        return await http.PostAsync("/api/v1/session", content, Ct);
    }

    /// <summary>
    /// What a process listens on, as /proc/PID/net/tcp has it: state 0A, and a descriptor of the process.
    /// <code>  0: 0100007F:1246 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 85913 1</code>
    /// </summary>
    private static List<string> ListeningAddresses(int process)
    {
        var sockets = Directory.EnumerateFiles($"/proc/{process}/fd")
            .Select(file => new FileInfo(file).LinkTarget ?? "").ToHashSet();
        return
        [
            .. new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{process}/net/{table}").Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(cells => cells[3] == "0A" && sockets.Contains($"socket:[{cells[9]}]"))
                .Select(cells => cells[1]),
        ];
    }
}
