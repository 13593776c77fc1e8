using System.Net;
using System.Net.Sockets;
using System.Text;
using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Gateway;
using Hostscope.Gateway.Tests;
using Hostscope.Model;
using Hostscope.Recorder;
using Hostscope.Sampling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Hostscope.Fuzz.Tests;

/// <summary>The gateway on a real Kestrel, sampling this machine. A run is one connection.</summary>
internal abstract class HttpTarget : Target, INetworkTarget
{
    private const int DeadlineMs = 20_000;

    /// <summary>The rest is not waited for: a stream has no end.</summary>
    private const int LongestAnswer = 4096;

    private readonly WebApplication _app;
    private readonly IEnumerable<RecordedLog.Line> _errors;
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly Uri _address;
    private readonly string _directory = Directory.CreateTempSubdirectory("hostscope-fuzz-").FullName;

    protected HttpTarget(string name)
        : base(name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var roots = new HostRoots();
        var host = HostFacts.Read(roots);
        var log = new RecordedLog();
        _errors = log.Lines; // As they come.
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Error).AddProvider(log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IFrameBus, InProcessBus>()
            .AddHostscopeSampling(
                host, new CollectorContext(roots, new FrameBuilder(), TimeProvider.System), new SamplingOptions())
            .AddHostscopeRecorder(host, new RecorderOptions { Directory = _directory })
            .AddHostscopeGateway(options => options.LocalHostId = host.Id);
        _app = builder.Build();
        _app.MapHostscopeGateway();
        _app.StartAsync().GetAwaiter().GetResult();
        _address = new Uri(_app.Urls.First());
    }

    /// <summary>Name and port, as a Host header has them.</summary>
    protected string Authority => _address.Authority;

    public override int MaxBytes => 20 * 1024;

    public override void Close()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
        {
            _app.StopAsync(patience.Token).GetAwaiter().GetResult();
        }

        _app.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>
    /// Sends bytes and reads what comes until the server closes; says that there are no more, where the bytes do not.
    /// </summary>
    protected string Exchange(byte[] bytes, bool saysItsEnd, byte[]? afterTheAnswer = null)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = DeadlineMs,
        };
        socket.Connect(IPAddress.Loopback, _address.Port);
        var answer = new StringBuilder();
        try
        {
            socket.Send(bytes);
            if (afterTheAnswer is not null)
            {
                Receive(socket, answer);
                socket.Send(afterTheAnswer);
            }

            if (!saysItsEnd)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            while (answer.Length < LongestAnswer && Receive(socket, answer))
            {
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
        {
            // Refused in the middle of what was sent: the answer may be lost with the connection.
        }

        Assert.Empty(_errors);
        return answer.ToString();
    }

    /// <summary>Fails unless the answer is one that HTTP has, and none that says that we have a bug.</summary>
    protected static void AssertAnswer(string answer)
    {
        if (answer.Length > 0)
        {
            Assert.Matches("^HTTP/1\\.1 [1-5][0-9][0-9] ", answer);
            Assert.DoesNotMatch("^HTTP/1\\.1 500 ", answer);
        }
    }

    private bool Receive(Socket socket, StringBuilder answer)
    {
        var count = socket.Receive(_buffer);
        answer.Append(Encoding.Latin1.GetString(_buffer, 0, count));
        return count > 0;
    }
}

/// <summary>Paths and queries.</summary>
internal sealed class QueryTarget() : HttpTarget("query")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        "/api/v1/hosts/local/stream?topics=system,cores"u8.ToArray(),
        "/api/v1/hosts/local/live?topics=processes"u8.ToArray(),
        "/api/v1/hosts/local?x=%41"u8.ToArray(), "/api/v1/hosts"u8.ToArray(), "/api/v1/status"u8.ToArray(),
        "/h/local/a/b"u8.ToArray(), "/index.html"u8.ToArray(), "/metrics"u8.ToArray(), "/openapi/v1.json"u8.ToArray(),
        "/api/v1/hosts/local/history?series=system.cpu.load_average.1m&from=-15m&to=now&points=100"u8.ToArray(),
        "/api/v1/hosts/local/moment?at=2026-03-01T12:00:00Z"u8.ToArray(),
        "/api/v1/hosts/local/overview?from=-1h&to=1764000000000&points=50"u8.ToArray(),
        "/api/v1/hosts/local/events?kind=boot&after=3&limit=10"u8.ToArray(),
        "/api/v1/hosts/local/processes?text=a&limit=5&from=2026-01-01"u8.ToArray(),
        "/api/v1/hosts/local/series?from=12:00&to=13:00"u8.ToArray(),
        "/api/v1/hosts/local/export?format=csv&series=system.cpu.time&from=-1m"u8.ToArray(),
    ];

    public override IReadOnlyList<string> Words { get; } =
    [
        "%2e%2e/", "%c0%af", "%", "topics=", "from=", "to=", "points=", "series=", "at=", "text=", "limit=", "format=",
        "now", "-15m", "2026-02-30", "T25:61Z", "%F0%9F%92%A9", "+", ";", "//",
    ];

    public override void Run(byte[] input)
    {
        // A line end or a blank would end the target; those are the headers' matter.
        var target = input.Select(value => value is (byte)'\r' or (byte)'\n' or (byte)' ' ? (byte)'+' : value);
        var rest = Encoding.ASCII.GetBytes($" HTTP/1.1\r\nHost: {Authority}\r\nConnection: close\r\n\r\n");
        AssertAnswer(Exchange([.. "GET "u8, .. target, .. rest], saysItsEnd: true));
    }
}

