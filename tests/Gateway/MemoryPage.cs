using System.IO.Compression;
using System.Text;
using Hostscope.Gateway.Page;

namespace Hostscope.Gateway.Tests;

/// <summary>A page of two files that is there whether or not the real one is built.</summary>
internal sealed class MemoryPage : IPageFiles
{
    public const string Index = "<!doctype html><title>the page</title>";

    public static readonly string Script = string.Concat(Enumerable.Repeat("console.log(1);\n", 100));

    public IReadOnlyDictionary<string, PageFile> Files { get; } = new Dictionary<string, PageFile>
    {
        ["/index.html"] = new(
            "/index.html", "text/html; charset=utf-8", false, [Form(null, "\"i\"", Encoding.UTF8.GetBytes(Index))]),
        ["/assets/a-1.js"] = new("/assets/a-1.js", "text/javascript; charset=utf-8", true,
        [
            Form(null, "\"s\"", Encoding.UTF8.GetBytes(Script)),
            Form("br", "\"s-br\"", Compress(stream => new BrotliStream(stream, CompressionLevel.SmallestSize))),
            Form("gzip", "\"s-gzip\"", Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize))),
        ]),
    };

    private static PageForm Form(string? encoding, string tag, byte[] bytes) =>
        new(encoding, tag, bytes.Length, () => new MemoryStream(bytes));

    private static byte[] Compress(Func<Stream, Stream> wrap)
    {
        using var bytes = new MemoryStream();
        using (var compressor = wrap(bytes))
        {
            compressor.Write(Encoding.UTF8.GetBytes(Script));
        }

        return bytes.ToArray();
    }
}
