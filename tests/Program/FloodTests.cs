using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: connections that say nothing or little are closed in time (D-04, D-06), running out of file descriptors harms
/// nobody who watches (D-05), five hundred viewers are told of the end (O-01), and come back at once after a crash
/// (D-13). Method: the published binary, sockets by hand, prlimit(2), SIGTERM and SIGKILL.
/// </summary>
public sealed partial class FloodTests
{
    private const int RlimitNofile = 7;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silent_and_slow_connections_are_closed_within_ten_seconds_and_nobody_misses_a_frame()
    {
        await using var server = await Server.StartAsync();
        await using var viewer = await server.ViewAsync();
        using var crowd = new Crowd(server.Address);
        await crowd.ConnectAsync(200, "");
        await crowd.ConnectAsync(50, "GET / HTTP/1.1\r\nHost: x");
        var body = $"Host: {server.Address.Authority}\r\nContent-Length: 1000\r\n"
            + "Content-Type: application/x-www-form-urlencoded\r\n\r\nslow";
        await crowd.ConnectAsync(25, $"POST /api/v1/hosts HTTP/1.1\r\n{body}"); // Nobody reads it.
        await crowd.ConnectAsync(25, $"POST /login HTTP/1.1\r\n{body}");
        var clock = Stopwatch.StartNew();
        var last = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
        while (clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            await crowd.SendAsync("x"u8.ToArray(), from: 200); // One byte a second, as the frames come.
            var next = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
            Assert.Equal(last + 1, next);
            last = next;
        }

        Assert.Equal(0, crowd.CountOpen());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_descriptors_run_out_viewers_miss_nothing_and_others_come_in_again(bool isWarm)
    {
        await using var server = await Server.StartAsync();
        await using var viewer = await server.ViewAsync();
        var last = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
        if (isWarm)
        {
            var sockets = CountSockets(server.Id);
            using (var before = new Crowd(server.Address))
            {
                await before.ConnectAsync(100, "");
            }

            for (var waits = 0; CountSockets(server.Id) > sockets; waits++)
            {
                Assert.True(waits < 30, "Connections that ended are kept open.");
                await viewer.FirstAsync("frame");
            }

            last = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
        }

        var used = Directory.GetFiles($"/proc/{server.Id}/fd").Length;
        Limit(server.Id, (ulong)used + 60);
        var cpu = CpuSeconds(server.Id);
        var clock = Stopwatch.StartNew();
        using (var crowd = new Crowd(server.Address))
        {
            await crowd.ConnectAsync(400, "");
            for (var i = 0; i < 3; i++)
            {
                var next = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
                Assert.Equal(last + 1, next);
                last = next;
            }

            Assert.InRange(crowd.CountOpen(), 1, 60);
            var share = (CpuSeconds(server.Id) - cpu) / clock.Elapsed.TotalSeconds;
            Assert.True(share < 0.5, $"{share:P0} of a core");
        }

        clock.Restart();
        using var http = new HttpClient { BaseAddress = server.Address };
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync("/healthz", Ct);
                break;
            }
            catch (HttpRequestException) when (clock.Elapsed < TimeSpan.FromSeconds(2))
            {
                // The server has not noticed yet that the others are gone.
            }
        }

