using System.Runtime.InteropServices;
using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Reads what does not change while the machine runs, once. From files, so that it is the same for our own
/// machine, for a host whose root a container sees elsewhere, and for recorded files. A file that is missing, too large
/// or nonsense leaves its facts out; nothing here throws.
/// </summary>
/// <remarks>The environment of processes is never read: it holds secrets.</remarks>
public sealed class HostFacts
{
    /// <summary>Longest fact, characters: a firmware may hold anything.</summary>
    private const int MaxFactLength = 256;

    /// <summary>/proc/cpuinfo has 1.5 KB a CPU: enough for 5,000.</summary>
    private const int MaxFileBytes = 8 << 20;

    private readonly HostRoots _roots;
    private readonly HostFiles _files;
    private readonly ReadBuffer _buffer = new(MaxFileBytes);

    private HostFacts(HostRoots roots, HostFiles files)
    {
        _roots = roots;
        _files = files;
    }

    /// <summary>Reads the facts.</summary>
    /// <param name="roots">Where the host's files are.</param>
    /// <param name="files">What opens and reads them; the kernel when not given.</param>
    /// <param name="id">Id of the host; its name in lower case when not given.</param>
    public static HostInfo Read(HostRoots roots, HostFiles? files = null, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(roots);
        return new HostFacts(roots, files ?? HostFiles.Kernel).ReadAll(id);
    }

    /// <summary>
    /// Turns a host's name into an id that can stand in a URL: lower case, other characters as hyphens.
    /// </summary>
    internal static string MakeId(string name)
    {
        var id = new StringBuilder(name.Length);
        foreach (var character in name.ToLowerInvariant())
        {
            id.Append(char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '-');
        }

        return id.Length == 0 ? "localhost" : id.ToString();
    }

    /// <summary>
    /// The content of a file as one fact: trimmed, control characters out, cut; <c>null</c> when empty.
    /// </summary>
    internal string? Text(string path) => Content(path, out var content) ? Clean(content) : null;

    /// <summary>Reads a file whole; false when that is not possible.</summary>
    internal bool Content(string path, out ReadOnlySpan<byte> content)
    {
        var read = ProcFile.ReadOnce(_files, HostFiles.NoDirectory, HostFiles.PathBytes(path), _buffer);
        content = _buffer.Content;
        return read.IsOk;
    }

    /// <summary>Whether anything is at a path.</summary>
    internal bool Exists(string path) => _files.Exists(HostFiles.PathBytes(path));

    /// <summary>Where a symbolic link points to; <c>null</c> when it is none.</summary>
    internal string? Link(string path)
    {
        Span<byte> target = stackalloc byte[4096];
        var length = _files.ReadLink(HostFiles.PathBytes(path), target);
        return length <= 0 ? null : Encoding.UTF8.GetString(target[..length]);
    }

