using System.Text;
using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors;

/// <summary>A file system that is mounted somewhere.</summary>
/// <param name="DeviceNumber">Major and minor number of the device, as <c>254:0</c>; the identity of the file
/// system.</param>
/// <param name="IsWhole">True when its root is mounted, false for a bind mount of a part of it.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Type">Its type, such as <c>ext4</c> or <c>fuse.sshfs</c>.</param>
/// <param name="Source">What is mounted: a device, a server's export, or any word.</param>
internal sealed record Mount(string DeviceNumber, bool IsWhole, string MountPoint, string Type, string Source)
{
    /// <summary>True when it can only be read: the mount, or the file system since its disk failed.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>
    /// True when its statvfs may wait for somebody: a server, a process (fuse), a type that we do not know. False for
    /// the types that answer from what the kernel has in memory.
    /// </summary>
    public bool MayHang => Type is not ("ext2" or "ext3" or "ext4" or "xfs" or "btrfs" or "bcachefs" or "f2fs" or "jfs"
        or "nilfs2" or "reiserfs" or "zfs" or "tmpfs" or "ramfs" or "overlay" or "vfat" or "msdos" or "exfat" or "ntfs3"
        or "hfsplus" or "udf");
}

/// <summary>The mounts of a mount namespace, from /proc/[pid]/mountinfo, and which of them are worth showing.</summary>
internal static class Mounts
{
    /// <summary>Most mounts shown. A container host has hundreds, of which the rules below leave a dozen.</summary>
    public const int MaxMounts = 512;

    /// <summary>
    /// File systems that keep no files of anybody: the kernel's interfaces; autofs, which would mount what it is asked
    /// about; and images, which are full by design.
    /// </summary>
    private static readonly HashSet<string> Pseudo =
    [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
        "fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore",
        "resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sysfs", "tracefs",
        "cramfs", "erofs", "iso9660", "romfs", "squashfs",
    ];

    /// <summary>
    /// Folders whose mounts are of the kernel or of an engine, not of people; <c>/dev/shm</c>, which programs fill, is
    /// the exception.
    /// </summary>
    private static readonly string[] Skipped =
        ["/dev", "/proc", "/sys", "/run/credentials", "/var/lib/docker", "/var/lib/containers/storage"];

    /// <summary>Reads a mountinfo file.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "/proc/[pid]/mountinfo". Mount id, parent, major:minor, root, mount point
    /// and options; any number of optional fields; a hyphen; type, source and options of the file system. Blank, tab,
    /// newline and backslash in names are octal:
    /// <code>
    /// 27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
    /// 36 35 98:0 /mnt1 /mnt/my\040disk rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue
    /// </code>
    /// </remarks>
    /// <param name="text">The file.</param>
    /// <param name="mounts">Takes the mounts, in the kernel's order.</param>
    /// <returns>Number of the first malformed line, or 0.</returns>
    public static int Parse(ReadOnlySpan<byte> text, List<Mount> mounts)
    {
        var badLine = 0;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            if (!lines.IsCut && ParseLine(line) is { } mount)
            {
                mounts.Add(mount);
            }
            else if (badLine == 0)
            {
                badLine = lines.Number;
            }
        }

        return badLine;
    }

    /// <summary>
    /// Leaves the mounts worth showing: no pseudo file systems, nothing below the skipped folders; overlays only at
    /// <c>/</c>, because elsewhere they are the roots of containers, on a file system that is shown; each file system
    /// once, however often it is bind mounted: its whole before a part of it, then the shortest mount point; of
    /// several mounts at one mount point the last, which hides the others.
    /// </summary>
    public static List<Mount> Select(List<Mount> mounts)
    {
        var visible = new Dictionary<string, Mount>();
        foreach (var mount in mounts)
        {
            visible[mount.MountPoint] = mount;
        }

        return [.. visible.Values
            .Where(mount => !Pseudo.Contains(mount.Type) && !IsSkipped(mount.MountPoint)
                && (mount.Type != "overlay" || mount.MountPoint == "/"))
            .GroupBy(mount => mount.DeviceNumber)
            .Select(same => same.OrderByDescending(mount => mount.IsWhole)
                .ThenBy(mount => mount.MountPoint.Length).First())
            .Take(MaxMounts)];
    }

    private static bool IsSkipped(string mountPoint) => mountPoint != "/dev/shm" && Array.Exists(Skipped, folder =>
        mountPoint.StartsWith(folder, StringComparison.Ordinal)
        && (mountPoint.Length == folder.Length || mountPoint[folder.Length] == '/'));

    private static Mount? ParseLine(ReadOnlySpan<byte> line)
    {
        var words = new Words(line);
        if (!words.Skip(2) || !words.Next(out var device) || !words.Next(out var root)
            || !words.Next(out var mountPoint) || device.IndexOf((byte)':') < 0)
        {
            return null;
        }

        var isReadOnly = words.Next(out var options) && HasReadOnly(options);
        while (words.Next(out var word))
        {
            if (word.SequenceEqual("-"u8))
            {
                // A source may be empty; the options then stand in its place, and there is nothing better to show.
                return words.Next(out var type) && words.Next(out var source)
                    ? new Mount(Unescape(device), root.SequenceEqual("/"u8), Unescape(mountPoint), Unescape(type),
                        Unescape(source))
                    { IsReadOnly = isReadOnly || (words.Next(out var ofFilesystem) && HasReadOnly(ofFilesystem)) }
                    : null;
            }
        }

        return null;
    }

    /// <summary>Whether <c>ro</c> is among options such as <c>ro,relatime</c>.</summary>
    private static bool HasReadOnly(ReadOnlySpan<byte> options) =>
        options.SequenceEqual("ro"u8) || options.StartsWith("ro,"u8) || options.EndsWith(",ro"u8)
        || options.IndexOf(",ro,"u8) >= 0;

    /// <summary>Turns the octal escapes of a path into what they stand for.</summary>
    internal static string Unescape(ReadOnlySpan<byte> word)
    {
        if (word.IndexOf((byte)'\\') < 0)
        {
            return Encoding.UTF8.GetString(word);
        }

        var bytes = new byte[word.Length];
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == '\\' && i + 3 < word.Length && IsOctal(word[i + 1]) && IsOctal(word[i + 2])
                && IsOctal(word[i + 3]))
            {
                bytes[length++] = (byte)(((word[i + 1] - '0') << 6) | ((word[i + 2] - '0') << 3) | (word[i + 3] - '0'));
                i += 3;
            }
            else
            {
                bytes[length++] = word[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static bool IsOctal(byte value) => value is >= (byte)'0' and <= (byte)'7';
}
