using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Hostscope.Gateway.Tests;

namespace Hostscope.Proxy.Tests;

/// <summary>An answer, read by the letter of RFC 9112.</summary>
internal sealed record Answer(int Status, string Head, string Body)
{
    /// <summary>Whether the server says that it closes the connection.</summary>
    public bool Closes => Head.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A connection on which any bytes may be sent, to nginx through TLS or to Hostscope itself.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[1 << 16];
    private string _rest = "";

    private RawConnection(Stream stream) => _stream = stream;

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(new NetworkStream(socket, ownsSocket: true));
    }

    public static async Task<RawConnection> OpenAsync(Nginx nginx)
    {
        var plain = await OpenAsync(nginx.Port);
        var tls = new SslStream(plain._stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(nginx.Tls());
        return new RawConnection(tls);
    }

    /// <summary>Sends characters as bytes, one each.</summary>
    public async Task SendAsync(string bytes)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), deadline.Token);
        await _stream.FlushAsync(deadline.Token);
    }

    /// <summary>The next answer; fails at the end of the connection.</summary>
    public async Task<Answer> ReadAnswerAsync() =>
        await TryReadAnswerAsync() ?? throw new InvalidOperationException("The connection ended without an answer.");

    /// <summary>The head of the next answer, of which the body may have no end.</summary>
    public async Task<Answer> ReadHeadAsync() => await TryReadHeadAsync()
        ?? throw new InvalidOperationException("The connection ended without an answer.");

    /// <summary>The next answer; <c>null</c> at the end of the connection, clean or not.</summary>
    public async Task<Answer?> TryReadAnswerAsync() => await TryReadHeadAsync() is { } answer
        ? answer with { Body = await ReadBodyAsync(answer.Head) }
        : null;

    private async Task<Answer?> TryReadHeadAsync()
    {
        int end;
        while ((end = _rest.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await FillAsync())
            {
                return _rest.Length == 0 ? null : throw new InvalidOperationException($"Half an answer: {_rest}");
            }
        }

        var head = _rest[..(end + 4)];
        _rest = _rest[(end + 4)..];
        var status = int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture);
        return new Answer(status, head, "");
    }

    /// <summary>All answers until the connection ends.</summary>
    public async Task<List<Answer>> ReadToEndAsync()
    {
        var answers = new List<Answer>();
        while (await TryReadAnswerAsync() is { } answer)
        {
            answers.Add(answer);
        }

        return answers;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<string> ReadBodyAsync(string head)
    {
        if (head.Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase))
        {
            var body = new StringBuilder();
            while (true)
            {
                var length = int.Parse(
                    await TakeLineAsync(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                body.Append(await TakeAsync(length));
                await TakeLineAsync();
                if (length == 0)
                {
                    return body.ToString();
                }
            }
        }

        const string Name = "\r\nContent-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? "" : await TakeAsync(int.Parse(
            head[(at + Name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture));
    }

    private async Task<string> TakeLineAsync()
    {
        int end;
        while ((end = _rest.IndexOf("\r\n", StringComparison.Ordinal)) < 0)
        {
            Assert.True(await FillAsync(), "The connection ended within a body.");
        }

        var line = _rest[..end];
        _rest = _rest[(end + 2)..];
        return line;
    }

    private async Task<string> TakeAsync(int count)
    {
        while (_rest.Length < count)
        {
            Assert.True(await FillAsync(), "The connection ended within a body.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private async Task<bool> FillAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        try
        {
            var count = await _stream.ReadAsync(_buffer, deadline.Token);
            _rest += Encoding.Latin1.GetString(_buffer, 0, count);
            return count > 0;
        }
        catch (IOException)
        {
            return false; // Reset: whatever was on its way is lost, and so is the connection.
        }
    }
}
