using System.Collections;
using System.Text;
using Hostscope.Access;
using Hostscope.Gateway.Live;
using Hostscope.Options;

namespace Hostscope.Fuzz.Tests;

/// <summary>What a viewer sends on its WebSocket.</summary>
internal sealed class ClientMessageTarget() : Target("client-message")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        """{"type":"subscribe","topics":["system","cores","processes","cgroups"]}"""u8.ToArray(),
        """{"type":"resync"}"""u8.ToArray(),
        """{"type":"subscribe","topics":[],"more":{"a":[1,null,true,{"b":"\u00e9"}]}}"""u8.ToArray(),
    ];

    public override IReadOnlyList<string> Words { get; } =
        ["subscribe", "resync", "\"topics\":", "\\u0000", "\\ud800", "null", "true", "[[[[[[[[[[", "{\"type\":"];

    public override int MaxBytes => ClientMessage.MaxBytes;

    public override void Run(byte[] input)
    {
        var message = ClientMessage.Parse(input);
        Assert.Equal(message.Kind == ClientMessageKind.Invalid, message.Problem is not null);
        Assert.InRange(Encoding.UTF8.GetByteCount(message.Problem ?? ""), 0, 123); // Travels in a close frame.
    }
}

/// <summary>hostscope.json.</summary>
internal sealed class ConfigFileTarget() : Target("config-file")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        """
        {
          // Twice a second.
          "interval": "500ms",
          "listen": ["http://127.0.0.1:4678", "http://[::1]:4678"],
          "allowedHosts": ["metrics.example.org"],
          "maxViewers": 10, "noAuth": false, /* more */ "hostId": "web-1",
        }
        """u8.ToArray(),
        "\ufeff{}"u8.ToArray(),
    ];

    public override IReadOnlyList<string> Words { get; } =
        [.. Settings.All.Select(setting => $"\"{setting.Key}\":"), "//", "/*", "*/", "true", "null", "\\ud800", "[[["];

    public override int MaxBytes => ConfigFile.MaxBytes;

    public override void Run(byte[] input)
    {
        try
        {
            ConfigFile.Parse("hostscope.json", input);
        }
        catch (StartRefusedException refusal)
        {
            Assert.Equal(ExitCode.Configuration, refusal.ExitCode);
            Assert.StartsWith("hostscope.json: ", refusal.Message, StringComparison.Ordinal);
        }
    }
}

/// <summary>Values of settings, wherever they are given.</summary>
internal sealed class SettingsTarget() : Target("settings")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Input("http://127.0.0.1:4678,http://[::1]:0"u8, "HOSTSCOPE_LISTEN"),
        Input("500ms"u8, "HOSTSCOPE_INTERVAL"),
        Input("0.25"u8, "HOSTSCOPE_INTERVAL"),
        Input("web-1.example"u8, "HOSTSCOPE_HOST_ID"),
        Input("metrics.example.org:443, a.example"u8, "HOSTSCOPE_ALLOWED_HOSTS"),
        Input("1000"u8, "HOSTSCOPE_MAX_VIEWERS"),
        Input("50"u8, "HOSTSCOPE_METRICS_TOP_N"),
        Input("true"u8, "HOSTSCOPE_NO_AUTH"),
        Input("/"u8, "HOSTSCOPE_ROOT"),
        Input("/proc"u8, "HOSTSCOPE_PROC_ROOT"),
        Input("/nowhere/users.json"u8, "HOSTSCOPE_USERS"),
        Input("/nowhere"u8, "HOSTSCOPE_PROXY_SECRET_FILE"),
        Input("/nowhere/tls.pem"u8, "HOSTSCOPE_TLS_CERT"),
        Input("/run/docker.sock"u8, "HOSTSCOPE_CONTAINER_ENGINE"),
        Input("https://metrics.example.org"u8, "HOSTSCOPE_PUBLIC_URL"),
        Input("x"u8, "HOSTSCOPE_UNKNOWN"),
    ];

    public override IReadOnlyList<string> Words { get; } =
        ["http://", "https://", "[::]", "0.0.0.0", "localhost", "ms", "s", ":65536", ":0", "%lo", "::ffff:127.0.0.1"];

    public override int MaxBytes => 4096;

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var value = Encoding.UTF8.GetString(Split(input, 1, out var head));
        try
        {
            new OptionsLoader([], new Hashtable { [head[0]] = value }).Load();
        }
        catch (StartRefusedException refusal)
        {
            Assert.Equal(ExitCode.Configuration, refusal.ExitCode);
        }
    }
}

