using Hostscope.Gateway.Tests;

namespace Hostscope.Proxy.Tests;

/// <summary>
/// Goal: nginx and Hostscope agree where each request ends, whatever a client sends; so nobody's request becomes part
/// of another's, and nobody gets another's answer. Method: requests that two readers could cut in two ways (RFC 9112,
/// sections 2.2, 5.2, 6.1, 6.3, 7.1.1), each with a second request hidden in it: to Hostscope itself, and through
/// nginx with other clients beside them on the same connections to Hostscope.
/// </summary>
public sealed class SmugglingTests
{
    private const string Hidden = "GET /smuggled HTTP/1.1\r\nHost: {host}\r\nX: ";

    /// <summary>Name, header lines after Host, and body. {host} is put in when it is sent.</summary>
    private static readonly (string Name, string Headers, string Body)[] Corpus =
    [
        ("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG" + Hidden),
        ("CL.TE, TE first", "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\n" + Hidden),
        ("TE.CL", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "40\r\n" + Hidden + "\r\n0\r\n\r\n"),
        ("TE.TE identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + Hidden),
        ("TE.TE unknown", "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + Hidden),
        ("TE.TE list", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + Hidden),
        ("TE.TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Hidden),
        ("TE blank before the colon", "Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", "0\r\n\r\n" + Hidden),
        ("TE vertical tab", "Content-Length: 5\r\nTransfer-Encoding: \vchunked\r\n", "0\r\n\r\n" + Hidden),
        ("TE quoted", "Content-Length: 5\r\nTransfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + Hidden),
        ("TE after a bare LF", "Content-Length: 5\r\nX: x\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Hidden),
        ("TE after a bare CR", "Content-Length: 5\r\nX: x\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Hidden),
        ("TE folded", "Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + Hidden),
        ("obs-fold", "X-Folded: a\r\n b\r\nContent-Length: 0\r\n", Hidden),
        ("obs-fold of the first header", " Content-Length: 5\r\n", "0\r\n\r\n" + Hidden),
        ("bare LF in a chunk extension", "Transfer-Encoding: chunked\r\n", "2;\nxx\r\n40\r\n0\r\n\r\n" + Hidden),
        ("bare CR in a chunk extension", "Transfer-Encoding: chunked\r\n", "2;\rxx\r\n40\r\n0\r\n\r\n" + Hidden),
        ("bare LF after a chunk", "Transfer-Encoding: chunked\r\n", "1\nx\n0\n\n" + Hidden),
        ("chunk size too large", "Transfer-Encoding: chunked\r\n", "ffffffffffffffff1\r\nx\r\n0\r\n\r\n" + Hidden),
        ("chunk size signed", "Transfer-Encoding: chunked\r\n", "-1\r\nx\r\n0\r\n\r\n" + Hidden),
        ("chunk trailer with a length", "Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 60\r\n\r\n" + Hidden),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 70\r\n", Hidden),
        ("list of lengths", "Content-Length: 0, 70\r\n", Hidden),
        ("length negative", "Content-Length: -1\r\n", Hidden),
        ("length in hex", "Content-Length: 0x0\r\n", Hidden),
        ("length and blank", "Content-Length : 0\r\n", Hidden),
        ("NUL in a header", "X: a\0b\r\nContent-Length: 0\r\n", Hidden),
        ("two hosts", "Host: {host}\r\nContent-Length: 0\r\n", Hidden),
    ];

    /// <summary>Kestrel reads this length as the number it is. nginx refuses it, so the two do not disagree.</summary>
    private static readonly (string Name, string Headers, string Body) Signed =
        ("length signed", "Content-Length: +0\r\n", Hidden);

    public static TheoryData<string> Names => [.. Corpus.Select(one => one.Name)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Hostscope_refuses_it_with_400_and_closes(string name)
    {
        await using var backend = await Backend.StartAsync();
        await using var connection = await RawConnection.OpenAsync(backend.Address.Port);
        await connection.SendAsync(Request(Corpus.Single(one => one.Name == name), "", backend.Address.Authority));
        var answer = Assert.Single(await connection.ReadToEndAsync());
        Assert.Equal(400, answer.Status);
        Assert.True(answer.Closes, answer.Head);
        Assert.DoesNotContain(backend.Seen, request => request.Target.Contains("smuggled", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Variant.OwnName)]
    [InlineData(Variant.Prefix)]
    public async Task Nginx_and_hostscope_count_the_same_requests_and_everyone_gets_the_own_answer(Variant variant)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(variant, backend.Address.Port);
        using var client = nginx.Client();
        (string Name, string Headers, string Body)[] corpus = [.. Corpus, Signed];
        for (var i = 0; i < corpus.Length; i++)
        {
            await using var connection = await RawConnection.OpenAsync(nginx);
            await connection.SendAsync(Request(corpus[i], nginx.Prefix, nginx.Authority));

            // Others, on the connections that nginx keeps to Hostscope: each asks for what nobody else asks for.
            foreach (var path in new[] { $"none-{i}-a", $"none-{i}-b", $"none-{i}-c" })
            {
                var body = await (await client.GetAsync(path, Ct)).Content.ReadAsStringAsync(Ct);
                Assert.Contains($"/{path};", body, StringComparison.Ordinal);
            }

            // The end of what was sent may be the beginning of a request to nginx, too: finish it, and say that it was
            // the last, so that the connection ends when everything on it has been answered.
            await connection.SendAsync(
                $"\r\n\r\nGET {nginx.Prefix}/last HTTP/1.1\r\nHost: {nginx.Authority}\r\nConnection: close\r\n\r\n");
            Assert.NotEmpty(await connection.ReadToEndAsync());
        }

        await Eventually.True(() => nginx.HandedOn == backend.Seen.Count, "nginx and Hostscope count the same");
        Assert.InRange(backend.Seen.Count, corpus.Length * 3, corpus.Length * 5);
        var log = string.Join('\n', nginx.AccessLog);
        Assert.All(
            backend.Seen.Where(request => request.Target.Contains("smuggled", StringComparison.Ordinal)),
            request => Assert.Contains(
                $"\"{request.Method} {nginx.Prefix}{request.Target}\"", log, StringComparison.Ordinal));
        Assert.All(backend.Seen, request => Assert.False(request.Headers.ContainsKey("Transfer-Encoding")));
    }

    [Fact]
    public async Task A_body_in_chunks_arrives_from_nginx_with_its_length()
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(Variant.OwnName, backend.Address.Port);
        await using var connection = await RawConnection.OpenAsync(nginx);
        await connection.SendAsync(
            $"POST /none HTTP/1.1\r\nHost: {nginx.Authority}\r\nOrigin: https://{nginx.Authority}\r\n" +
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");

        // Somebody else's answer, so that nginx has seen the beginning before the rest of it is there.
        using var client = nginx.Client();
        using var between = await client.GetAsync("none", Ct);
        await connection.SendAsync("2\r\nde\r\n0\r\n\r\n");
        Assert.Equal(404, (await connection.ReadAnswerAsync()).Status);
        Assert.Equal("5", Assert.Single(backend.Seen, one => one.Method == "POST").Headers["Content-Length"]);
    }

    [Theory]
    [InlineData("h2c", "Upgrade, HTTP2-Settings")]
    [InlineData("tcp", "Upgrade")]
    [InlineData("websocket2", "Upgrade")]
    [InlineData("WebSocket", "Upgrade")]
    public async Task Only_a_web_socket_becomes_a_tunnel(string protocol, string connectionHeader)
    {
        await using var backend = await Backend.StartAsync();
        await using var nginx = await Nginx.StartAsync(Variant.OwnName, backend.Address.Port);
        await using var connection = await RawConnection.OpenAsync(nginx);
        await connection.SendAsync(
            $"GET /api/v1/hosts HTTP/1.1\r\nHost: {nginx.Authority}\r\nUpgrade: {protocol}\r\n" +
            $"Connection: {connectionHeader}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
        Assert.Equal(200, (await connection.ReadAnswerAsync()).Status);
        var seen = Assert.Single(backend.Seen).Headers;
        Assert.Equal(protocol == "WebSocket" ? "websocket" : null, seen.GetValueOrDefault("Upgrade"));
        Assert.Equal(
            protocol == "WebSocket" ? "upgrade" : null, seen.GetValueOrDefault("Connection"), ignoreCase: true);
    }

    private static string Request((string Name, string Headers, string Body) one, string prefix, string host) =>
        ($"POST {prefix}/none HTTP/1.1\r\nHost: {{host}}\r\n" + one.Headers + "\r\n" + one.Body)
        .Replace("{host}", host, StringComparison.Ordinal);
}
