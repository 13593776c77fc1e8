using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hostscope.Gateway.Http;

/// <summary>The limits of a connection before any code of ours sees it.</summary>
internal static class KestrelLimits
{
    /// <summary>Method, path and query: our longest is a list of 20 series names; 4 KiB, then 414.</summary>
    public const int RequestLineBytes = 4 * 1024;

    /// <summary>All headers, with the large cookies of other services on the same name; 16 KiB, then 431.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>Number of headers: a browser behind two proxies sends 30; then 431.</summary>
    public const int HeaderCount = 64;

    /// <summary>Nothing takes a body yet; then 413.</summary>
    public const int BodyBytes = 64 * 1024;

    /// <summary>
    /// Not yet sent bytes that Kestrel keeps for a connection before a send waits: none, so that a send is over when
    /// the kernel has all of it. What waits in a buffer is old by the time it leaves, where a mailbox would have had
    /// something newer; and the bytes of an upgraded connection may then go to its socket without overtaking any.
    /// </summary>
    public const int ResponseBufferBytes = 1;

    /// <summary>Received bytes that Kestrel keeps for a connection: the headers twice over.</summary>
    public const int RequestBufferBytes = 32 * 1024;

    /// <summary>From the first byte of a request to the end of its headers; then 408.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// From connecting to the first byte, and between two requests on a connection; then it is closed. Short, as
    /// Kestrel has one limit for both, and a flood of connections that say nothing must not keep others out for long.
    /// </summary>
    public static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(8);

    /// <summary>Sets them.</summary>
    public static void Apply(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;

        // HTTP/1.1 only: neither rapid resets nor a second way to open a WebSocket.
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = RequestLineBytes;
        limits.MaxRequestHeadersTotalSize = HeaderBytes;
        limits.MaxRequestHeaderCount = HeaderCount;
        limits.MaxRequestBodySize = BodyBytes;
        limits.MaxRequestBufferSize = RequestBufferBytes;
        limits.MaxResponseBufferSize = ResponseBufferBytes;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = KeepAliveTimeout;
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
        transport.MaxReadBufferSize = RequestBufferBytes;
        transport.CreateBoundListenSocket = endpoint =>
        {
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            if (socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            {
                socket.SendBufferSize = options.SendBufferBytes;
            }

            return socket;
        };
    }
}
