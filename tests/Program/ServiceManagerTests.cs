using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: systemd hears when the page can be opened, that samples are completed, and nothing when they are not. Method:
/// the published binary and a socket of our own in place of the manager's; the sampling thread is frozen in a system
/// call as a hung disk would, by strace's delays.
/// </summary>
public sealed class ServiceManagerTests
{
    [Fact]
    public async Task Ready_is_told_once_the_page_can_be_opened_and_the_end_when_it_begins()
    {
        using var manager = new Manager();
        await using var server = await Server.StartAsync(manager.Environment());
        var ready = (await manager.FirstAsync("READY=1")).Split('\n');
        Assert.Equal("READY=1", ready[0]);
        Assert.Matches($"^STATUS=Showing .+ at {server.Address.ToString().TrimEnd('/')}$", ready[1]);
        await server.EndWellAsync();
        await manager.FirstAsync("STOPPING=1");
    }

    [Fact]
    public async Task Without_a_watchdog_there_are_no_signs_of_life()
    {
        using var manager = new Manager();
        await using var server = await Server.StartAsync(manager.Environment(), "--interval", "0.1");
        await using var viewer = await server.ViewAsync();
        for (var frames = 0; frames < 5; frames++)
        {
            await viewer.FirstAsync("frame");
        }

        await server.EndWellAsync();
        Assert.DoesNotContain("WATCHDOG=1", await manager.UntilAsync("STOPPING=1"));
    }

    [Fact]
    public async Task The_watchdog_of_another_process_is_not_ours()
    {
        using var manager = new Manager();
        var environment = manager.Environment(watchdog: TimeSpan.FromSeconds(1));
        environment["WATCHDOG_PID"] = "1";
        await using var server = await Server.StartAsync(environment, "--interval", "0.1");
        await using var viewer = await server.ViewAsync();
        for (var frames = 0; frames < 5; frames++)
        {
            await viewer.FirstAsync("frame");
        }

        await server.EndWellAsync();
        Assert.DoesNotContain("WATCHDOG=1", await manager.UntilAsync("STOPPING=1"));
    }

    [Fact]
    public async Task Signs_of_life_come_with_samples_and_end_when_the_sampler_is_frozen()
    {
        using var manager = new Manager();
        var watchdog = TimeSpan.FromSeconds(2);
        await using var server = await Server.StartAsync(manager.Environment(watchdog), "--interval", "0.1");
        await manager.FirstAsync("WATCHDOG=1");
        await manager.FirstAsync("WATCHDOG=1");

        using var frozen = await FreezeSamplerAsync(server);
        await manager.SilenceAsync(watchdog);

        // The process itself is well: it answers, and only its samples have stopped.
        using var client = new HttpClient { BaseAddress = server.Address };
        using var page = await client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(page.IsSuccessStatusCode, $"{page.StatusCode}");
    }

    [Fact]
    public async Task A_watchdog_that_is_too_short_for_the_interval_is_asked_for_more_time()
    {
        using var manager = new Manager();
        await using var server = await Server.StartAsync(
            manager.Environment(watchdog: TimeSpan.FromSeconds(30)), "--interval", "60");
        await manager.FirstAsync("WATCHDOG_USEC=180000000");
        await manager.FirstAsync("WATCHDOG=1");
    }

    [Fact]
    public async Task A_socket_that_is_not_there_costs_a_warning_and_not_the_start()
    {
        using var scratch = new Scratch();
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = scratch.File("gone") };
        await using var server = await Server.StartAsync(environment);
        await server.Error.FirstAsync(line => line.Contains("NOTIFY_SOCKET=", StringComparison.Ordinal));
        await server.EndWellAsync();
    }

    /// <summary>
    /// Holds every read of the one thread that samples for longer than any test; the rest of the process goes on.
    /// </summary>
    private static async Task<Frozen> FreezeSamplerAsync(Server server)
    {
        var thread = Directory.GetDirectories($"/proc/{server.Id}/task")
            .Single(task => File.ReadAllText(Path.Combine(task, "comm")).Trim() == "sampler");
        var strace = Process.Start(new ProcessStartInfo("strace",
            ["-p", Path.GetFileName(thread), "-e", "inject=pread64,read,openat:delay_enter=600s"])
        {
            RedirectStandardError = true,
        })!;
        var lines = new LineLog(strace.StandardError);
        await lines.FirstAsync(line => line.Contains("attached", StringComparison.Ordinal));
        return new Frozen(strace);
    }

    private sealed class Frozen(Process strace) : IDisposable
    {
        public void Dispose()
        {
            strace.Kill();
            strace.Dispose();
        }
    }

    /// <summary>The side of the manager: a socket that takes datagrams.</summary>
    private sealed class Manager : IDisposable
    {
        private readonly Scratch _scratch = new();
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly byte[] _buffer = new byte[4096];

        public Manager() => _socket.Bind(new UnixDomainSocketEndPoint(_scratch.File("notify")));

        public Dictionary<string, string> Environment(TimeSpan? watchdog = null)
        {
            var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = _scratch.File("notify") };
            if (watchdog is { } time)
            {
                environment["WATCHDOG_USEC"] = $"{(long)time.TotalMicroseconds}";
            }

            return environment;
        }

        /// <summary>Waits for the next datagram that begins so; others are passed over.</summary>
        public async Task<string> FirstAsync(string beginning) => (await UntilAsync(beginning))[^1];

        /// <summary>The datagrams up to the next that begins so, and that one.</summary>
        public async Task<List<string>> UntilAsync(string beginning)
        {
            using var deadline = new CancellationTokenSource(Server.Deadline);
            var datagrams = new List<string>();
            do
            {
                datagrams.Add(await NextAsync(deadline.Token));
            }
            while (!datagrams[^1].StartsWith(beginning, StringComparison.Ordinal));
            return datagrams;
        }

        /// <summary>Waits until nothing has come for a time: what the manager would restart the service for.</summary>
        public async Task SilenceAsync(TimeSpan time)
        {
            using var deadline = new CancellationTokenSource(Server.Deadline);
            while (true)
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
                silence.CancelAfter(time);
                try
                {
                    await NextAsync(silence.Token);
                }
                catch (OperationCanceledException) when (!deadline.IsCancellationRequested)
                {
                    return;
                }
            }
        }

        public void Dispose()
        {
            _socket.Dispose();
            _scratch.Dispose();
        }

        private async Task<string> NextAsync(CancellationToken cancelled) =>
            Encoding.UTF8.GetString(_buffer, 0, await _socket.ReceiveAsync(_buffer.AsMemory(), cancelled));
    }
}
