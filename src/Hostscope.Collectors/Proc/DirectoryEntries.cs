using System.Buffers.Binary;

namespace Hostscope.Collectors.Proc;

/// <summary>
/// The entries that getdents64(2) left in a buffer, without an allocation: for directories that are scanned each tick.
/// </summary>
/// <remarks>
/// struct linux_dirent64: inode (8 bytes), offset (8), record length (2), type (1), then the name with a NUL byte; host
/// byte order.
/// </remarks>
internal ref struct DirectoryEntries(ReadOnlySpan<byte> entries)
{
    /// <summary>DT_DIR.</summary>
    public const byte TypeDirectory = 4;

    private const int LengthAt = 16;
    private const int TypeAt = 18;
    private const int NameAt = 19;

    private ReadOnlySpan<byte> _rest = entries;

    /// <summary>The next entry; <c>.</c> and <c>..</c> are among them.</summary>
    /// <param name="name">Its name with the NUL byte at its end, a path for <see cref="HostFiles.Open"/>.</param>
    /// <param name="type">Its type; 0 when the file system does not say.</param>
    public bool Next(out ReadOnlySpan<byte> name, out byte type)
    {
        name = default;
        type = 0;
        if (_rest.Length <= NameAt)
        {
            return false;
        }

        var length = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt16LittleEndian(_rest[LengthAt..])
            : BinaryPrimitives.ReadUInt16BigEndian(_rest[LengthAt..]);
        if (length <= NameAt || length > _rest.Length)
        {
            return false;
        }

        type = _rest[TypeAt];
        var nameArea = _rest[NameAt..length];
        var end = nameArea.IndexOf((byte)0);
        name = end < 0 ? default : nameArea[..(end + 1)];
        _rest = _rest[length..];
        return end >= 0;
    }
}