        Assert.Contains(server.Error.Lines, line => line.Contains("files open", StringComparison.Ordinal));
        Assert.Equal(last + 1, (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Five_hundred_viewers_are_told_of_the_end_which_takes_two_seconds_at_most()
    {
        await using var server = await Server.StartAsync();
        using var crowd = new Crowd(server.Address);
        await crowd.WatchAsync(500);
        using var stalled = new Crowd(server.Address, receiveBuffer: 2048);
        await stalled.ConnectAsync(50, Crowd.Handshake(server.Address));
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        var clock = Stopwatch.StartNew();
        var ending = server.EndWellAsync();
        Assert.Equal(500, await crowd.CountClosesAsync(1001));
        await ending;
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
    }

    [Fact]
    public async Task After_a_crash_five_hundred_viewers_come_back_at_once()
    {
        Uri address;
        using (var first = new Crowd(new Uri("http://127.0.0.1:1")))
        {
            await using var server = await Server.StartAsync();
            address = server.Address;
            first.Address = address;
            await first.WatchAsync(500);
            server.Signal(Sigkill);
            await server.EndAsync();
        }

        await using var again = await Server.StartAsync("--listen", address.ToString().TrimEnd('/'));
        using var crowd = new Crowd(address);
        var clock = Stopwatch.StartNew();
        await crowd.WatchAsync(500);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
        await using var viewer = await again.ViewAsync();
        var last = (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64();
        Assert.Equal(last + 1, (await viewer.FirstAsync("frame")).GetProperty("seq").GetInt64());
    }

    private const int Sigkill = 9;

    private static int CountSockets(int process) => Directory.GetFiles($"/proc/{process}/fd")
        .Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) ?? false);

    private static void Limit(int process, ulong most)
    {
        Span<ulong> limit = [most, most];
        Assert.Equal(0, SetLimit(process, RlimitNofile, ref MemoryMarshal.GetReference(limit), 0));
    }

    /// <summary>Fields 14 and 15 of /proc/PID/stat, 1/100 s each.</summary>
    private static double CpuSeconds(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture)
            + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    [LibraryImport("libc", EntryPoint = "prlimit")]
    private static partial int SetLimit(int process, int resource, ref ulong softAndHard, nint old);

    /// <summary>Sockets that do no more than they are told.</summary>
    private sealed class Crowd(Uri address, int receiveBuffer = 0) : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Uri Address { get; set; } = address;

        public static string Handshake(Uri address) =>
            $"GET /api/v1/hosts/local/live?topics=system HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

        /// <summary>Connects, and sends something; a server that refuses is no error.</summary>
        public async Task ConnectAsync(int count, string request)
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                if (receiveBuffer > 0)
                {
                    socket.ReceiveBufferSize = receiveBuffer;
                }

                _sockets.Add(socket);
                try
                {
                    await socket.ConnectAsync(Address.Host, Address.Port, Ct);
                }
                catch (SocketException)
                {
                    socket.Close(); // Reset before the call came back.
                }
            }

            await SendAsync(Encoding.Latin1.GetBytes(request), from: _sockets.Count - count);
        }

        /// <summary>Sends bytes to each connection from a place in the order on, as far as they are open.</summary>
        public async Task SendAsync(byte[] bytes, int from)
        {
            foreach (var socket in _sockets.Skip(from).Where(_ => bytes.Length > 0))
            {
                try
                {
                    await socket.SendAsync(bytes, Ct);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // Closed, which is what is looked for later.
                }
            }
        }

        /// <summary>Opens viewers, and waits until each has been sent something.</summary>
        public async Task WatchAsync(int count)
        {
            await ConnectAsync(count, Handshake(Address));
            var buffer = new byte[4096];
            foreach (var socket in _sockets)
            {
                var length = await socket.ReceiveAsync(buffer, Ct);
                Assert.StartsWith(
                    "HTTP/1.1 101 ", Encoding.Latin1.GetString(buffer, 0, length), StringComparison.Ordinal);
            }
        }

        /// <summary>Reads each to its end; how many ended with a close of that code.</summary>
        public async Task<int> CountClosesAsync(int code)
        {
            var ends = await Task.WhenAll(_sockets.Select(async socket =>
            {
                var buffer = new byte[64 * 1024];
                var tail = new List<byte>();
                try
                {
                    for (int length; (length = await socket.ReceiveAsync(buffer, Ct)) > 0;)
                    {
                        tail.AddRange(buffer.AsSpan(0, length));
                        tail.RemoveRange(0, Math.Max(0, tail.Count - 256));
                        if (CollectionsMarshal.AsSpan(tail).IndexOf([(byte)(code >> 8), (byte)code]) >= 2)
                        {
                            socket.Shutdown(SocketShutdown.Send);
                        }
                    }
                }
                catch (SocketException)
                {
                    // A reset after the close is what one gets who does not answer it in time.
                }

                byte[] close = [(byte)(code >> 8), (byte)code, .. "the server is going down; reconnect"u8];
                return CollectionsMarshal.AsSpan(tail).EndsWith(close);
            }));
            return ends.Count(isRight => isRight);
        }

        /// <summary>How many the server has not closed.</summary>
        public int CountOpen() => _sockets.Count(socket =>
        {
            try
            {
                while (socket.Poll(0, SelectMode.SelectRead))
                {
                    if (socket.Receive(new byte[4096]) == 0)
                    {
                        return false;
                    }
                }

                return true;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        });

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
