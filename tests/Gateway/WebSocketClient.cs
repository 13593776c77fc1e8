using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Hostscope.Gateway.Tests;

/// <summary>A viewer as any program would be: whole text messages, read as strict JSON.</summary>
internal sealed class WebSocketClient(ClientWebSocket socket) : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly byte[] _buffer = new byte[4 << 20];

    public ClientWebSocket Socket => socket;

    /// <summary>The next message, as its bytes came.</summary>
    public async Task<byte[]> ReceiveBytesAsync()
    {
        var (message, _) = await ReceiveAsync();
        return message ?? throw new InvalidOperationException(
            $"The connection was closed: {socket.CloseStatus} {socket.CloseStatusDescription}");
    }

    /// <summary>The next message.</summary>
    public async Task<JsonElement> ReceiveAsync(string type)
    {
        var message = Parse(await ReceiveBytesAsync());
        Assert.Equal(type, message.GetProperty("type").GetString());
        return message;
    }

    /// <summary>Reads until the connection is closed; how.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> ReceiveCloseAsync()
    {
        while (true)
        {
            var (message, isClosed) = await ReceiveAsync();
            if (isClosed)
            {
                return (socket.CloseStatus, socket.CloseStatusDescription);
            }

            Assert.NotNull(message);
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type, bool endOfMessage = true)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        await socket.SendAsync(bytes, type, endOfMessage, deadline.Token);
    }

    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, Strict);
        return document.RootElement.Clone();
    }

    public void Dispose() => socket.Dispose();

    private async Task<(byte[]? Message, bool IsClosed)> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(_buffer.AsMemory(length), deadline.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token);
                return (null, true);
            }

            Assert.Equal(WebSocketMessageType.Text, result.MessageType);
            length += result.Count;
            if (result.EndOfMessage)
            {
                return (_buffer[..length], false);
            }
        }
    }
}
