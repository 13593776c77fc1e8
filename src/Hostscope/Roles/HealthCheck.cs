using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Hostscope.Options;

namespace Hostscope.Roles;

/// <summary>
/// <c>hostscope health</c>: asks the server that runs with the same settings on this machine whether its samples are
/// fresh. For container engines, which start a program to learn that; there is no shell and no curl beside the binary.
/// </summary>
internal static class HealthCheck
{
    /// <summary>Far more than a healthy server takes; less than what engines wait.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The answer is a line; what is longer is not ours.</summary>
    private const int MaxAnswerBytes = 8192;

    /// <summary>Makes the command.</summary>
    /// <param name="load">Understands the settings; the first address counts.</param>
    public static Command Define(SettingsLoader load)
    {
        var command = new Command(
            "health", "Asks the server that runs with the same settings whether its samples are fresh.");
        command.SetAction(async (result, _) =>
        {
            await RunAsync(load(result).Listen()[0], result.InvocationConfiguration.Output).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Asks, and writes the line of a healthy server.</summary>
    /// <exception cref="StartRefusedException">It does not answer, or says that it is ill.</exception>
    private static async Task RunAsync(ListenAddress address, TextWriter output)
    {
        using var deadline = new CancellationTokenSource(Timeout, TimeProvider.System);
        string answer;
        try
        {
            var server = new IPEndPoint(address.Reachable.Address, address.Port);
            answer = await AskAsync(server, address.IsTls, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Ill(address, $"no answer within {Timeout.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is SocketException or IOException
            or AuthenticationException)
        {
            throw Ill(address, exception.Message);
        }

        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var body = end < 0 ? "" : answer[end..].Trim();
        if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
            || !body.StartsWith("ok: ", StringComparison.Ordinal))
        {
            throw Ill(address, body.Length > 0 ? body : $"answers '{answer.Split('\r')[0]}'");
        }

        await output.WriteLineAsync(body).ConfigureAwait(false);
    }

    private static StartRefusedException Ill(ListenAddress address, string reason) =>
        new(ExitCode.Unavailable, $"{address}: {reason}");

    private static async Task<string> AskAsync(IPEndPoint server, bool byTls, CancellationToken cancelled)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancelled).ConfigureAwait(false);
        var plain = new NetworkStream(socket, ownsSocket: false);
        await using var stream = byTls ? await EncryptAsync(plain, cancelled).ConfigureAwait(false) : plain;
        var request = $"GET /healthz HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancelled).ConfigureAwait(false);
        var answer = new byte[MaxAnswerBytes];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancelled)
            .ConfigureAwait(false);
        return Encoding.UTF8.GetString(answer, 0, length);
    }

    /// <summary>
    /// By any certificate: it is this machine that is asked, by its address, and nothing secret is said.
    /// </summary>
    private static async Task<Stream> EncryptAsync(Stream plain, CancellationToken cancelled)
    {
        var stream = new SslStream(plain);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        };
        await stream.AuthenticateAsClientAsync(options, cancelled).ConfigureAwait(false);
        return stream;
    }
}
