using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hostscope.RecordHost;

/// <summary>
/// Takes out of recorded files what tells whose machine it was: host names, addresses of networks and cards, serial
/// numbers, machine ids, names of users and servers in paths, arguments of commands. What is the same before is the
/// same after, in both instants, so that the files still fit together. Read the result before you publish it.
/// </summary>
internal sealed partial class Scrubber(string hostName)
{
    /// <summary>Shorter names would be found inside ordinary words.</summary>
    private const int ShortestNameToReplace = 4;

    private readonly Dictionary<string, string> _replacements = [];

    /// <summary>The content of a file without what is private.</summary>
    /// <param name="path">Where it was, which tells what it holds.</param>
    /// <param name="content">What it held.</param>
    public byte[] Scrub(string path, byte[] content)
    {
        // Latin-1 keeps every byte, whatever the encoding was.
        var text = Encoding.Latin1.GetString(content);
        text = Path.GetFileName(path) switch
        {
            "hostname" => "host\n",
            "machine-id" => new string('0', 32) + "\n",
            "cmdline" => text.Split('\0')[0] + "\0",
            "route" => RouteHex().Replace(text, match => Hex(ScrubV4(match.Value))),
            "if_inet6" => Inet6().Replace(text, match => ScrubV6(match.Value)),
            var name when name.Contains("serial", StringComparison.Ordinal) => "0\n",
            _ => text,
        };
        text = DottedAddress().Replace(text, match => ScrubDotted(match.Value));
        text = HardwareAddress().Replace(text, match => Numbered(match.Value, "02:00:00:00:00:{0:x2}"));
        text = Uuid().Replace(text, match => Numbered(match.Value, "00000000-0000-0000-0000-{0:x12}"));
        text = PersonalFolder().Replace(text, "$1user");
        text = ServerSource().Replace(text, match => $" {Numbered(match.Groups[1].Value, "server{0}")}:/export ");
        if (hostName.Length >= ShortestNameToReplace)
        {
            text = text.Replace(hostName, "host", StringComparison.OrdinalIgnoreCase);
        }

        return Encoding.Latin1.GetBytes(text);
    }

    /// <summary>The path of a mount point without names of users.</summary>
    public static string ScrubPath(string path) => PersonalFolder().Replace(path, "$1user");

    private static string ScrubDotted(string address)
    {
        var octets = address.Split('.').Select(octet => int.Parse(octet, CultureInfo.InvariantCulture)).ToArray();
        return octets.Any(octet => octet > 255) ? address : string.Join('.', ScrubOctets(octets));
    }

    private static int[] ScrubV4(string hex)
    {
        // Printed as a number of the host's byte order: the first octet stands last.
        var octets = Convert.FromHexString(hex).Reverse().Select(octet => (int)octet).ToArray();
        return ScrubOctets(octets);
    }

    /// <summary>
    /// Moves an address into 10.0.0.0/8, octet by octet, so that octets that were 0, 255 or equal stay so. Addresses
    /// that tell nothing stay: this network, loopback, link-local, those for documentation, masks and multicast.
    /// </summary>
    private static int[] ScrubOctets(int[] octets) => octets switch
    {
        [0 or 127 or >= 224, ..] or [169, 254, ..] or [192, 0, 2, _] or [198, 51, 100, _] or [203, 0, 113, _] => octets,
        [_, var b, var c, var d] => [10, Move(b), Move(c), Move(d)],
        _ => octets,
    };

    /// <summary>A permutation of 1 to 254.</summary>
    private static int Move(int octet) => octet is 0 or 255 ? octet : (((octet - 1) * 89) + 31) % 254 + 1;

    private static string Hex(int[] octets) => string.Concat(octets.Reverse().Select(octet => octet.ToString("X2")));

    private string ScrubV6(string address) => address switch
    {
        _ when address.StartsWith("fe80", StringComparison.Ordinal) =>
            Numbered(address, "fe80" + new string('0', 24) + "{0:x4}"),
        _ when address.StartsWith(new string('0', 31), StringComparison.Ordinal) => address,
        _ => Numbered(address, "20010db8" + new string('0', 20) + "{0:x4}"),
    };

    private string Numbered(string original, string format)
    {
        if (!_replacements.TryGetValue(original, out var replacement))
        {
            replacement = string.Format(CultureInfo.InvariantCulture, format, _replacements.Count + 1);
            _replacements.Add(original, replacement);
        }

        return replacement;
    }

    [GeneratedRegex(@"(?<=\t)[0-9A-F]{8}(?=\t)")]
    private static partial Regex RouteHex();

    [GeneratedRegex("(?m)^[0-9a-f]{32}")]
    private static partial Regex Inet6();

    [GeneratedRegex(@"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])")]
    private static partial Regex DottedAddress();

    [GeneratedRegex("(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])")]
    private static partial Regex HardwareAddress();

    [GeneratedRegex("[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"(/home/|/media/|/Users/)[^/\s]+")]
    private static partial Regex PersonalFolder();

    [GeneratedRegex(@" (?://)?([A-Za-z0-9][\w.-]*):/\S* ")]
    private static partial Regex ServerSource();
}
