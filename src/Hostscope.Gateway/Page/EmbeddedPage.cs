using System.Reflection;
using System.Security.Cryptography;

namespace Hostscope.Gateway.Page;

/// <summary>
/// The page as it was built into the program, from resources named <c>page/index.html</c>, <c>page/assets/…</c>.
/// </summary>
internal sealed class EmbeddedPage : IPageFiles
{
    private const string Prefix = "page/";

    /// <summary>Folder whose files have a hash in their name (the page's build names them).</summary>
    private const string HashedFolder = "assets/";

    private static readonly (string Suffix, string Encoding)[] Compressed = [(".br", "br"), (".gz", "gzip")];

    /// <summary>Finds the files in an assembly.</summary>
    public EmbeddedPage(Assembly assembly)
    {
        var names = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .ToHashSet(StringComparer.Ordinal);
        Files = names
            .Where(name => !IsCompressedForm(name, names))
            .ToDictionary(name => "/" + name, name => Read(assembly, name, names), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, PageFile> Files { get; }

    private static bool IsCompressedForm(string name, HashSet<string> names) => Compressed.Any(form =>
        name.EndsWith(form.Suffix, StringComparison.Ordinal) && names.Contains(name[..^form.Suffix.Length]));

    private static PageFile Read(Assembly assembly, string name, HashSet<string> names)
    {
        using var content = Open(assembly, name);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        var forms = new List<PageForm> { Form(assembly, name, null, hash) };
        foreach (var (suffix, encoding) in Compressed)
        {
            if (names.Contains(name + suffix))
            {
                forms.Add(Form(assembly, name + suffix, encoding, hash));
            }
        }

        return new PageFile(
            "/" + name, MediaTypes.Of(name), name.StartsWith(HashedFolder, StringComparison.Ordinal), forms);
    }

    private static PageForm Form(Assembly assembly, string name, string? encoding, string hash)
    {
        using var content = Open(assembly, name);
        var tag = encoding is null ? $"\"{hash}\"" : $"\"{hash}-{encoding}\"";
        return new PageForm(encoding, tag, content.Length, () => Open(assembly, name));
    }

    private static Stream Open(Assembly assembly, string name) =>
        assembly.GetManifestResourceStream(Prefix + name)
        ?? throw new InvalidOperationException($"BUG: the resource {Prefix}{name} is listed but cannot be opened.");
}
