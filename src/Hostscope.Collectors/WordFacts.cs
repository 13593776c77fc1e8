using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>The words of <see cref="HostWords"/>, from /proc/sys/kernel, os-release and /sys/class/dmi/id.</summary>
internal static class WordFacts
{
    /// <summary>
    /// What the firmware says that everybody may read. Serial numbers and the UUID are left out even where we may: they
    /// identify a machine to its vendor, and nobody draws them.
    /// </summary>
    private static readonly string[] DmiFiles =
    [
        "bios_date", "bios_release", "bios_vendor", "bios_version", "board_asset_tag", "board_name", "board_vendor",
        "board_version", "chassis_asset_tag", "chassis_vendor", "chassis_version", "product_family", "product_name",
        "product_sku", "product_version", "sys_vendor",
    ];

    /// <summary>Reads the words; what is missing is left out.</summary>
    /// <param name="facts">Reads the files.</param>
    /// <param name="roots">Where they are.</param>
    /// <param name="name">Host name.</param>
    /// <param name="machine">Architecture.</param>
    /// <param name="osRelease">The assignments of os-release.</param>
    public static HostWords Read(
        HostFacts facts, HostRoots roots, string name, string? machine, IReadOnlyDictionary<string, string> osRelease)
    {
        var kernel = $"{roots.Proc}/sys/kernel";
        (string Name, string? Value)[] uname =
        [
            ("sysname", facts.Text($"{kernel}/ostype")),
            ("nodename", name),
            ("release", facts.Text($"{kernel}/osrelease")),
            ("version", facts.Text($"{kernel}/version")),
            ("machine", machine),
            ("domainname", facts.Text($"{kernel}/domainname")),
        ];
        var dmi = DmiFiles.Select(file => (Name: file, Value: facts.Text($"{roots.Sys}/class/dmi/id/{file}")));
        return new HostWords(Known(uname), osRelease, Known(dmi));
    }

    private static Dictionary<string, string> Known(IEnumerable<(string Name, string? Value)> words) =>
        words.Where(word => word.Value is not null).ToDictionary(word => word.Name, word => word.Value!);
}
