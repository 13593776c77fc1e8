using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// S-11, S-13 and S-18. Goal: secrets come out nowhere, hostile names change nothing, and no right is needed. Method:
/// the published binary beside processes with such names and arguments; everything that it says is read.
/// </summary>
public sealed class HostileTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_comes_out_anywhere()
    {
        using var scratch = new Scratch();
        const string Password = "canary-password-8d1c";
        const string Argument = "canary-argument-77ae";
        var proxySecret = $"canary-proxy-{Guid.NewGuid():N}";
        var users = scratch.File("users.json");
        await using var added = await Server.RunWithInputAsync(
            Password + "\n", "user", "add", "anna", "--role", "admin", "--users", users);
        await using var made = await Server.RunAsync(
            [], "token", "add", "all", "--users", users, "--scope", "read:live", "--scope", "read:procs",
            "--scope", "metrics", "--scope", "read:history");
        var token = made.Output.Lines[0];
        var secretFile = scratch.Write("secret", proxySecret);
        Scratch.SetMode(secretFile, "400");
        var log = scratch.Write("NLog.config", """
            <nlog xmlns="http://www.nlog-project.org/schemas/NLog.xsd">
              <targets><target name="all" type="Console" stdErr="true" layout="${message} ${exception}" /></targets>
              <rules><logger name="*" minlevel="Trace" writeTo="all" /></rules>
            </nlog>
            """);
        using var bystander = StartWaiting("/bin/sh", "-c", "read line", "sh", $"--password={Argument}");
        await using var server = await Server.StartAsync(
            "--users", users, "--log-config", log, "--interval", "0.2", "--trusted-proxies", "192.0.2.1",
            "--proxy-secret-file", secretFile);
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var http = new HttpClient(handler) { BaseAddress = server.Address };
        var said = new StringBuilder();
        using (var login = await AccessTests.LogInAsync(http, Password))
        {
            Assert.Equal(HttpStatusCode.OK, login.StatusCode);
            said.Append(await login.Content.ReadAsStringAsync(Ct));
        }

        using var wrong = await AccessTests.LogInAsync(http, Password + "x");
        said.Append(await wrong.Content.ReadAsStringAsync(Ct));
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        string[] paths =
        [
            "/api/v1/status", "/api/v1/hosts", "/api/v1/hosts/local", "/api/v1/session", "/api/v1/sessions",
            "/api/v1/tokens", "/metrics", "/openapi/v1.json", "/healthz", "/login", "/none",
        ];
        foreach (var path in paths)
        {
            using var answer = await http.GetAsync(path, Ct);
            said.Append(answer.Headers).Append(await answer.Content.ReadAsStringAsync(Ct));
        }

        said.Append(await WatchAsync(http, bystander.Id));
        bystander.Kill();
        await server.EndWellAsync();
        said.AppendJoin('\n', server.Error.Lines).AppendJoin('\n', server.Output.Lines);
        foreach (var secret in new[] { Password, Argument, proxySecret, token })
        {
            Assert.DoesNotContain(secret, said.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hostile_names_come_through_as_they_are_and_nothing_else_does()
    {
        string[] names = ["<img src=x>", ") R 1 (", "a\u001b[31mb", "a\nb", "\u202egnp.exe", "'\"&;"];
        using var scratch = new Scratch();
        using var processes = new Bystanders(names.Select(name =>
        {
            // A link, as a copy may still be open for writing in what another test is about to start: ETXTBSY.
            File.CreateSymbolicLink(scratch.File(name), "/bin/sleep");
            return StartWaiting(scratch.File(name), "1000");
        }));
        await using var server = await Server.StartAsync("--interval", "0.2");
        using var http = new HttpClient { BaseAddress = server.Address };
        var text = await WatchAsync(http, processes.Ids.Max());
        var table = text.Split('\n')
            .Where(line => line.StartsWith("data: {\"type\":\"processes\"", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[6..]).RootElement)
            .SelectMany(message => message.GetProperty("info").EnumerateArray())
            .ToLookup(info => info[0].GetInt32(), info => info);
        for (var i = 0; i < names.Length; i++)
        {
            var info = table[processes.Ids[i]].First();
            Assert.Equal(Environment.ProcessId, info[2].GetInt32()); // The fields after the name are where they belong.
            Assert.DoesNotContain(info[3].GetString()!, char.IsControl);
        }

        Assert.Equal("<img src=x>", table[processes.Ids[0]].First()[3].GetString());
        Assert.Equal(") R 1 (", table[processes.Ids[1]].First()[3].GetString());
        await server.EndWellAsync();
        Assert.All(server.Error.Lines, line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public async Task Without_any_right_everything_answers_and_says_what_it_cannot_see()
    {
        string[] wrapper = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
            : [];
        using var scratch = new Scratch();
        Scratch.SetMode(scratch.Path, "777");
        await using var server = await Server.StartByAsync(
            [.. wrapper, Server.Binary], "--interval", "0.2", "--data-dir", scratch.File("data"));
        var status = await File.ReadAllTextAsync($"/proc/{server.Id}/status", Ct);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = server.Address };
        var text = await WatchAsync(http, Environment.ProcessId);
        Assert.Contains("\"type\":\"frame\"", text, StringComparison.Ordinal);
        var host = await http.GetFromJsonAsync<JsonElement>("/api/v1/hosts/local", Ct);
        Assert.All(host.GetProperty("capabilities").EnumerateArray(), capability => Assert.True(
            capability.GetProperty("available").GetBoolean()
                || capability.GetProperty("reason").GetString() is { Length: > 0 },
            capability.ToString()));
        using var metrics = await http.GetAsync("/metrics", Ct);
        Assert.Equal(HttpStatusCode.OK, metrics.StatusCode);
        await server.EndWellAsync();
        Assert.DoesNotContain(server.Error.Lines, line =>
            line.Contains("ERROR", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    /// <summary>Reads the stream with all topics until the process table knows a process.</summary>
    private static async Task<string> WatchAsync(HttpClient http, int process)
    {
        using var deadline = new CancellationTokenSource(Server.Deadline);
        await using var stream = await http.GetStreamAsync(
            "/api/v1/hosts/local/stream?topics=system,cores,processes,cgroups", deadline.Token);
        using var reader = new StreamReader(stream);
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            text.AppendLine(line);
            if (line.StartsWith("data: {\"type\":\"processes\"", StringComparison.Ordinal)
                && line.Contains($"[{process},", StringComparison.Ordinal))
            {
                break;
            }
        }

        return text.ToString();
    }

    /// <summary>A process that waits for a line that never comes.</summary>
    private static Process StartWaiting(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true })!;

    /// <summary>Processes that end with the test, however it ends.</summary>
    private sealed class Bystanders(IEnumerable<Process> processes) : IDisposable
    {
        private readonly List<Process> _processes = [.. processes];

        public List<int> Ids => [.. _processes.Select(process => process.Id)];

        public void Dispose() => _processes.ForEach(process =>
        {
            process.Kill();
            process.Dispose();
        });
    }
}
