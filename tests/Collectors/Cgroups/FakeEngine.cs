using System.Net.Sockets;
using System.Text;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>Listens at a socket of its own, and answers as the test says.</summary>
internal sealed class FakeEngine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hostscope-engine-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ended = new();
    private int _questions;

    public FakeEngine(bool listens = true)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "engine.sock");
        if (listens)
        {
            Listen();
        }
    }

    public string Path { get; }

    /// <summary>What is answered to a question; <c>null</c> to take it and say nothing.</summary>
    public byte[]? Answer { get; set; }

    /// <summary>Whether the answer is sent again and again, without an end.</summary>
    public bool IsEndless { get; set; }

    /// <summary>Questions so far; a connection without one does not count.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>The last question.</summary>
    public string Question { get; private set; } = "";

    /// <summary>An answer as engines give it.</summary>
    public static byte[] Http(string status, string body) => Encoding.UTF8.GetBytes(
        $"HTTP/1.0 {status}\r\nApi-Version: 1.47\r\nContent-Type: application/json\r\n\r\n{body}");

    /// <summary>Starts to listen.</summary>
    public void Listen()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _ = Task.Run(AcceptAsync);
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
        _ended.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync(_ended.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            var buffer = new byte[4096];
            var question = "";
            while (!question.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                var count = await client.ReceiveAsync(buffer, _ended.Token);
                if (count == 0)
                {
                    return;
                }

                question += Encoding.ASCII.GetString(buffer, 0, count);
            }

            Question = question;
            Interlocked.Increment(ref _questions);
            do
            {
                // Without an answer this ends when the other side gives up.
                _ = Answer is { } answer
                    ? await client.SendAsync(answer, _ended.Token)
                    : await client.ReceiveAsync(buffer, _ended.Token);
            }
            while (IsEndless);
        }
    }
}
