using System.Globalization;
using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <summary>Families of what does not change while a machine runs, and of the clock.</summary>
internal static class HostFamilies
{
    /// <summary>Decimals that a distribution's version may have: 24.04, 3.19.</summary>
    private const int VersionDecimals = 9;

    private static readonly Family BootTime =
        new("node_boot_time_seconds", FamilyType.Gauge, "Node boot time, in unixtime.");

    private static readonly Family DmiInfo = new("node_dmi_info", FamilyType.Gauge,
        "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, "
        + "board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, "
        + "chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, "
        + "product_version, system_vendor if provided by DMI.");

    private static readonly Family OsInfo = new("node_os_info", FamilyType.Gauge,
        "A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, "
        + "pretty_name, variant, variant_id, version, version_codename, version_id.");

    private static readonly Family OsVersion = new("node_os_version", FamilyType.Gauge,
        "Metric containing the major.minor part of the OS version.");

    private static readonly Family Time =
        new("node_time_seconds", FamilyType.Gauge, "System time in seconds since epoch (1970).");

    private static readonly Family UnameInfo = new("node_uname_info", FamilyType.Gauge,
        "Labeled system information as provided by the uname system call.");

    private static readonly string[] UnameLabels =
        ["domainname", "machine", "nodename", "release", "sysname", "version"];

    private static readonly string[] OsLabels =
    [
        "build_id", "id", "id_like", "image_id", "image_version", "name", "pretty_name", "variant", "variant_id",
        "version", "version_codename", "version_id",
    ];

    /// <summary>Every family that can be written here.</summary>
    public static IEnumerable<Family> All => [BootTime, DmiInfo, OsInfo, OsVersion, Time, UnameInfo];

    /// <summary>Writes the families.</summary>
    /// <param name="text">Takes them.</param>
    /// <param name="host">What does not change.</param>
    /// <param name="unixMs">When the frame was sampled: the machine's time is that, not the time of the scrape.</param>
    public static void Write(TextFormat text, HostInfo host, long unixMs)
    {
        if (host.BootUnixMs is { } boot)
        {
            Write(text, BootTime, [], boot, 1000);
        }

        var words = host.Words;
        if (words.Dmi.Count > 0)
        {
            Write(text, DmiInfo, [.. words.Dmi.Select(word => (DmiLabel(word.Key), word.Value)).Order()]);
        }

        WriteOs(text, words.OsRelease);
        Write(text, Time, [], unixMs, 1000);
        if (words.Uname.Count > 0)
        {
            Write(
                text, UnameInfo, [.. UnameLabels.Select(label => (label, words.Uname.GetValueOrDefault(label, "")))]);
        }
    }

    /// <summary>
    /// Major and minor number of a version such as <c>24.04.1</c>; false when it does not begin with one.
    /// </summary>
    internal static bool TryVersion(string? version, out long number)
    {
        number = 0;
        var text = version ?? "";
        var end = text.TakeWhile(char.IsAsciiDigit).Count();
        if (end > 0 && end < text.Length && text[end] == '.')
        {
            end += 1 + text.Skip(end + 1).TakeWhile(char.IsAsciiDigit).Count();
        }

        if (!decimal.TryParse(text[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value >= 1_000_000_000)
        {
            return false;
        }

        number = (long)(value * VersionScale);
        return true;
    }

    private static long VersionScale => (long)Math.Pow(10, VersionDecimals);

    private static void WriteOs(TextFormat text, IReadOnlyDictionary<string, string> words)
    {
        if (words.Count == 0)
        {
            return;
        }

        string Word(string label) => words.GetValueOrDefault(label.ToUpperInvariant(), "");

        Write(text, OsInfo, [.. OsLabels.Select(label => (label, Word(label)))]);
        if (TryVersion(Word("version_id"), out var version))
        {
            Write(
                text, OsVersion, [("id", Word("id")), ("id_like", Word("id_like")), ("name", Word("name"))],
                version, VersionScale);
        }
    }

    private static string DmiLabel(string file) => file == "sys_vendor" ? "system_vendor" : file;

    private static void Write(
        TextFormat text, Family family, (string Name, string Value)[] labels, long number = 1, long scale = 1)
    {
        text.Header(family);
        text.Sample(TextFormat.SeriesText(family.Name, labels), number, scale);
    }
}