/// <summary>Header lines: Host, Origin, Cookie, Authorization and what else is looked at.</summary>
internal sealed class HeadersTarget : HttpTarget
{
    public HeadersTarget()
        : base("headers")
    {
        Seeds =
        [
            Line($"Host: {Authority}\r\nOrigin: http://{Authority}\r\nSec-Fetch-Site: same-origin"),
            Line($"Host: {Authority}\r\nCookie: __Host-hostscope=abc; hostscope-local=\"x y\"; a=b"),
            Line($"Host: {Authority}\r\nAuthorization: Bearer hs_0123456789abcdef"),
            Line($"Host: {Authority}\r\nAuthorization: Basic dXNlcjpwYXNz"),
            Line($"Host: {Authority}\r\nAccept-Encoding: br;q=0.5, gzip\r\nIf-None-Match: \"a\", W/\"b\""),
            Line($"Host: {Authority}\r\nX-Forwarded-For: 10.0.0.1, ::1\r\nX-Forwarded-Proto: https"),
            Line($"Host: {Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"),
            Line("Host: localhost\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1"),
            Line("Host: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"),
        ];
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override IReadOnlyList<string> Words { get; } =
        ["\r\n", "\r\n ", "Host: ", "Origin: null", "Cookie: ", "Bearer ", "q=", "xn--", "[::1%lo]", ":443", "W/\""];

    public override void Run(byte[] input) =>
        AssertAnswer(Exchange([.. "GET / HTTP/1.1\r\n"u8, .. input, .. "\r\n\r\n"u8], saysItsEnd: false));

    private static byte[] Line(string text) => Encoding.Latin1.GetBytes(text);
}

/// <summary>Bodies: a login as a form and as JSON, a mark. The first line says where to, and what it is said to be.
/// </summary>
internal sealed class BodyTarget() : HttpTarget("bodies")
{
    private const string Form = "application/x-www-form-urlencoded";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Input("user=anna&password=correct+horse&to=h%2Fweb-1%3Fat%3D12"u8, "/login " + Form),
        Input("""{"user":"anna","password":"correct horse"}"""u8, "/api/v1/session application/json"),
        Input("""{"text":"deploy 42 \u00e9"}"""u8, "/api/v1/hosts/local/marks application/json"),
    ];

    public override IReadOnlyList<string> Words { get; } =
        ["user=", "password=", "to=", "%", "%00", "&", "+", "\\ud800", "null", "\"text\":", "\"user\":", "[[[[[[[[[["];

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var body = Split(input, 1, out var head);
        var request = head[0].Split(' ', 2);
        AssertAnswer(Exchange(
            [
                .. Encoding.ASCII.GetBytes($"POST {request[0]} HTTP/1.1\r\nHost: {Authority}\r\nConnection: close\r\n"),
                .. Encoding.ASCII.GetBytes($"Content-Type: {request[^1]}\r\nContent-Length: {body.Length}\r\n\r\n"),
                .. body,
            ],
            saysItsEnd: true));
    }
}

/// <summary>Frames of a WebSocket, after its handshake.</summary>
internal sealed class FramesTarget() : HttpTarget("web-socket-frames")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Frame(0x81, """{"type":"subscribe","topics":["system"]}"""u8),
        Frame(0x81, """{"type":"resync"}"""u8),
        [.. Frame(0x01, "{\"type\":"u8), .. Frame(0x00, "\"re"u8), .. Frame(0x89, "p"u8), .. Frame(0x80, "sync\"}"u8)],
        Frame(0x88, [0x03, 0xe8, (byte)'b', (byte)'y', (byte)'e']),
        Frame(0x82, [1, 2, 3]), Frame(0x8a, []), Frame(0xc1, "compressed"u8),
    ];

    public override void Run(byte[] input)
    {
        var handshake = "GET /api/v1/hosts/local/live HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            $"Host: {Authority}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        var answer = Exchange(Encoding.ASCII.GetBytes(handshake), saysItsEnd: false, input);
        Assert.StartsWith("HTTP/1.1 101 ", answer, StringComparison.Ordinal);
    }

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        // A mask of zeros leaves the payload as it is, and mutations of it meaningful.
        return [first, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. payload];
    }
}
