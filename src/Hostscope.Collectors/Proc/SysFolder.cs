using System.Text;
using Hostscope.Model;

namespace Hostscope.Collectors.Proc;

/// <summary>
/// A folder of /sys, where a device is a folder, a value is a file, and a class is a folder of links to devices.
/// </summary>
internal sealed class SysFolder(HostFiles files, string path)
{
    private readonly byte[] _path = HostFiles.PathBytes(path);

    /// <summary>Made when the folder is listed: most folders only hold values.</summary>
    private byte[]? _entries;

    /// <summary>Absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>Whether it is there; costs one system call.</summary>
    public bool Exists => files.Exists(_path);

    /// <summary>A folder, or a link to one, in this folder.</summary>
    public SysFolder Folder(string name) => new(files, $"{Path}/{name}");

    /// <summary>A file in this folder that holds one number.</summary>
    public SysNumber Number(string name) => new(files, $"{Path}/{name}");

    /// <summary>
    /// Visits what a table keeps for each entry whose name begins with a prefix, and drops what is kept for entries
    /// that are gone. Allocates only for those that are new.
    /// </summary>
    /// <returns>How opening and listing the folder ended.</returns>
    public ReadResult Visit<T>(ReadOnlySpan<byte> prefix, NameTable<T> table, Action<T> visit)
        where T : class
    {
        var descriptor = files.Open(HostFiles.NoDirectory, _path);
        if (descriptor < 0)
        {
            return ReadResult.FromErrno(-descriptor);
        }

        _entries ??= new byte[8 << 10];
        table.Begin();
        int count;
        while ((count = files.ReadDirectory(descriptor, _entries)) > 0)
        {
            var entries = new DirectoryEntries(_entries.AsSpan(0, count));
            while (entries.Next(out var name, out _))
            {
                if (name[0] != '.' && name.StartsWith(prefix) && table.See(name[..^1], out var kept))
                {
                    visit(kept);
                }
            }
        }

        files.Close(descriptor);
        table.End();
        return count < 0 ? ReadResult.FromErrno(-count) : ReadResult.Ok;
    }

    /// <summary>The names in the folder, ordered; empty when it cannot be listed. Allocates.</summary>
    public List<string> List()
    {
        var names = new List<string>();
        _ = Visit(default, new NameTable<string>(static name => name), names.Add);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>
    /// Reads a word, such as a name or a state, from a file in the folder; <c>null</c> when it cannot be. Allocates.
    /// </summary>
    public string? Text(string name, ReadBuffer buffer)
    {
        var read = ProcFile.ReadOnce(
            files, HostFiles.NoDirectory, HostFiles.PathBytes($"{Path}/{name}"), buffer, ReadShape.Whole);
        var text = read.IsOk ? Encoding.UTF8.GetString(Fields.Trim(buffer.Content)) : "";
        return text.Length == 0 ? null : string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }

    /// <summary>Where a link in the folder points to; <c>null</c> when it is none. Allocates.</summary>
    public string? LinkTarget(string name)
    {
        Span<byte> target = stackalloc byte[1024];
        var length = files.ReadLink(HostFiles.PathBytes($"{Path}/{name}"), target);
        return length <= 0 ? null : Encoding.UTF8.GetString(target[..length]);
    }
}

/// <summary>
/// A file of /sys that holds one number. Not kept open: there may be thousands, and where they are read, opening is
/// not what takes long.
/// </summary>
internal sealed class SysNumber(HostFiles files, string path)
{
    private readonly byte[] _path = HostFiles.PathBytes(path);

    /// <summary>Reads the number.</summary>
    /// <param name="buffer">Takes the content.</param>
    /// <param name="value">The number; <see cref="Frame.Absent"/> when there is none.</param>
    public ReadResult Read(ReadBuffer buffer, out long value)
    {
        value = Frame.Absent;
        var read = ProcFile.ReadOnce(files, HostFiles.NoDirectory, _path, buffer, ReadShape.Whole);
        if (read.IsOk)
        {
            _ = Parse(buffer.Content, out value);
        }

        return read;
    }

    /// <summary>The number now; <see cref="Frame.Absent"/> when it cannot be read or is none.</summary>
    public long Value(ReadBuffer buffer)
    {
        _ = Read(buffer, out var value);
        return value;
    }

    /// <summary>Reads one number, with a minus sign or without: <c>45000</c>. Without its newline it was cut.</summary>
    public static bool Parse(ReadOnlySpan<byte> text, out long value)
    {
        value = Frame.Absent;
        var lines = new Lines(text);
        if (!lines.Next(out var line) || lines.IsCut
            || Fields.Int64(Fields.Trim(line), out var number) != NumberStatus.Ok)
        {
            return false;
        }

        value = number;
        return true;
    }
}
