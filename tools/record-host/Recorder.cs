using System.Globalization;
using System.Text;
using Hostscope.Collectors;

namespace Hostscope.RecordHost;

/// <summary>Writes a fixture: see tests/fixtures/README.md for its layout.</summary>
internal sealed class Recorder(RecordingFiles files, Scrubber scrubber, string folder)
{
    private readonly StringBuilder _instants = new();

    /// <summary>Files written so far.</summary>
    public int FileCount { get; private set; }

    /// <summary>Copies what was read so far, as it is now.</summary>
    /// <param name="instant">Name of the instant, that of its folder.</param>
    public void Record(string instant)
    {
        var unixMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var elapsed = TimeProvider.System.GetElapsedTime(0, TimeProvider.System.GetTimestamp());
        _instants.Append(CultureInfo.InvariantCulture, $"{instant} {unixMs} {(long)elapsed.TotalNanoseconds}\n");
        foreach (var path in files.Files.Keys.Order(StringComparer.Ordinal))
        {
            Copy(path, instant);
        }

        foreach (var (path, target) in files.Links)
        {
            var link = Target(path, instant);
            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, target);
            }
        }

        RecordFilesystems(instant);
    }

    /// <summary>Writes when the instants were.</summary>
    public void WriteInstants() => File.WriteAllText(Path.Combine(folder, "instants.txt"), _instants.ToString());

    private void Copy(string path, string instant)
    {
        // A folder stands for the files in it that were opened; a link is written as one.
        if (Directory.Exists(path) || files.Links.ContainsKey(path))
        {
            return;
        }

        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone since, as processes and devices go: gone in the fixture too.
            return;
        }

        File.WriteAllBytes(Target(path, instant), scrubber.Scrub(path, content));
        FileCount++;
    }

    /// <summary>Where a path of the machine is in the fixture; its folder is made.</summary>
    private string Target(string path, string instant)
    {
        var relative = path switch
        {
            // A fixture is read as a host that is not our own: the mounts and networks of its first process.
            _ when path.StartsWith("/proc/self/", StringComparison.Ordinal) => "proc/1/" + path["/proc/self/".Length..],
            _ when path.StartsWith("/proc/", StringComparison.Ordinal)
                || path.StartsWith("/sys/", StringComparison.Ordinal)
                || path.StartsWith("/etc/", StringComparison.Ordinal) => path[1..],
            _ => "root" + path,
        };
        var target = Path.Combine(folder, instant, Scrubber.ScrubPath(relative));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    private void RecordFilesystems(string instant)
    {
        var lines = new StringBuilder();
        foreach (var path in files.Filesystems.Keys.Order(StringComparer.Ordinal))
        {
            if (HostFiles.Kernel.StatFilesystem(HostFiles.PathBytes(path), out var space) == 0)
            {
                long[] numbers = [space.UnitBytes, space.Blocks, space.FreeBlocks, space.AvailableBlocks,
                    space.Inodes, space.FreeInodes];
                lines.AppendJoin(' ', numbers).Append(' ').Append(Scrubber.ScrubPath(path)).Append('\n');
            }
        }

        Directory.CreateDirectory(Path.Combine(folder, instant));
        File.WriteAllText(Path.Combine(folder, instant, "statvfs.txt"), lines.ToString());
    }
}
