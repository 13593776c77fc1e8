using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Live.Sending;

/// <summary>
/// The connection's socket itself, beneath the web server's buffers: a message costs one system call, on the thread
/// that has it. Only for a connection that was upgraded and is not encrypted, on which the web server sends nothing
/// more; what it has sent before has left its buffers, as these hold nothing back
/// (<see cref="Http.KestrelLimits"/>).
/// </summary>
internal sealed class SocketOutlet : IOutlet
{
    private readonly HttpContext _http;
    private readonly Socket _socket;

    private SocketOutlet(HttpContext http, Socket socket)
    {
        _http = http;
        _socket = socket;

        // Otherwise a send that finds no room would keep its thread until there is some. It says nothing about the
        // receives of the web server, which never block.
        socket.Blocking = false;
    }

    /// <summary>The outlet of an upgraded connection: its socket where that may be, else its stream.</summary>
    public static IOutlet Of(HttpContext http, Stream upgraded)
    {
        var socket = http.Features.Get<IConnectionSocketFeature>()?.Socket;
        var isEncrypted = http.Features.Get<ITlsHandshakeFeature>() is not null;
        try
        {
            return socket is null || isEncrypted ? new StreamOutlet(http, upgraded) : new SocketOutlet(http, socket);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has gone since it asked. The stream will say so in the way that viewers know.
            return new StreamOutlet(http, upgraded);
        }
    }

    /// <inheritdoc/>
    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        var taken = _socket.Send(bytes, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => taken,
            SocketError.WouldBlock => 0,
            _ => throw new IOException("The connection is gone.", new SocketException((int)error)),
        };
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
            }
        }
        catch (SocketException e)
        {
            throw new IOException("The connection is gone.", e);
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <inheritdoc/>
    public void Cut() => Connection.Cut(_http);
}
