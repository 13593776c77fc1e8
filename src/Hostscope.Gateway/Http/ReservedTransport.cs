using System.Net;
using System.Net.Sockets;
using Hostscope.Gateway.Live.Sending;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Hostscope.Gateway.Http;

/// <summary>
/// Kestrel's sockets, with one rule at the door: the last file descriptors of the process are not for connections. A
/// flood of them must not keep the sampler from opening /proc, nor Kestrel in a loop of accepts that fail.
/// </summary>
/// <remarks>
/// The kernel gives the lowest number that is free, so the number of a new connection tells how full the table is
/// without counting. The limit is asked each time: an operator may change it with prlimit.
/// </remarks>
internal sealed class ReservedTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets;
    private readonly ILogger<ReservedTransport> _log;
    private readonly RefusalLog _refusals;

    public ReservedTransport(
        IOptions<SocketTransportOptions> options, ILoggerFactory logs, TimeProvider time)
    {
        _sockets = new SocketTransportFactory(options, logs);
        _log = logs.CreateLogger<ReservedTransport>();
        _refusals = new RefusalLog(time);
    }

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Door(await _sockets.BindAsync(endpoint, cancellationToken), this);

    private bool IsReserved(Socket socket)
    {
        var most = Descriptors.Most();
        if (socket.Handle < most - Descriptors.Reserve)
        {
            return false;
        }

        if (_refusals.Note(out var count))
        {
            Log.NoDescriptors(_log, most, count);
        }

        return true;
    }

    private sealed class Door(IConnectionListener inner, ReservedTransport transport) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var connection = await inner.AcceptAsync(cancellationToken);
                if (connection?.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket
                    || !transport.IsReserved(socket))
                {
                    return connection;
                }

                // The descriptor is free again before the next one is accepted.
                Connection.ResetAtClose(socket);
                socket.Dispose();
                await connection.DisposeAsync();
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) =>
            inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
