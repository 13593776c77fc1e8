using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Hostscope.Bench.Soak;

/// <summary>
/// Viewers that come and go: pages with both tables, pages that change their mind, streams, ones that stop reading,
/// ones whose connection breaks, scrapers. Each place is taken again as soon as its viewer has left.
/// </summary>
internal sealed class Crowd(Uri server) : IDisposable
{
    /// <summary>40 s of the fast clock.</summary>
    private const int LongestStayMs = 2_000;

    private const int BufferBytes = 64 << 10;

    /// <summary>As often as a Prometheus that scrapes each 15 s, on a clock that runs 20 times as fast.</summary>
    private static readonly TimeSpan BetweenScrapes = TimeSpan.FromMilliseconds(750);

    private static readonly TimeSpan BetweenWishes = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _end = new();

    /// <summary>Until standard input ends, which it also does when the server's process ends.</summary>
    public async Task RunAsync()
    {
        var places = new List<Task>
        {
            StayAsync(PageAsync),
            StayAsync(PageAsync),
            StayAsync(FickleAsync),
            StayAsync(StreamAsync),
            StayAsync(StreamAsync),
            StayAsync(BreakAsync),
            StayAsync(StallAsync),
            StayAsync(ScrapeAsync),
        };
        await Console.In.ReadToEndAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(places).ConfigureAwait(false);
    }

    public void Dispose() => _end.Dispose();

    private async Task StayAsync(Func<CancellationToken, Task> viewer)
    {
        while (!_end.IsCancellationRequested)
        {
            using var stay = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            stay.CancelAfter(RandomNumberGenerator.GetInt32(LongestStayMs));
            try
            {
                await viewer(stay.Token).ConfigureAwait(false);
            }
            catch (Exception left) when (left is OperationCanceledException or WebSocketException or IOException
                or SocketException or HttpRequestException)
            {
                // It left, or was shown the door: the next one comes.
            }

            // Now and then nobody watches the tables, and they are put to rest.
            await RestAsync().ConfigureAwait(false);
        }
    }

    private async Task RestAsync() =>
        await Task.Delay(RandomNumberGenerator.GetInt32(LongestStayMs), _end.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Uri Live(string query) =>
        new($"ws://{server.Authority}/api/v1/hosts/local/live?topics={query}");

    private async Task PageAsync(CancellationToken stay)
    {
        using var http = new HttpClient { BaseAddress = server };
        await http.GetStringAsync(new Uri("/", UriKind.Relative), stay).ConfigureAwait(false);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Live("system,cores,processes,cgroups"), stay).ConfigureAwait(false);
        await ReadAsync(socket, stay).ConfigureAwait(false);
    }

    private async Task FickleAsync(CancellationToken stay)
    {
        string[] messages =
        [
            """{"type":"subscribe","topics":["processes"]}""",
            """{"type":"subscribe","topics":["system","cgroups"]}""",
            """{"type":"resync"}""",
            """{"type":"subscribe","topics":["cores"]}""",
        ];
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Live("system"), stay).ConfigureAwait(false);
        var reading = ReadAsync(socket, stay);
        for (var i = 0; !reading.IsCompleted; i = (i + 1) % messages.Length)
        {
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(messages[i]), WebSocketMessageType.Text, true, stay).ConfigureAwait(false);
            await Task.Delay(BetweenWishes, stay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task ReadAsync(ClientWebSocket socket, CancellationToken stay)
    {
        var buffer = new byte[BufferBytes];
        while (socket.State == WebSocketState.Open)
        {
            await socket.ReceiveAsync(buffer.AsMemory(), stay).ConfigureAwait(false);
        }
    }

    private async Task StreamAsync(CancellationToken stay)
    {
        using var http = new HttpClient { BaseAddress = server };
        var address = new Uri("/api/v1/hosts/local/stream?topics=system,processes", UriKind.Relative);
        var stream = await http.GetStreamAsync(address, stay).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await stream.CopyToAsync(Stream.Null, stay).ConfigureAwait(false);
        }
    }

    /// <summary>The connection is reset while messages are on their way.</summary>
    private async Task BreakAsync(CancellationToken stay)
    {
        using var socket = await AskForStreamAsync(stay).ConfigureAwait(false);
        await socket.ReceiveAsync(new byte[BufferBytes], stay).ConfigureAwait(false);
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
    }

    /// <summary>Never reads: the server cuts it off.</summary>
    private async Task StallAsync(CancellationToken stay)
    {
        using var socket = await AskForStreamAsync(stay).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, stay).ConfigureAwait(false);
    }

    private async Task<Socket> AskForStreamAsync(CancellationToken stay)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, stay).ConfigureAwait(false);
            var request = $"GET /api/v1/hosts/local/stream?topics=system,cores,processes,cgroups HTTP/1.1\r\n"
                + $"Host: {server.Authority}\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(request), stay).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ScrapeAsync(CancellationToken stay)
    {
        using var http = new HttpClient { BaseAddress = server };
        while (true)
        {
            await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), stay).ConfigureAwait(false);
            await Task.Delay(BetweenScrapes, stay).ConfigureAwait(false);
        }
    }
}
