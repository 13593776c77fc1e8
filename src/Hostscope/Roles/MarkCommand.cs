using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hostscope.Options;

namespace Hostscope.Roles;

/// <summary>
/// <c>hostscope mark "deploy 42"</c>: hands a note to the Hostscope that serves on this machine, by HTTP on the address
/// where it serves by its settings. With a login it needs a token, in HOSTSCOPE_TOKEN: not on the command line, which
/// every user of the machine can read.
/// </summary>
internal static class MarkCommand
{
    private const string TokenVariable = "HOSTSCOPE_TOKEN";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Makes the command.</summary>
    /// <param name="load">Understands the settings.</param>
    public static Command Define(SettingsLoader load)
    {
        var text = new Argument<string>("text") { Description = "What it says: 1 to 200 characters on one line." };
        var command = new Command("mark", "Keeps a note in the history of the Hostscope that serves here.") { text };
        command.SetAction(async (result, cancel) =>
        {
            var addresses = load(result).Listen();
            var address = addresses.FirstOrDefault(listen => !listen.IsTls) ?? throw new StartRefusedException(
                ExitCode.Configuration,
                $"a mark goes by http://, and {addresses[0]} is not; serve a loopback address besides it");
            await SendAsync(
                address, result.GetRequiredValue(text), result.InvocationConfiguration.Output, cancel)
                .ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task SendAsync(
        ListenAddress address, string text, TextWriter output, CancellationToken cancel)
    {
        var server = address.Reachable;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Timeout);
        try
        {
            var (status, body) = await PostAsync(server, text, limit.Token).ConfigureAwait(false);
            if (status != (int)HttpStatusCode.Accepted)
            {
                throw Refuse(server.ToString(), status, body);
            }

            await output.WriteLineAsync($"Marked: {text.Trim()}").ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            throw new StartRefusedException(
                ExitCode.Unavailable,
                $"no Hostscope answers at {server}; start it, or say with {Settings.Listen.Option} where it serves");
        }
    }

    /// <summary>
    /// One request on a connection of its own (RFC 9112). By hand: this program has no HTTP client, so that nothing in
    /// it can call anybody.
    /// </summary>
    private static async Task<(int Status, string Body)> PostAsync(
        ListenAddress server, string text, CancellationToken cancel)
    {
        var content = $"{{\"text\":\"{JavaScriptEncoder.Default.Encode(text)}\"}}";
        var token = Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } given && given.All(IsTokenChar)
            ? $"Authorization: Bearer {given}\r\n" : "";
        var request = $"POST /api/v1/hosts/local/marks HTTP/1.1\r\nHost: {server.ToString()["http://".Length..]}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {content.Length}\r\n{token}"
            + "Connection: close\r\n\r\n"
            + content;
        using var socket = new Socket(server.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address, server.Port, cancel).ConfigureAwait(false);
        var stream = new NetworkStream(socket);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancel).ConfigureAwait(false);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var answer = await reader.ReadToEndAsync(cancel).ConfigureAwait(false);
            var words = answer.Split(' ', 3);
            return words.Length == 3 && int.TryParse(words[1], out var status)
                ? (status, answer) : throw new IOException("This is no HTTP.");
        }
    }

    /// <summary>RFC 6750, section 2.1: nothing that could end the header.</summary>
    private static bool IsTokenChar(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' or '+' or '/' or '=';

    private static StartRefusedException Refuse(string server, int status, string answer)
    {
        var reason = status is (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden
            ? $"give a token that may do so in {TokenVariable}" : Detail(answer) ?? $"it answered {status}";
        return new StartRefusedException(
            status == (int)HttpStatusCode.BadRequest ? ExitCode.Usage : ExitCode.Unavailable,
            $"{server} did not take the mark: {reason.TrimEnd('.')}");
    }

    /// <summary>What the problem details say; chunks may stand around them.</summary>
    private static string? Detail(string answer)
    {
        try
        {
            using var problem = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(
                answer.LastIndexOf('}') + 1)]);
            return problem.RootElement.GetProperty("detail").GetString();
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
