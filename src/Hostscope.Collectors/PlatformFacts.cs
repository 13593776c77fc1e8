using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors;

/// <summary>What the machine is made of: hardware, virtual machine, container.</summary>
/// <param name="Hardware">Vendor and product; <c>null</c> when the firmware does not tell.</param>
/// <param name="Virtualization">Kind of virtual machine; <c>null</c> on bare metal or when unknown.</param>
/// <param name="Container">Kind of container; <c>null</c> outside one.</param>
internal readonly record struct PlatformFacts(string? Hardware, string? Virtualization, string? Container)
{
    /// <summary>What firmware vendors leave where a name should be.</summary>
    private static readonly string[] Placeholders =
    [
        "To Be Filled By O.E.M.", "To be filled by O.E.M.", "System manufacturer", "System Product Name",
        "Default string", "Not Specified", "Not Applicable", "None", "Unknown", "O.E.M.",
    ];

    /// <summary>Words of the firmware's vendor, product or BIOS, and the virtual machine they mean.</summary>
    private static readonly (string Word, string Kind)[] FirmwareWords =
    [
        ("KVM", "kvm"), ("OpenStack", "kvm"), ("Amazon EC2", "kvm"), ("Google Compute Engine", "kvm"),
        ("QEMU", "qemu"), ("VMware", "vmware"), ("VMW", "vmware"), ("VirtualBox", "virtualbox"),
        ("innotek GmbH", "virtualbox"), ("Xen", "xen"), ("Bochs", "bochs"), ("Parallels", "parallels"),
        ("BHYVE", "bhyve"), ("Virtual Machine", "hyperv"), ("Apple Virtualization", "apple"), ("Alibaba Cloud", "kvm"),
        ("DigitalOcean", "kvm"), ("Hetzner vServer", "kvm"),
    ];

    /// <summary>Parts of the path of a container's cgroup, and the engine they mean.</summary>
    private static readonly (string Part, string Engine)[] CgroupParts =
    [
        ("/libpod", "podman"), ("/docker", "docker"), ("/lxc", "lxc"), ("/kubepods", "kubernetes"),
        ("/crio", "kubernetes"), ("/garden", "garden"),
    ];

    /// <summary>Reads the facts.</summary>
    public static PlatformFacts Read(HostFacts facts, HostRoots roots)
    {
        var dmi = $"{roots.Sys}/class/dmi/id";
        var vendor = facts.Text($"{dmi}/sys_vendor");
        var product = facts.Text($"{dmi}/product_name");
        var bios = facts.Text($"{dmi}/bios_vendor");
        return new PlatformFacts(
            MakeHardware(vendor, product) ?? facts.Text($"{roots.Sys}/firmware/devicetree/base/model"),
            ReadVirtualization(facts, roots, $"{vendor}\n{product}\n{bios}", product),
            ReadContainer(facts, roots));
    }

    /// <summary>Vendor and product as one line, without what vendors leave unfilled.</summary>
    internal static string? MakeHardware(string? vendor, string? product)
    {
        vendor = Placeholders.Contains(vendor) ? null : vendor;
        product = Placeholders.Contains(product) ? null : product;
        if (vendor is null || product is null || product.StartsWith(vendor, StringComparison.OrdinalIgnoreCase))
        {
            return product ?? vendor;
        }

        return $"{vendor} {product}";
    }

    /// <summary>
    /// From the firmware's names; then the hypervisor that Xen shows in /sys; then the clock that a hypervisor offers,
    /// which is all that a minimal machine without firmware (Firecracker) has; then the flag <c>hypervisor</c>, which
    /// tells that there is one and not which.
    /// </summary>
    private static string? ReadVirtualization(HostFacts facts, HostRoots roots, string firmware, string? product)
    {
        // Amazon's machines without a hypervisor carry its name too.
        if (product?.EndsWith(".metal", StringComparison.Ordinal) != true)
        {
            foreach (var (word, kind) in FirmwareWords)
            {
                if (firmware.Contains(word, StringComparison.Ordinal))
                {
                    return kind;
                }
            }
        }

        if (facts.Text($"{roots.Sys}/hypervisor/type") is { } hypervisor)
        {
            return hypervisor;
        }

        var release = facts.Text($"{roots.Proc}/sys/kernel/osrelease") ?? "";
        if (release.Contains("microsoft", StringComparison.OrdinalIgnoreCase))
        {
            return "wsl";
        }

        var clocks = facts.Text(
            $"{roots.Sys}/devices/system/clocksource/clocksource0/available_clocksource") ?? "";
        if (clocks.Contains("kvm-clock", StringComparison.Ordinal))
        {
            return "kvm";
        }

        if (clocks.Contains("hyperv_clocksource", StringComparison.Ordinal))
        {
            return "hyperv";
        }

        return HasHypervisorFlag(facts, roots)
            ? (roots.IsOwnMachine ? AskHypervisor() : null) ?? "unknown"
            : null;
    }

    /// <summary>
    /// What the hypervisor calls itself, in CPUID leaf 0x40000000: the only answer of a machine without firmware and
    /// clock of its own. An instruction, not a file: of our own machine only.
    /// </summary>
    private static string? AskHypervisor()
    {
        if (!X86Base.IsSupported)
        {
            return null;
        }

        var (_, b, c, d) = X86Base.CpuId(0x40000000, 0);
        Span<byte> signature = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(signature, b);
        BinaryPrimitives.WriteInt32LittleEndian(signature[4..], c);
        BinaryPrimitives.WriteInt32LittleEndian(signature[8..], d);
        return signature switch
        {
            _ when signature.StartsWith("KVMKVMKVM"u8) => "kvm",
            _ when signature.StartsWith("VMwareVMware"u8) => "vmware",
            _ when signature.StartsWith("Microsoft Hv"u8) => "hyperv",
            _ when signature.StartsWith("XenVMMXenVMM"u8) => "xen",
            _ when signature.StartsWith("bhyve bhyve "u8) => "bhyve",
            _ when signature.StartsWith("TCGTCGTCGTCG"u8) => "qemu",
            _ when signature.StartsWith("VBoxVBoxVBox"u8) => "virtualbox",
            _ => null,
        };
    }

    private static bool HasHypervisorFlag(HostFacts facts, HostRoots roots)
    {
        if (!facts.Content($"{roots.Proc}/cpuinfo", out var content)
            || !Fields.FindKey(content, "flags"u8, out var flags))
        {
            return false;
        }

        var words = new Words(flags);
        while (words.Next(out var flag))
        {
            if (flag.SequenceEqual("hypervisor"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// From the mark that an engine leaves in the root, then the name that systemd leaves, then the cgroup of the first
    /// process. A container that looks at its host through other roots asks about the host, which is none.
    /// </summary>
    private static string? ReadContainer(HostFacts facts, HostRoots roots)
    {
        var root = roots.Root == "/" ? "" : roots.Root;
        if (facts.Exists($"{root}/.dockerenv"))
        {
            return "docker";
        }

        if (facts.Exists($"{root}/run/.containerenv"))
        {
            return "podman";
        }

        if (facts.Text($"{root}/run/systemd/container") is { } systemd)
        {
            return systemd;
        }

        var cgroup = facts.Text($"{roots.Proc}/1/cgroup") ?? "";
        foreach (var (part, engine) in CgroupParts)
        {
            if (cgroup.Contains(part, StringComparison.Ordinal))
            {
                return engine;
            }
        }

        return null;
    }
}
