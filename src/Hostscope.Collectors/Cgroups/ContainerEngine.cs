using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// A container engine of this machine, asked for the names of its running containers over its Unix socket. Docker and
/// Podman understand the same question (Docker Engine API, <c>GET /containers/json</c>). Nothing else is ever asked.
/// </summary>
/// <remarks>
/// Asked with HTTP/1.0, whose answers end with the connection: there are no parts to put together. Whoever may listen
/// at the path is not trusted: time, bytes, containers and names have bounds, and every failure is a result.
/// </remarks>
/// <param name="path">Where the socket is; an absolute path that fits into a socket's address.</param>
/// <param name="time">Clock of the deadline.</param>
/// <param name="open">Makes a socket, as socket(2) does.</param>
internal sealed class ContainerEngine(string path, TimeProvider time, Func<Socket> open)
{
    /// <summary>From connecting to the last byte. An engine answers in 5 to 50 ms.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Most bytes of an answer. A container takes about 1 KiB of it.</summary>
    public const int MaxAnswerBytes = 1 << 20;

    private const int FirstBytes = 16 << 10;

    private static readonly byte[] Question =
        Encoding.ASCII.GetBytes("GET /containers/json?all=0 HTTP/1.0\r\nHost: localhost\r\n\r\n");

    private readonly UnixDomainSocketEndPoint _address = new(path);

    /// <summary>An engine that is asked over real sockets.</summary>
    public ContainerEngine(string path, TimeProvider time)
        : this(path, time, () => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
    {
    }

    /// <summary>Whether there is somebody to ask. Asks nothing.</summary>
    public Task<EngineAnswer> ReachAsync(CancellationToken ended) =>
        BoundedAsync(
            async (socket, cancelled) =>
            {
                await socket.ConnectAsync(_address, cancelled).ConfigureAwait(false);
                return new EngineAnswer(CollectResult.Ok, null);
            },
            ended);

    /// <summary>Asks for the containers that run now.</summary>
    /// <param name="ended">Nobody waits for the answer any more.</param>
    public Task<EngineAnswer> AskAsync(CancellationToken ended) => BoundedAsync(ExchangeAsync, ended);

    private async Task<EngineAnswer> BoundedAsync(
        Func<Socket, CancellationToken, Task<EngineAnswer>> exchange, CancellationToken ended)
    {
        using var late = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ended);
        try
        {
            using var socket = open();
            return await exchange(socket, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Failed($"{path} did not answer within {Timeout.TotalSeconds:0} s.", "Restart the container engine.");
        }
        catch (SocketException exception)
        {
            return Unreachable(exception);
        }
    }

    private async Task<EngineAnswer> ExchangeAsync(Socket socket, CancellationToken cancelled)
    {
        await socket.ConnectAsync(_address, cancelled).ConfigureAwait(false);
        for (var sent = 0; sent < Question.Length;)
        {
            sent += await socket.SendAsync(Question.AsMemory(sent), cancelled).ConfigureAwait(false);
        }

        var answer = new ArrayBufferWriter<byte>(FirstBytes);
        while (answer.WrittenCount <= MaxAnswerBytes)
        {
            var count = await socket.ReceiveAsync(answer.GetMemory(FirstBytes), cancelled).ConfigureAwait(false);
            if (count == 0)
            {
                return Understand(answer.WrittenSpan);
            }

            answer.Advance(count);
        }

        return Failed($"{path} answers with more than {MaxAnswerBytes >> 20} MiB, which no engine does.", null);
    }

    /// <remarks>
    /// <code>
    /// HTTP/1.0 200 OK
    /// Api-Version: 1.47
    /// Content-Type: application/json
    ///
    /// [{"Id":"8dfafdbc3a40...","Names":["/web-1"],"Image":"nginx",...},...]
    /// </code>
    /// </remarks>
    private EngineAnswer Understand(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0 || !answer.StartsWith("HTTP/1."u8) || answer[..end].IndexOf((byte)' ') is var space && space < 0)
        {
            return Failed($"{path} does not answer as a container engine does.", SocketRemedy);
        }

        var status = answer[(space + 1)..];
        if (!status.StartsWith("200"u8))
        {
            return Failed(
                $"{path} answers GET /containers/json with the status {StatusOf(status)}.",
                "Give the socket of Docker or Podman; its own log says what went wrong.");
        }

        return ContainerList.TryParse(answer[(end + 4)..], out var names)
            ? new EngineAnswer(CollectResult.Ok, names)
            : Failed($"{path} does not answer GET /containers/json with a list of containers.", SocketRemedy);
    }

    private static string StatusOf(ReadOnlySpan<byte> status) =>
        status.Length >= 3 && !status[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? Encoding.ASCII.GetString(status[..3])
            : "???";

    private const string SocketRemedy =
        "Give the engine's socket: /run/docker.sock of Docker, /run/podman/podman.sock of Podman.";

    private EngineAnswer Unreachable(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AccessDenied => Failed(
            $"{path} may not be connected to by this user.",
            "Add the user of Hostscope to the group of the socket, knowing that who may use it rules the machine."),
        SocketError.ConnectionRefused => Failed(
            $"Nobody listens at {path}: it is no socket, or its engine does not run.", SocketRemedy),
        SocketError.TooManyOpenSockets => Failed(
            $"{path} was not asked: this process, or the machine, has too many files open.",
            "Raise LimitNOFILE of the service, or ulimit -n."),
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported => Failed(
            $"{path} was not asked: Unix sockets are not allowed here.",
            "Add AF_UNIX to RestrictAddressFamilies of the service."),
        SocketError.AddressNotAvailable or SocketError.HostNotFound => Failed($"{path} does not exist.", SocketRemedy),
        _ => Failed($"{path} cannot be asked: {exception.Message}.", SocketRemedy),
    };

    private static EngineAnswer Failed(string reason, string? remedy) =>
        new(new CollectResult(CollectStatus.Failed, reason, remedy), null);
}

/// <summary>What an engine said.</summary>
/// <param name="Result">How asking ended.</param>
/// <param name="Names">
/// Names of running containers by full id; <c>null</c> when it failed, and when nothing was asked.
/// </param>
internal sealed record EngineAnswer(CollectResult Result, Dictionary<string, string>? Names);
