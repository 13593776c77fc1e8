namespace Hostscope.Gateway.Page;

/// <summary>One file of the page, with the forms in which it can be sent.</summary>
/// <param name="Path">Path in URLs, such as <c>/assets/index-4f2a.js</c>.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="IsImmutable">Whether its name holds a hash of its content, so that it may be kept for ever.</param>
/// <param name="Forms">The file as it is, first, and its compressed forms.</param>
internal sealed record PageFile(string Path, string ContentType, bool IsImmutable, IReadOnlyList<PageForm> Forms);

/// <summary>One form of a file.</summary>
/// <param name="Encoding">The content coding: <c>br</c>, <c>gzip</c>; <c>null</c> for the file as it is.</param>
/// <param name="ETag">Names these very bytes, with quotes.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Open">Opens the bytes.</param>
internal sealed record PageForm(string? Encoding, string ETag, long Length, Func<Stream> Open);

/// <summary>
/// The files of the page: all there are, known at the start. Nothing is ever looked up by a name from outside.
/// </summary>
internal interface IPageFiles
{
    /// <summary>Every file, by path; <c>/index.html</c> among them.</summary>
    IReadOnlyDictionary<string, PageFile> Files { get; }
}
