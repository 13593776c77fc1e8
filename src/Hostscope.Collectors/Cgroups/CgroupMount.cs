using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Cgroups;

/// <summary>The controllers of cgroup v1 whose files we read.</summary>
[Flags]
internal enum CgroupControllers
{
    None = 0,
    Cpu = 1,
    CpuAccounting = 2,
    Memory = 4,
    BlockIo = 8,
    Pids = 16,
}

/// <summary>One mounted cgroup hierarchy.</summary>
/// <param name="IsUnified">True for cgroup v2.</param>
/// <param name="Controllers">Of v1: which of our controllers are attached to it.</param>
/// <param name="MountPoint">Where it is mounted, as the mount table says.</param>
/// <param name="Root">
/// The group that is mounted there: <c>/</c>; below it where only a branch of the tree is shown; beginning with
/// <c>/..</c> where the mount shows more than the cgroup namespace we are in.
/// </param>
internal sealed record CgroupMount(bool IsUnified, CgroupControllers Controllers, string MountPoint, string Root)
{
    /// <summary>Reads a line of mountinfo; <c>null</c> for every mount that is no cgroup hierarchy of ours.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "/proc/PID/mountinfo". Mount id, parent, major:minor, root, mount point,
    /// options, any number of optional fields, a dash, file system type, source, options of the file system, among
    /// which v1 names its controllers. A blank in a path is <c>\040</c>:
    /// <code>
    /// 31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    /// 33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
    /// 38 31 0:35 /docker/3f2a /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
    /// 40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
    /// </code>
    /// </remarks>
    public static CgroupMount? ParseLine(ReadOnlySpan<byte> line)
    {
        var words = new Words(line);
        if (!words.Skip(3) || !words.Next(out var root) || !words.Next(out var mountPoint))
        {
            return null;
        }

        while (words.Next(out var field))
        {
            if (!field.SequenceEqual("-"u8))
            {
                continue;
            }

            if (!words.Next(out var type) || !words.Skip(1) || !words.Next(out var options))
            {
                return null;
            }

            var isUnified = type.SequenceEqual("cgroup2"u8);
            var controllers = type.SequenceEqual("cgroup"u8) ? ParseControllers(options) : CgroupControllers.None;
            return isUnified || controllers != CgroupControllers.None
                ? new CgroupMount(isUnified, controllers, Mounts.Unescape(mountPoint), Mounts.Unescape(root))
                : null;
        }

        return null;
    }

    private static CgroupControllers ParseControllers(ReadOnlySpan<byte> options)
    {
        var controllers = CgroupControllers.None;
        foreach (var range in options.Split((byte)','))
        {
            controllers |= options[range] switch
            {
                var name when name.SequenceEqual("cpu"u8) => CgroupControllers.Cpu,
                var name when name.SequenceEqual("cpuacct"u8) => CgroupControllers.CpuAccounting,
                var name when name.SequenceEqual("memory"u8) => CgroupControllers.Memory,
                var name when name.SequenceEqual("blkio"u8) => CgroupControllers.BlockIo,
                var name when name.SequenceEqual("pids"u8) => CgroupControllers.Pids,
                _ => CgroupControllers.None,
            };
        }

        return controllers;
    }
}
