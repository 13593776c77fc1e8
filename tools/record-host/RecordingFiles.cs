using System.Collections.Concurrent;
using System.Text;
using Hostscope.Collectors;

namespace Hostscope.RecordHost;

/// <summary>
/// The kernel's answers, with a note of everything that was asked: which files a fixture needs is what the collectors
/// opened, not a list that somebody has to maintain.
/// </summary>
internal sealed class RecordingFiles : HostFiles
{
    private readonly ConcurrentDictionary<int, string> _open = new();

    /// <summary>Absolute paths that were opened or found to exist; the value means nothing.</summary>
    public ConcurrentDictionary<string, bool> Files { get; } = new();

    /// <summary>Symbolic links that were read, with their targets.</summary>
    public ConcurrentDictionary<string, string> Links { get; } = new();

    /// <summary>Mount points that were asked for their space.</summary>
    public ConcurrentDictionary<string, bool> Filesystems { get; } = new();

    /// <inheritdoc/>
    public override int Open(int directory, ReadOnlySpan<byte> path)
    {
        var descriptor = base.Open(directory, path);
        if (descriptor >= 0)
        {
            var folder = directory == NoDirectory ? "" : _open.GetValueOrDefault(directory, "") + "/";
            var full = folder + Decode(path);
            _open[descriptor] = full;
            Files[full] = true;
        }

        return descriptor;
    }

    /// <inheritdoc/>
    public override bool Exists(ReadOnlySpan<byte> path)
    {
        var exists = base.Exists(path);
        if (exists)
        {
            Files[Decode(path)] = true;
        }

        return exists;
    }

    /// <inheritdoc/>
    public override int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        var length = base.ReadLink(path, buffer);
        if (length >= 0)
        {
            Links[Decode(path)] = Encoding.UTF8.GetString(buffer[..length]);
        }

        return length;
    }

    /// <inheritdoc/>
    public override int StatFilesystem(ReadOnlySpan<byte> path, out FilesystemSpace space)
    {
        Filesystems[Decode(path)] = true;
        return base.StatFilesystem(path, out space);
    }

    private static string Decode(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path[..^1]);
}
