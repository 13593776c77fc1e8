using System.Text;
using Hostscope.Collectors;

namespace Hostscope.Bench.Parsers;

/// <summary>
/// A host's files as they were when each was first read, from memory: what is left to measure is our own work. Of a
/// folder it has no entries, so collectors that list one find nothing.
/// </summary>
/// <param name="folder">A recorded host at one of its instants, or <c>/</c>.</param>
internal sealed class MemoryFiles(string folder) : HostFiles
{
    /// <summary>Not our own machine, so that no collector asks the kernel past these files.</summary>
    public static readonly HostRoots Roots = new("/host/proc", "/host/sys", "/host/etc", "/host/root");

    private readonly List<(byte[] Path, byte[]? Content)> _files = [];

    public override int Open(int directory, ReadOnlySpan<byte> path)
    {
        var index = Find(path);
        return _files[index].Content is null ? -Errno.NoEntry : index;
    }

    public override int Read(int descriptor, Span<byte> buffer, long offset)
    {
        var rest = _files[descriptor].Content.AsSpan((int)offset);
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    public override int ReadDirectory(int descriptor, Span<byte> buffer) => 0;

    public override void Close(int descriptor)
    {
    }

    public override bool Exists(ReadOnlySpan<byte> path) => _files[Find(path)].Content is not null;

    public override int ReadLink(ReadOnlySpan<byte> path, Span<byte> buffer) => -Errno.Invalid;

    public override int StatFilesystem(ReadOnlySpan<byte> path, out FilesystemSpace space)
    {
        space = default;
        return -Errno.NoEntry;
    }

    private int Find(ReadOnlySpan<byte> path)
    {
        for (var i = 0; i < _files.Count; i++)
        {
            if (path.SequenceEqual(_files[i].Path))
            {
                return i;
            }
        }

        var place = Path.Combine(folder, Encoding.UTF8.GetString(path[..^1])["/host/".Length..]);
        _files.Add((path.ToArray(), File.Exists(place) ? File.ReadAllBytes(place) : null));
        return _files.Count - 1;
    }
}
