using System.Text.Json.Serialization;

namespace Hostscope.Model;

/// <summary>
/// What does not change while the machine runs: collected once, sent once, when a viewer connects. A value the machine
/// does not tell is <c>null</c>.
/// </summary>
public sealed record HostInfo
{
    /// <summary>Identifies the host in URLs: the host name in lower case, or what <c>--host-id</c> says.</summary>
    public required string Id { get; init; }

    /// <summary>Host name (/proc/sys/kernel/hostname).</summary>
    public required string Name { get; init; }

    /// <summary>Addresses other than loopback and link-local, IPv4 before IPv6.</summary>
    public IReadOnlyList<HostAddress> Addresses { get; init; } = [];

    /// <summary>Name of the distribution (os-release, NAME), such as <c>Debian GNU/Linux</c>.</summary>
    public string? OsName { get; init; }

    /// <summary>Version of the distribution (os-release, VERSION_ID), such as <c>12</c>.</summary>
    public string? OsVersion { get; init; }

    /// <summary>What the distribution calls itself (os-release, PRETTY_NAME).</summary>
    public string? OsPrettyName { get; init; }

    /// <summary>
    /// Kernel name and release (/proc/sys/kernel/ostype, osrelease), such as <c>Linux 6.1.0-28-amd64</c>.
    /// </summary>
    public string? Kernel { get; init; }

    /// <summary>Machine architecture as uname gives it, such as <c>x86_64</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>CPU model (/proc/cpuinfo, model name).</summary>
    public string? CpuModel { get; init; }

    /// <summary>Processor packages.</summary>
    public int? CpuSockets { get; init; }

    /// <summary>Physical cores over all sockets.</summary>
    public int? CpuCores { get; init; }

    /// <summary>Logical CPUs (hardware threads).</summary>
    public int? CpuThreads { get; init; }

    /// <summary>Memory the kernel manages, bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Swap space, bytes; 0 when there is none.</summary>
    public long? SwapBytes { get; init; }

    /// <summary>When the machine booted, Unix milliseconds (/proc/stat, btime).</summary>
    public long? BootUnixMs { get; init; }

    /// <summary>Virtual machine: <c>kvm</c>, <c>vmware</c>, ...; <c>null</c> on bare metal or when unknown.</summary>
    public string? Virtualization { get; init; }

    /// <summary>Container: <c>docker</c>, <c>podman</c>, <c>lxc</c>, ...; <c>null</c> outside one.</summary>
    public string? Container { get; init; }

    /// <summary>IANA name of the time zone, such as <c>Europe/Berlin</c>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Vendor and product of the machine (DMI), such as <c>Dell Inc. PowerEdge R650</c>.</summary>
    public string? Hardware { get; init; }

    /// <summary>
    /// The machine's own words for all this, which <c>/metrics</c> passes on as labels. Not on the wire: viewers have
    /// the facts above.
    /// </summary>
    [JsonIgnore]
    public HostWords Words { get; init; } = HostWords.None;
}

/// <summary>What kernel, distribution and firmware say of themselves, word for word.</summary>
/// <param name="Uname">By the fields of uname(2): <c>sysname</c>, <c>release</c>, ...; those that are known.</param>
/// <param name="OsRelease">By the names of os-release(5): <c>ID</c>, <c>VERSION_ID</c>, ...</param>
/// <param name="Dmi">
/// By the names of /sys/class/dmi/id: <c>bios_vendor</c>, ...; without serial numbers, which only root may read.
/// </param>
public sealed record HostWords(
    IReadOnlyDictionary<string, string> Uname,
    IReadOnlyDictionary<string, string> OsRelease,
    IReadOnlyDictionary<string, string> Dmi)
{
    /// <summary>No word.</summary>
    public static readonly HostWords None = new(
        new Dictionary<string, string>(), new Dictionary<string, string>(), new Dictionary<string, string>());
}

/// <summary>One address of the host.</summary>
/// <param name="Interface">Network interface that carries it; <c>null</c> when the kernel's tables do not tell.</param>
/// <param name="Address">The address in its usual notation.</param>
/// <param name="PrefixLength">Length of the network prefix in bits; <c>null</c> when not told.</param>
public sealed record HostAddress(string? Interface, string Address, int? PrefixLength);

/// <summary>Whether a source of values works on this machine; shown where its values would be.</summary>
/// <param name="Name">Name of the collector.</param>
/// <param name="Available">False when the machine does not have it or does not let us read it.</param>
/// <param name="Reason">Why it is not available, in words for people; <c>null</c> when it is.</param>
/// <param name="Remedy">What would make it available; <c>null</c> when nothing would.</param>
public sealed record Capability(string Name, bool Available, string? Reason = null, string? Remedy = null);
