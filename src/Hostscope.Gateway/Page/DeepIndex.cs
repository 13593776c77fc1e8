using System.Security.Cryptography;
using System.Text;

namespace Hostscope.Gateway.Page;

/// <summary>
/// The page itself at addresses below the root. It names its files by relative paths, so that a proxy may put it under
/// any prefix without the server knowing; at <c>/h/web-1</c> the same files are one step further up:
/// <code>
/// &lt;script type="module" crossorigin src="./assets/index-4f2a.js"&gt;
/// &lt;script type="module" crossorigin src="../assets/index-4f2a.js"&gt;
/// </code>
/// </summary>
internal sealed class DeepIndex
{
    /// <summary>Deepest address of the page, in steps below the root: far more than the page makes itself.</summary>
    private const int MaxDepth = 8;

    private readonly PageFile[] _byDepth;

    /// <summary>Makes the forms for all depths from the page's first file.</summary>
    public DeepIndex(PageFile index)
    {
        using var reader = new StreamReader(index.Forms[0].Open(), Encoding.UTF8);
        var text = reader.ReadToEnd();
        _byDepth = [index, .. Enumerable.Range(1, MaxDepth).Select(depth => At(depth, index, text))];
    }

    /// <summary>The page for a path; <c>null</c> when it is deeper than any address of the page.</summary>
    /// <param name="path">Path of the request, such as <c>/h/web-1</c>.</param>
    public PageFile? At(string path)
    {
        var depth = path.AsSpan().Count('/') - 1;
        return depth < _byDepth.Length ? _byDepth[Math.Max(0, depth)] : null;
    }

    private static PageFile At(int depth, PageFile index, string text)
    {
        var up = string.Concat(Enumerable.Repeat("../", depth));
        var bytes = Encoding.UTF8.GetBytes(text.Replace("=\"./", $"=\"{up}", StringComparison.Ordinal));
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";

        // A kilobyte: not worth keeping compressed once for each depth.
        return index with { Forms = [new PageForm(null, tag, bytes.Length, () => new MemoryStream(bytes))] };
    }
}
