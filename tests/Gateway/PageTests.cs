using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Hostscope.Gateway.Page;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: the page arrives in the form its reader wants and is kept as long as it may be. Method: a page of two files
/// for the rules; then the page that was built into the program, whatever is in it.
/// </summary>
public sealed class PageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/index.html")]
    [InlineData("/h/web-1")]
    [InlineData("/h/web-1/disks?x=1")]
    public async Task The_page_answers_at_its_addresses_and_is_asked_for_again_each_time(string path)
    {
        await using var server = await Server.StartAsync();
        using var answer = await server.Http.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(MemoryPage.Index, await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl!.ToString());
        Assert.NotNull(answer.Headers.ETag);
    }

    [Fact]
    public async Task A_deeper_address_than_the_page_has_is_not_found()
    {
        await using var server = await Server.StartAsync();
        using var answer = await server.Http.GetAsync("/h/1/2/3/4/5/6/7/8/9", Ct);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("identity", null)]
    [InlineData("deflate", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("GZIP;q=1.0, BR;q=0.5", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("*;q=0", null)]
    [InlineData("identity, br;q=0.1", null)]
    [InlineData("br;q=0.1", "br")]
    [InlineData("!!, ;;q", null)]
    public async Task A_file_comes_in_the_form_that_is_liked_best(string? accept, string? encoding)
    {
        await using var server = await Server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/a-1.js");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        }

        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal(encoding is null ? [] : [encoding], answer.Content.Headers.ContentEncoding);
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        Assert.Equal("public, max-age=31536000, immutable", answer.Headers.NonValidated["Cache-Control"].ToString());
        Assert.Equal(encoding is null ? "\"s\"" : $"\"s-{encoding}\"", answer.Headers.ETag!.Tag);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Ct);
        Assert.Equal(bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(MemoryPage.Script, Decode(bytes, encoding));
    }

    [Theory]
    [InlineData("\"s\"", 304)]
    [InlineData("W/\"s\"", 304)]
    [InlineData("\"x\", \"s\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"s-br\"", 200)]
    [InlineData("garbage", 200)]
    public async Task What_the_reader_has_is_not_sent_again(string known, int status)
    {
        await using var server = await Server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/a-1.js");
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("\"s\"", answer.Headers.ETag!.Tag);
        var content = await answer.Content.ReadAsByteArrayAsync(Ct);
        Assert.Equal(status == 304 ? 0 : MemoryPage.Script.Length, content.Length);
    }

    [Fact]
    public async Task Asking_for_the_head_gives_the_length_without_the_file()
    {
        await using var server = await Server.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/");
        using var answer = await server.Http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(MemoryPage.Index.Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task The_page_in_the_program_is_whole_and_each_form_of_a_file_is_the_same_file()
    {
        var page = new EmbeddedPage(typeof(GatewayExtensions).Assembly);
        Assert.Contains("/index.html", page.Files.Keys);
        Assert.All(page.Files.Values, file =>
        {
            var content = Read(file.Forms[0]);
            Assert.NotEmpty(content);
            Assert.Null(file.Forms[0].Encoding);
            Assert.NotEqual("application/octet-stream", file.ContentType);
            Assert.All(file.Forms.Skip(1), form =>
            {
                Assert.Equal(content, Decompress(Read(form), form.Encoding));
                Assert.NotEqual(file.Forms[0].ETag, form.ETag);
            });
        });

        await using var server = await Server.StartAsync(page: page);
        foreach (var path in new[] { "/", "/index.html", "/h/web-1", "/h/web-1/", "/h/web-1/disks" })
        {
            var index = await server.Http.GetStringAsync(path, Ct);
            var assets = Regex.Matches(index, "(?:src|href)=\"([^\"]+)\"");
            Assert.NotEmpty(assets);
            foreach (Match asset in assets)
            {
                // Relative, so that a proxy may put the page under a prefix.
                Assert.StartsWith(".", asset.Groups[1].Value, StringComparison.Ordinal);
                using var answer = await server.Http.GetAsync(
                    new Uri(new Uri(server.Address, path), asset.Groups[1].Value), Ct);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.True(answer.Headers.CacheControl!.Public, asset.Value);
            }
        }
    }

    private static byte[] Read(PageForm form)
    {
        using var stream = form.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        Assert.Equal(form.Length, bytes.Length);
        return bytes.ToArray();
    }

    private static string Decode(byte[] bytes, string? encoding) =>
        Encoding.UTF8.GetString(Decompress(bytes, encoding));

    private static byte[] Decompress(byte[] bytes, string? encoding)
    {
        using var source = new MemoryStream(bytes);
        using Stream stream = encoding switch
        {
            "br" => new BrotliStream(source, CompressionMode.Decompress),
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            _ => source,
        };
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
