using System.Buffers;
using System.Text;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// What people call a cgroup, from nothing but its path: systemd and the container engines put what they run into
/// groups whose names follow fixed forms.
/// </summary>
internal static class CgroupNames
{
    /// <summary>Digits of a container's short id, as <c>docker ps</c> and <c>crictl ps</c> show it.</summary>
    private const int ShortIdLength = 12;

    private const int FullIdLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>What the engines write before a container's id when systemd manages their groups.</summary>
    private static readonly string[] ScopePrefixes =
        ["docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-", "containerd-", "buildkit-"];

    private static readonly string[] UnitEndings = [".service", ".scope", ".socket", ".mount", ".swap"];

    /// <summary>Tells what a path is.</summary>
    /// <remarks>
    /// <code>
    /// /                                                            root
    /// /system.slice                                                slice      system.slice
    /// /system.slice/nginx.service                                  unit       nginx.service
    /// /system.slice/system-getty.slice/getty@tty1.service          unit       getty@tty1.service
    /// /system.slice/srv-a\x2db.mount                               unit       srv-a-b.mount
    /// /system.slice/docker-(64 hex).scope                          container  first 12 of the id
    /// /docker/(64 hex)                                             container  first 12 of the id
    /// /kubepods.slice/.../cri-containerd-(64 hex).scope            container  first 12 of the id
    /// /kubepods/burstable/pod8f2c.../(64 hex)                      container  first 12 of the id
    /// /machine.slice/libpod-(64 hex).scope                         container  first 12 of the id
    /// /machine.slice/libpod-conmon-(64 hex).scope                  unit       Podman's monitor, not the container
    /// /machine.slice/machine-web\x2d1.scope                        container  web-1
    /// /machine.slice/systemd-nspawn@web.service                    container  web
    /// /lxc/web, /lxc.payload.web                                   container  web
    /// </code>
    /// Groups within a container (<c>.../docker-(64 hex).scope/init</c>) are named for what they are themselves.
    /// </remarks>
    public static CgroupInfo Describe(string path)
    {
        if (path is "" or "/")
        {
            return new CgroupInfo("/", "/", CgroupKind.Root);
        }

        var slash = path.LastIndexOf('/');
        var segment = path.AsSpan(slash + 1);
        var parent = path.AsSpan(0, Math.Max(0, slash));
        parent = parent[(parent.LastIndexOf('/') + 1)..];
        if (ContainerName(segment, parent) is { } container)
        {
            return new CgroupInfo(path, container, CgroupKind.Container);
        }

        return new CgroupInfo(path, Unescape(segment), KindOf(segment));
    }

    /// <summary>
    /// The full id of the container whose group this is; <c>null</c> when it is none of an engine that names groups by
    /// ids.
    /// </summary>
    public static string? ContainerId(string path)
    {
        var id = FullId(path.AsSpan(path.LastIndexOf('/') + 1));
        return id.IsEmpty ? null : id.ToString();
    }

    /// <summary>Whether a text is the full id of a container.</summary>
    public static bool IsFullId(ReadOnlySpan<char> text) =>
        text.Length == FullIdLength && !text.ContainsAnyExcept(HexDigits);

    private static CgroupKind KindOf(ReadOnlySpan<char> segment)
    {
        if (segment.EndsWith(".slice"))
        {
            return CgroupKind.Slice;
        }

        foreach (var ending in UnitEndings)
        {
            if (segment.EndsWith(ending))
            {
                return CgroupKind.Unit;
            }
        }

        return CgroupKind.Group;
    }

    private static string? ContainerName(ReadOnlySpan<char> segment, ReadOnlySpan<char> parent)
    {
        if (FullId(segment) is { IsEmpty: false } id)
        {
            return id[..ShortIdLength].ToString();
        }

        if (parent is "machine.slice" && Between(segment, "machine-", ".scope", out var machine))
        {
            return Unescape(machine);
        }

        if (Between(segment, "systemd-nspawn@", ".service", out var nspawn))
        {
            return Unescape(nspawn);
        }

        if (Between(segment, "lxc.payload.", "", out var payload) || Between(segment, "lxc.payload/", "", out payload))
        {
            return Unescape(payload);
        }

        // The monitor of an LXC container and the group it moves its own helpers to are no containers.
        return parent is "lxc" or "lxc.payload" && !segment.StartsWith("lxc.") ? Unescape(segment) : null;
    }

    /// <summary>The id of a container whose engine names its group by it; empty for any other group.</summary>
    private static ReadOnlySpan<char> FullId(ReadOnlySpan<char> segment)
    {
        var id = segment;
        foreach (var prefix in ScopePrefixes)
        {
            if (segment.StartsWith(prefix))
            {
                id = segment[prefix.Length..];
                break;
            }
        }

        id = id.EndsWith(".scope") ? id[..^".scope".Length] : id;
        return IsFullId(id) ? id : default;
    }

    private static bool Between(
        ReadOnlySpan<char> segment, ReadOnlySpan<char> start, ReadOnlySpan<char> end, out ReadOnlySpan<char> middle)
    {
        var isSo = segment.Length > start.Length + end.Length && segment.StartsWith(start) && segment.EndsWith(end);
        middle = isSo ? segment[start.Length..^end.Length] : default;
        return isSo;
    }

    /// <summary>
    /// Turns systemd's escapes into the characters they stand for: <c>\x2d</c> is a dash. Bytes of a name are not
    /// always text; what is none, and control characters, become U+FFFD.
    /// </summary>
    private static string Unescape(ReadOnlySpan<char> name)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(name)];
        Encoding.UTF8.GetBytes(name, bytes);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\\' && i + 3 < bytes.Length && bytes[i + 1] == 'x'
                && char.IsAsciiHexDigit((char)bytes[i + 2]) && char.IsAsciiHexDigit((char)bytes[i + 3]))
            {
                bytes[length++] = Convert.FromHexString([(char)bytes[i + 2], (char)bytes[i + 3]])[0];
                i += 3;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.Any(char.IsControl)
            ? string.Concat(text.Select(character => char.IsControl(character) ? '\uFFFD' : character))
            : text;
    }
}