/// <summary>The command line, one argument a line.</summary>
internal sealed class CommandLineTarget() : Target("command-line")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        "serve\n--listen\nhttp://127.0.0.1:0\n--interval=0.5\n--no-auth"u8.ToArray(),
        "--allowed-hosts\na.example\n--allowed-hosts\nb.example\n--max-viewers\n5\n--host-id\nweb-1"u8.ToArray(),
        "--no-auth\nfalse\n--root\n/\n--\n--version"u8.ToArray(),
        "@file\n[suggest]\n-x\n--intervall\n1"u8.ToArray(),
    ];

    public override IReadOnlyList<string> Words { get; } =
        [.. Settings.All.Select(setting => setting.Option), "serve", "--help", "--version", "--", "@", "-", "="];

    public override int MaxBytes => 4096;

    public override void Run(byte[] input)
    {
        var arguments = Encoding.UTF8.GetString(input).Split('\n');
        if (arguments.Any(argument => argument.Contains("--data-dir", StringComparison.Ordinal)))
        {
            return; // It makes the directory, wherever that is.
        }

        var (output, error) = (Console.Out, Console.Error);
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
        try
        {
            var running = CommandLine.RunAsync(arguments, DoNothing);
            var code = running.GetAwaiter().GetResult();
            Assert.Contains(code, new[] { ExitCode.Success, ExitCode.Usage, ExitCode.Configuration });
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private static Task DoNothing(HostscopeOptions options, TextWriter output, TextWriter error) => Task.CompletedTask;
}

/// <summary>
/// users.json, which is read again while the server runs: what it takes, the server must be able to use.
/// </summary>
internal sealed class UsersFileTarget() : Target("users-file")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoding.UTF8.GetBytes($$"""
            {
              "version": 1, // ours
              "users": [
                { "name": "anna", "role": "operator", "password": "{{PasswordHash.OfNobody()}}" },
                { "name": "b@example.org", "role": "admin", "password": "{{PasswordHash.OfNobody()}}" }
              ],
              "tokens": [
                { "name": "prometheus", "hash": "{{Secret.Hash("a")}}", "scopes": ["metrics", "read:live"],
                  "created": "2026-01-31T12:00:00+00:00", "expires": "2027-01-31T12:00:00+00:00" },
                { "name": "deploy", "hash": "{{Secret.Hash("b")}}", "scopes": ["write:marks"],
                  "created": "2026-01-31T12:00:00Z", "expires": null }
              ],
            }
            """),
        """{ "version": 1, "users": [], "tokens": [] }"""u8.ToArray(),
        """{ "version": 1, "users": [null], "tokens": [null] }"""u8.ToArray(),
    ];

    public override IReadOnlyList<string> Words { get; } =
    [
        "null", "\"users\":", "\"tokens\":", "\"name\":", "\"scopes\":", "\"expires\":", "viewer",
        "pbkdf2-sha256$", "$600000$", Secret.Hash("a"), "\\u0000", "\\ud800", "9999-12-31T23:59:59-14:00", "[[[",
        "{", "},{", "//",
    ];

    public override void Run(byte[] input)
    {
        try
        {
            var list = AccessFile.Parse("users.json", input);

            // What the server builds of it, and would fail with otherwise.
            Assert.Equal(list.Tokens.Count, list.Tokens.ToDictionary(token => token.Hash).Count);
            Assert.Equal(list.Users.Count, list.Users.ToDictionary(user => user.Name).Count);
            Assert.All(list.Users, user => Assert.NotNull(PasswordHash.RoundsOf(user.Password)));
            Assert.All(list.Users, user => Assert.NotEmpty(AccessNames.NameOf(user.Role)));
            Assert.All(list.Tokens, token => Assert.True(token.IsValidAt(DateTimeOffset.MinValue)
                || token.Expires == DateTimeOffset.MinValue));
        }
        catch (AccessFileException refusal)
        {
            Assert.StartsWith("users.json: ", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
            Assert.InRange(refusal.Message.Length, 12, 400);
        }
    }
}
