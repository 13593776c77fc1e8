using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Hostscope.Options;

/// <summary>An address to serve at.</summary>
/// <param name="Address">The address; the wildcards 0.0.0.0 and :: included.</param>
/// <param name="Port">TCP port; 0 lets the kernel choose a free one.</param>
/// <param name="IsTls">Whether by <c>https://</c>.</param>
internal sealed record ListenAddress(IPAddress Address, int Port, bool IsTls = false)
{
    /// <summary>4678 spells HOST on a telephone.</summary>
    public const int DefaultPort = 4678;

    /// <summary>Where we serve when nothing else is said.</summary>
    public static readonly ListenAddress Default = new(IPAddress.Loopback, DefaultPort);

    /// <summary>What is allowed, for messages.</summary>
    public const string Allowed =
        "give http://ADDRESS:PORT with an IP address or localhost, such as http://127.0.0.1:4678 or http://[::1]:4678";

    private const string Plain = "http://";
    private const string Secure = "https://";

    /// <summary>
    /// Understands <c>http://127.0.0.1:4678</c>, <c>http://[::1]:4678</c>, <c>http://localhost:4678</c>, and the
    /// same with <c>https</c>.
    /// </summary>
    /// <returns>The address, or <c>null</c> when it is none of these.</returns>
    public static ListenAddress? Parse(string text)
    {
        var isTls = text.StartsWith(Secure, StringComparison.OrdinalIgnoreCase);
        if (!isTls && !text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = text.AsSpan((isTls ? Secure : Plain).Length).TrimEnd('/');
        var colon = rest.LastIndexOf(':');
        if (colon < 0 || !TryParsePort(rest[(colon + 1)..], out var port))
        {
            return null;
        }

        var host = rest[..colon];
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new ListenAddress(IPAddress.Loopback, port, isTls);
        }

        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        var family = bracketed ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

        // IPAddress also takes "1" and "127.1"; an address in a setting has four parts.
        var wellFormed = bracketed || host.Count('.') == 3;
        return wellFormed && IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address)
            && address.AddressFamily == family
            ? new ListenAddress(address, port, isTls)
            : null;
    }

    /// <summary>Where a program of this machine reaches who serves at it: on every address means on loopback.</summary>
    public ListenAddress Reachable =>
        Address.Equals(IPAddress.Any) ? this with { Address = IPAddress.Loopback }
        : Address.Equals(IPAddress.IPv6Any) ? this with { Address = IPAddress.IPv6Loopback }
        : this;

    /// <summary>
    /// Binds the address and lets go of it, so that one that cannot be had is told of before anything is started.
    /// </summary>
    /// <exception cref="StartRefusedException">It cannot be had; the message says why.</exception>
    public void EnsureFree()
    {
        try
        {
            using var probe = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(Address, Port));
        }
        catch (SocketException exception)
        {
            throw Refuse(ToString(), exception);
        }
    }

    /// <summary>Says why an address cannot be listened on.</summary>
    public static StartRefusedException Refuse(string address, Exception exception)
    {
        var reason = (exception.GetBaseException() as SocketException)?.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"another program listens there; stop it, or choose another address with {Settings.Listen.Option}, " +
                "such as http://127.0.0.1:0 for any free port",
            SocketError.AddressNotAvailable => "this machine does not have the address",
            SocketError.AccessDenied => "ports below 1024 need the capability CAP_NET_BIND_SERVICE",
            _ => exception.GetBaseException().Message,
        };
        return new StartRefusedException(ExitCode.Unavailable, $"cannot listen on {address}: {reason}");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var scheme = IsTls ? Secure : Plain;
        return Address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"{scheme}[{Address}]:{Port}"
            : $"{scheme}{Address}:{Port}";
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