    /// <summary>Makes a fact of bytes that anybody may have written.</summary>
    internal static string? Clean(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var character in Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 4 * MaxFactLength)]))
        {
            if (!char.IsControl(character) && text.Length < MaxFactLength)
            {
                text.Append(character);
            }
        }

        var fact = text.ToString().Trim();
        return fact.Length == 0 ? null : fact;
    }

    private HostInfo ReadAll(string? id)
    {
        var name = ReadName();
        var os = ReadOsRelease();
        var cpu = CpuFacts.Read(this, _roots);
        var platform = PlatformFacts.Read(this, _roots);
        return new HostInfo
        {
            Id = id ?? MakeId(name),
            Name = name,
            Addresses = AddressFacts.Read(this, _roots, _files),
            OsName = os.GetValueOrDefault("NAME"),
            OsVersion = os.GetValueOrDefault("VERSION_ID"),
            OsPrettyName = os.GetValueOrDefault("PRETTY_NAME"),
            Kernel = ReadKernel(),
            Architecture = ReadArchitecture(),
            CpuModel = cpu.Model,
            CpuSockets = cpu.Sockets,
            CpuCores = cpu.Cores,
            CpuThreads = cpu.Threads,
            MemoryBytes = ReadMeminfo("MemTotal"u8),
            SwapBytes = ReadMeminfo("SwapTotal"u8),
            BootUnixMs = ReadBootTime(),
            Virtualization = platform.Virtualization,
            Container = platform.Container,
            TimeZone = ReadTimeZone(),
            Hardware = platform.Hardware,
            Words = WordFacts.Read(this, _roots, name, ReadArchitecture(), os),
        };
    }

    private string ReadName()
    {
        // The kernel answers with the name of whoever reads, in a container the container's: there the host's own file
        // comes first.
        var kernels = $"{_roots.Proc}/sys/kernel/hostname";
        var files = $"{_roots.Etc}/hostname";
        return (_roots.IsOwnMachine ? Text(kernels) ?? Text(files) : Text(files) ?? Text(kernels)) ?? "localhost";
    }

    private string? ReadKernel()
    {
        var release = Text($"{_roots.Proc}/sys/kernel/osrelease");
        return release is null ? null : $"{Text($"{_roots.Proc}/sys/kernel/ostype") ?? "Linux"} {release}";
    }

    /// <summary>
    /// What the kernel says since Linux 6.1; before, what our own process knows, but of our own machine only: files
    /// that were recorded elsewhere do not tell.
    /// </summary>
    private string? ReadArchitecture() => Text($"{_roots.Proc}/sys/kernel/arch") ?? (!_roots.IsOwnMachine
        ? null
        : RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x86_64",
            Architecture.X86 => "i686",
            Architecture.Arm64 => "aarch64",
            Architecture.Arm => "armv7l",
            Architecture.RiscV64 => "riscv64",
            Architecture.S390x => "s390x",
            Architecture.Ppc64le => "ppc64le",
            Architecture.LoongArch64 => "loongarch64",
            _ => null,
        });

    private long? ReadMeminfo(ReadOnlySpan<byte> field)
    {
        if (!Content($"{_roots.Proc}/meminfo", out var content))
        {
            return null;
        }

        var lines = new Lines(content);
        while (lines.Next(out var line))
        {
            if (!lines.IsCut && Memory.ParseLine(line, out var name, out var bytes) && name.SequenceEqual(field))
            {
                return bytes == Frame.Absent ? null : bytes;
            }
        }

        return null;
    }

    private long? ReadBootTime()
    {
        if (!Content($"{_roots.Proc}/stat", out var content))
        {
            return null;
        }

        var lines = new Lines(content);
        while (lines.Next(out var line))
        {
            if (!lines.IsCut && line.StartsWith("btime "u8) && Cpu.ParseFirst(line, out var seconds))
            {
                var milliseconds = Fields.Times(seconds, 1000);
                return milliseconds == Frame.Absent ? null : milliseconds;
            }
        }

        return null;
    }

    /// <summary>
    /// The name behind <c>zoneinfo/</c> in the link /etc/localtime, as systemd and Debian make it; else the text of
    /// /etc/timezone, as Debian and Alpine have it.
    /// </summary>
    private string? ReadTimeZone()
    {
        const string Folder = "zoneinfo/";
        var link = Link($"{_roots.Etc}/localtime");
        var start = link?.LastIndexOf(Folder, StringComparison.Ordinal) ?? -1;
        if (start < 0)
        {
            return Text($"{_roots.Etc}/timezone");
        }

        var zone = link![(start + Folder.Length)..];
        return zone.StartsWith("posix/", StringComparison.Ordinal) ? zone["posix/".Length..] : zone;
    }

    /// <summary>
    /// The distribution's own description. /etc/os-release is mostly a link into /usr/lib, which leads nowhere when a
    /// container sees only the host's /etc.
    /// </summary>
    private Dictionary<string, string> ReadOsRelease()
    {
        var usr = _roots.Root == "/" ? "/usr/lib/os-release" : $"{_roots.Root}/usr/lib/os-release";
        return Content($"{_roots.Etc}/os-release", out var content) || Content(usr, out content)
            ? OsRelease.Parse(content)
            : [];
    }
}

/// <summary>The file os-release.</summary>
internal static class OsRelease
{
    /// <summary>Reads the assignments of an os-release file; what is none is skipped.</summary>
    /// <remarks>
    /// os-release(5): shell assignments, values bare or in single or double quotes, within the latter a backslash
    /// before what the shell would take as special:
    /// <code>
    /// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
    /// VERSION_ID="12"
    /// ID=debian
    /// </code>
    /// </remarks>
    public static Dictionary<string, string> Parse(ReadOnlySpan<byte> text)
    {
        var values = new Dictionary<string, string>();
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var equals = line.IndexOf((byte)'=');
            if (equals > 0 && line[0] != '#' && HostFacts.Clean(Fields.Trim(line[..equals])) is { } name
                && HostFacts.Clean(Fields.Trim(line[(equals + 1)..])) is { } value
                && Unquote(value) is { Length: > 0 } bare)
            {
                values[name] = bare;
            }
        }

        return values;
    }

    private static string Unquote(string value)
    {
        var quote = value[0];
        if (quote is not ('"' or '\''))
        {
            return value;
        }

        var bare = new StringBuilder(value.Length);
        for (var i = 1; i < value.Length && value[i] != quote; i++)
        {
            if (value[i] == '\\' && quote == '"' && i + 1 < value.Length)
            {
                i++;
            }

            bare.Append(value[i]);
        }

        return bare.ToString();
    }
}
