using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>The cgroup of a process from /proc/PID/cgroup.</summary>
internal static class ProcessCgroup
{
    private const int Unified = 0;
    private const int Unknown = 5;

    /// <summary>Chooses one path of the file.</summary>
    /// <remarks>
    /// cgroups(7), "/proc/[pid]/cgroup": hierarchy id, controllers, path. Version 2 has the one line with id 0; version
    /// 1 a line for each hierarchy; many machines have both, with the processes in one of them and everything at the
    /// root of the other:
    /// <code>
    /// 0::/system.slice/nginx.service
    ///
    /// 9:name=systemd:/system.slice/nginx.service
    /// 4:memory:/system.slice/nginx.service
    /// 1:cpu,cpuacct:/
    /// 0::/
    /// </code>
    /// Taken is the first that is not the root, of: version 2, systemd's own hierarchy, memory, cpu, pids, any other.
    /// </remarks>
    /// <returns>False when no line is as documented.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> path)
    {
        path = default;
        var found = false;
        var best = int.MaxValue;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            if (!TrySplit(line, out var id, out var controllers, out var candidate))
            {
                continue;
            }

            // A root in any hierarchy says less than a group in another.
            var rank = Rank(id, controllers) + (candidate.Length == 1 ? Unknown + 1 : 0);
            if (rank < best)
            {
                best = rank;
                path = candidate;
                found = true;
            }
        }

        return found;
    }

    private static bool TrySplit(
        ReadOnlySpan<byte> line,
        out ReadOnlySpan<byte> id,
        out ReadOnlySpan<byte> controllers,
        out ReadOnlySpan<byte> path)
    {
        id = controllers = path = default;
        var first = line.IndexOf((byte)':');
        var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
        if (second < 0)
        {
            return false;
        }

        id = line[..first];
        controllers = line.Slice(first + 1, second);
        path = line[(first + second + 2)..];
        return !path.IsEmpty && path[0] == '/';
    }

    private static int Rank(ReadOnlySpan<byte> id, ReadOnlySpan<byte> controllers)
    {
        if (controllers.IsEmpty)
        {
            return id.SequenceEqual("0"u8) ? Unified : Unknown;
        }

        return controllers switch
        {
            _ when controllers.SequenceEqual("name=systemd"u8) => 1,
            _ when controllers.SequenceEqual("memory"u8) => 2,
            _ when controllers.StartsWith("cpu"u8) && !controllers.StartsWith("cpuset"u8) => 3,
            _ when controllers.SequenceEqual("pids"u8) => 4,
            _ => Unknown,
        };
    }
}
