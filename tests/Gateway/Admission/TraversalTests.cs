using System.Globalization;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// S-15. Goal: no address leads to a file, and none brings the server down. Method: some 200 addresses that have led
/// out of other servers' folders, sent as they are.
/// </summary>
public sealed class TraversalTests
{
    private static readonly string[] Prefixes = ["/", "/assets/", "/assets../", "/h/", "/openapi/", "/api/v1/hosts/"];

    private static readonly string[] Ways =
    [
        "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..\\..\\etc\\passwd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd", "..;/..;/etc/passwd",
        "%252e%252e%252fetc%252fpasswd", "%c0%ae%c0%ae/etc/passwd", "%c0%af..%c0%afetc/passwd", "%e0%80%ae/etc/passwd",
        "..%00/etc/passwd", "a-1.js%00.html", "a-1.js/../../../etc/passwd", "%", "%%", "%zz", "%u002e%u002e/etc/passwd",
        "./././etc/passwd", "//etc/passwd", "\\\\host\\share", "file:///etc/passwd", "~root/.bashrc", ".git/config",
        ".env", "web.config", "appsettings.json", "a-1.js.map", "a-1.js::$DATA", "CON", "/proc/self/environ",
        "..%2f..%2fproc%2fself%2fenviron", "?../../etc/passwd", "%0d%0aSet-Cookie:%20a=b", "x\u00e4",
    ];

    [Fact]
    public async Task No_address_leads_out_of_the_page_and_the_server_lives()
    {
        await using var server = await Server.StartAsync();
        var tried = 0;
        foreach (var path in Prefixes.SelectMany(prefix => Ways.Select(way => prefix + way))
            .Append("/" + new string('a', 8_192)).Append("/" + string.Concat(Enumerable.Repeat("../", 1_000))))
        {
            using var client = new RawViewer();
            var answer = await client.RequestAsync(
                server.Address,
                $"GET {path} HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: close\r\n\r\n");
            var status = int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);

            // The page itself answers below /h/, and with a query; nothing else is there.
            var isPage = path.StartsWith("/h/", StringComparison.Ordinal)
                || path.Contains('?', StringComparison.Ordinal) || path.EndsWith("../", StringComparison.Ordinal);
            Assert.True(status is 400 or 404 or 414 || (isPage && status == 200), $"{path} was answered {status}");
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
            tried++;
        }

        Assert.InRange(tried, 200, 300);
        Assert.Empty(server.Log.With(4022));
        using var page = await server.Http.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.True(page.IsSuccessStatusCode);
    }
}
