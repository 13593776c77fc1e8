using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hostscope.Gateway.Http;

/// <summary>The limits of a connection before any code of ours sees it.</summary>
internal static class KestrelLimits
{
    /// <summary>
    /// Not yet sent bytes that Kestrel keeps for a connection before a send waits: none, so that a send is over when
    /// the kernel has all of it. What waits in a buffer is old by the time it leaves, where a mailbox would have had
    /// something newer; and the bytes of an upgraded connection may then go to its socket without overtaking any.
    /// </summary>
    public const int ResponseBufferBytes = 1;

    /// <summary>
    /// Bytes that wait in the kernel for the network to take more, before a send waits as well (TCP_NOTSENT_LOWAT).
    /// What a slow line has not begun to carry is better replaced by the newest frame than sent late.
    /// </summary>
    public const int UnsentBytes = 16 * 1024;

    private const int IpprotoTcp = 6;
    private const int TcpNotsentLowat = 25;

    /// <summary>Sets them.</summary>
    public static void Apply(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;

        // HTTP/1.1 only: neither rapid resets nor a second way to open a WebSocket.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = options.RequestLineBytes;
        limits.MaxRequestHeadersTotalSize = options.HeaderBytes;
        limits.MaxRequestHeaderCount = options.HeaderCount;
        limits.MaxRequestBodySize = options.BodyBytes;
        limits.MaxRequestBufferSize = RequestBufferBytes(options);
        limits.MaxResponseBufferSize = ResponseBufferBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(options.HeadersTimeoutSeconds);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(options.KeepAliveSeconds);
        limits.MaxConcurrentConnections = options.MaxConnections;

        // Viewers are counted by us: Kestrel's answer to one too many would be 500.
        limits.MaxConcurrentUpgradedConnections = null;
    }

    /// <summary>
    /// Bounds what the kernel keeps for a viewer that does not read. Accepted sockets inherit the listener's.
    /// </summary>
    public static void Apply(SocketTransportOptions transport, GatewayOptions options)
    {
        transport.MaxWriteBufferSize = ResponseBufferBytes;
        transport.MaxReadBufferSize = RequestBufferBytes(options);
        transport.CreateBoundListenSocket = endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            {
                socket.SendBufferSize = options.SendBufferBytes;
                socket.SetRawSocketOption(IpprotoTcp, TcpNotsentLowat, BitConverter.GetBytes(UnsentBytes));
            }

            return socket;
        };
    }

    /// <summary>Received bytes that Kestrel keeps for a connection: the headers twice over.</summary>
    private static int RequestBufferBytes(GatewayOptions options) => 2 * options.HeaderBytes;
}
