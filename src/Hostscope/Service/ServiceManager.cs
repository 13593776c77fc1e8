using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Hostscope.Bus;
using Hostscope.Logging;

namespace Hostscope.Service;

/// <summary>
/// Tells systemd how the service is (sd_notify(3)): datagrams of <c>NAME=value</c> lines to the socket that
/// <c>NOTIFY_SOCKET</c> names. Nothing here waits: what the socket does not take at once is not sent.
/// </summary>
/// <remarks>
/// Datagrams as the manager receives them: <c>READY=1\nSTATUS=Showing web-1 at http://127.0.0.1:4678</c>,
/// <c>WATCHDOG=1</c>, <c>WATCHDOG_USEC=90000000</c>, <c>STOPPING=1</c>.
/// </remarks>
internal sealed class ServiceManager : IDisposable
{
    /// <summary>
    /// Samples that fit into the watchdog's time at the least: one may be late, three in a row are not.
    /// </summary>
    private const int SamplesInTime = 3;

    private readonly Socket _socket;

    /// <summary>
    /// Within which time the manager wants a sign of life, or it restarts us; <c>null</c> when it does not watch.
    /// </summary>
    private readonly TimeSpan? _watchdog;

    private ServiceManager(Socket socket, TimeSpan? watchdog)
    {
        _socket = socket;
        _watchdog = watchdog;
    }

    /// <summary>
    /// The manager that started this process; <c>null</c> when none wants to be told, or cannot be.
    /// </summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="logger">Hears of a socket that cannot be used: the page is worth more than the manager.</param>
    public static ServiceManager? Find(Func<string, string?> variable, ILogger logger)
    {
        var path = variable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(path))
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            // An "@" stands for the zero byte of Linux's abstract names, unix(7).
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path));
            return new ServiceManager(socket, WatchdogFrom(variable));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            logger.ManagerUnreachable(path, exception.Message);
            return null;
        }
    }

    /// <summary>Says that the page can be opened, and where.</summary>
    public void Ready(string status) => Tell($"READY=1\nSTATUS={status}");

    /// <summary>Says that the end has begun.</summary>
    public void Stopping() => Tell("STOPPING=1");

    /// <summary>Gives a sign of life with the samples of a host from now on, if the manager watches.</summary>
    /// <param name="bus">Where the samples come from.</param>
    /// <param name="host">Whose samples.</param>
    /// <param name="interval">Time between them; a watchdog too short for it is asked for more time.</param>
    /// <param name="clock">Its monotonic clock spaces the signs.</param>
    /// <returns>Dispose it to stop; <c>null</c> when nobody watches.</returns>
    public IDisposable? FeedFrom(IFrameBus bus, string host, TimeSpan interval, TimeProvider clock)
    {
        if (_watchdog is not { } watchdog)
        {
            return null;
        }

        var least = interval * SamplesInTime;
        if (watchdog < least)
        {
            watchdog = least;
            Tell(string.Create(CultureInfo.InvariantCulture, $"WATCHDOG_USEC={(long)least.TotalMicroseconds}"));
        }

        return bus.Subscribe(host, new WatchdogFeed(this, watchdog, clock));
    }

    /// <summary>The sign of life. Allocates nothing, for the thread that collects calls it.</summary>
    public void Alive() => Send("WATCHDOG=1"u8);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static TimeSpan? WatchdogFrom(Func<string, string?> variable)
    {
        // WATCHDOG_PID guards against the variables of a parent that were handed down, sd_watchdog_enabled(3).
        var forUs = variable("WATCHDOG_PID") is not { Length: > 0 } process
            || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return forUs
            && long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var usec)
            && usec > 0
            ? TimeSpan.FromMicroseconds(usec)
            : null;
    }

    private void Tell(string text) => Send(Encoding.UTF8.GetBytes(text));

    private void Send(ReadOnlySpan<byte> datagram)
    {
        // A full queue, a manager that restarts: the next sample speaks again, and a missed one is what the manager's
        // time is for.
        _socket.Send(datagram, SocketFlags.None, out _);
    }
}
