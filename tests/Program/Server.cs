using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hostscope.Program.Tests;

/// <summary>
/// The published binary, started as an operator would: with arguments, environment and files, and no more.
/// </summary>
internal sealed partial class Server : IAsyncDisposable
{
    public const int Sigint = 2;
    public const int Sigterm = 15;
    public const int Sigkill = 9;
    public const int Sigcont = 18;
    public const int Sigstop = 19;

    /// <summary>For what takes milliseconds; long, because the machine that tests may be busy.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private Server(Process process)
    {
        _process = process;
        Output = new LineLog(process.StandardOutput);
        Error = new LineLog(process.StandardError);
    }

    /// <summary>Path of the binary: HOSTSCOPE_BIN, or where `./dev publish` leaves it.</summary>
    public static string Binary { get; } = FindBinary();

    public LineLog Output { get; }

    public LineLog Error { get; }

    public int Id => _process.Id;

    /// <summary>Where it serves, from its one line on standard output.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Starts it on a free port, unless the arguments say where, and waits until it serves.</summary>
    public static Task<Server> StartAsync(params string[] arguments) => StartAsync([], arguments);

    public static async Task<Server> StartAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var listens = arguments.Contains("--listen") || environment.ContainsKey("HOSTSCOPE_LISTEN");
        listens |= arguments is ["open", ..];
        return await StartedAsync(
            Launch(environment, listens ? arguments : ["--listen", "http://127.0.0.1:0", .. arguments]));
    }

    /// <summary>Starts it by way of a command that becomes it at last, or waits for it: its arguments follow.</summary>
    public static Task<Server> StartByAsync(string[] command, params string[] arguments) =>
        StartedAsync(Launch([], ["--listen", "http://127.0.0.1:0", .. arguments], command));

    /// <summary>Runs it to its end with a text on standard input.</summary>
    public static async Task<Server> RunWithInputAsync(string input, params string[] arguments)
    {
        var server = Launch([], arguments, input: input);
        await server.EndAsync();
        return server;
    }

    private static async Task<Server> StartedAsync(Server server)
    {
        var line = await server.Output.FirstAsync(_ => true);
        var match = AddressOfLine().Match(line);
        Assert.True(match.Success, $"The line on standard output is '{line}'.");
        server.Address = new Uri(match.Groups[1].Value);
        return server;
    }

    /// <summary>Starts it and waits for its end, for starts that are refused and for --help.</summary>
    public static async Task<Server> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var server = Launch(environment, arguments);
        await server.EndAsync();
        return server;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(Innermost(_process.Id), signal));

    /// <summary>Sends a signal and expects an end that is none of a bug.</summary>
    public async Task EndWellAsync(int signal = Sigterm)
    {
        Signal(signal);
        var exitCode = await EndAsync();
        Assert.True(exitCode == 0, $"exit code {exitCode}:\n{string.Join('\n', Error.Lines)}");
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline);
        await Output.EndAsync();
        await Error.EndAsync();
        return _process.ExitCode;
    }

    public async Task<Viewer> ViewAsync(string query = "")
    {
        var socket = new ClientWebSocket();
        var address = new UriBuilder(Address) { Scheme = "ws", Path = "/api/v1/hosts/local/live", Query = query };
        await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
        return new Viewer(socket);
    }

    /// <summary>The static data and settings that a viewer gets first.</summary>
    public async Task<JsonElement> HelloAsync()
    {
        await using var viewer = await ViewAsync();
        return await viewer.FirstAsync("hello");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    /// <summary>The process itself; of a command that waits for its child, the child.</summary>
    private static int Innermost(int process)
    {
        var file = $"/proc/{process}/task/{process}/children";
        var children = File.Exists(file)
            ? File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];
        return children is [var child] ? Innermost(int.Parse(child, CultureInfo.InvariantCulture)) : process;
    }

    private static Server Launch(
        Dictionary<string, string> environment, string[] arguments, string[]? command = null, string? input = null)
    {
        command ??= [Binary];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            RedirectStandardInput = input is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(
            key => key.StartsWith("HOSTSCOPE_", StringComparison.Ordinal)))
        {
            start.Environment.Remove(name);
        }

        // What a test does not ask to be kept is not kept: several servers run at once.
        if (!arguments.Contains("--data-dir"))
        {
            start.Environment["HOSTSCOPE_NO_RECORD"] = "true";
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }

        return new Server(process);
    }

    private static string FindBinary()
    {
        var given = Environment.GetEnvironmentVariable("HOSTSCOPE_BIN");
        if (!string.IsNullOrEmpty(given))
        {
            return given;
        }

        var rid = RuntimeInformation.RuntimeIdentifier;
        var binary = Path.Combine(Repository.Root, "artifacts", "publish", rid, "hostscope");
        return File.Exists(binary)
            ? binary
            : throw new InvalidOperationException(
                "These tests need the native binary: ./dev publish, or HOSTSCOPE_BIN.");
    }

    [GeneratedRegex(@"^Hostscope \d+\.\d+\.\d+ is showing .+ at (https?://\S+)")]
    private static partial Regex AddressOfLine();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>A viewer of the wire, by docs/WIRE.md alone.</summary>
internal sealed class Viewer(ClientWebSocket socket) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[4 << 20];

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    /// <summary>The next message, or <c>null</c> when the server has closed.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var deadline = new CancellationTokenSource(Server.Deadline);
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), deadline.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return JsonDocument.Parse(_buffer.AsMemory(0, length)).RootElement.Clone();
            }
        }
    }

    /// <summary>The next message of a type; others are passed over.</summary>
    public async Task<JsonElement> FirstAsync(string type)
    {
        while (true)
        {
            var message = await NextAsync()
                ?? throw new InvalidOperationException($"The server closed before '{type}'.");
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
