using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>What is done to a connection as a whole.</summary>
internal static class Connection
{
    /// <summary>
    /// Cuts it with a reset: after an orderly end the kernel would keep what the other side has not taken for minutes.
    /// Reads and writes that wait fail.
    /// </summary>
    public static void Cut(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            ResetAtClose(socket);
        }

        http.Abort();
    }

    /// <summary>Makes the closing of a socket a reset.</summary>
    public static void ResetAtClose(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}
