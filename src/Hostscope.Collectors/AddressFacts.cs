using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// The host's addresses, from the kernel's routing tables in /proc/net: the system call that lists them answers for our
/// own network namespace only, the files for any host whose /proc we see.
/// </summary>
internal static class AddressFacts
{
    /// <summary>Most addresses told: a container host has hundreds of no interest.</summary>
    private const int MaxAddresses = 64;

    /// <summary>Reads the addresses other than loopback and link-local, those of the default route first.</summary>
    public static List<HostAddress> Read(HostFacts facts, HostRoots roots, HostFiles files)
    {
        string Net(string name) => $"{roots.Proc}/{Network.NetPath(roots, files, name)}";

        var routes = facts.Content(Net("route"), out var route) ? ParseRoutes(route) : [];
        var main = routes.Find(candidate => candidate.PrefixLength == 0).Interface;
        var addresses = facts.Content(Net("fib_trie"), out var trie)
            ? ParseTrie(trie).ConvertAll(address => WithRoute(address, routes))
            : [];
        var v6 = facts.Content(Net("if_inet6"), out var inet6) ? ParseInet6(inet6) : [];
        return [.. addresses.OrderByDescending(address => main is not null && address.Interface == main)
            .Concat(v6.OrderByDescending(address => main is not null && address.Interface == main))
            .Take(MaxAddresses)];
    }

    /// <summary>Reads the local IPv4 addresses of /proc/net/fib_trie, each once, in their order.</summary>
    /// <remarks>
    /// net/ipv4/fib_trie.c. The tables Main and Local (or one for both) as trees; a leaf is an address, and the line
    /// below says what it is. <c>/32 host LOCAL</c> is an address of this host:
    /// <code>
    /// Local:
    ///   +-- 0.0.0.0/0 3 0 5
    ///      +-- 192.0.2.0/30 2 0 2
    ///         |-- 192.0.2.0
    ///            /24 link UNICAST
    ///         |-- 192.0.2.2
    ///            /32 host LOCAL
    /// </code>
    /// </remarks>
    internal static List<uint> ParseTrie(ReadOnlySpan<byte> text)
    {
        var addresses = new List<uint>();
        uint? leaf = null;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var words = new Words(line);
            if (!words.Next(out var first) || !words.Next(out var second))
            {
                continue;
            }

            if (first.SequenceEqual("|--"u8))
            {
                leaf = IPAddress.TryParse(Encoding.UTF8.GetString(second), out var address)
                    && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                    ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
                    : null;
            }
            else if (leaf is { } found && first.SequenceEqual("/32"u8) && second.SequenceEqual("host"u8)
                && words.Next(out var type) && type.SequenceEqual("LOCAL"u8) && IsOfInterest(found)
                && !addresses.Contains(found) && addresses.Count < MaxAddresses)
            {
                addresses.Add(found);
            }
        }

        return addresses;
    }

    /// <summary>Reads /proc/net/route.</summary>
    /// <remarks>
    /// net/ipv4/fib_trie.c, fib_route_seq_show. Destination, gateway and mask are 32 bits in network order, printed as
    /// a number of the host's byte order: little-endian on all machines that we run on but s390x:
    /// <code>
    /// Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
    /// eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
    /// eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
    /// </code>
    /// </remarks>
    internal static List<Route> ParseRoutes(ReadOnlySpan<byte> text)
    {
        var routes = new List<Route>();
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var words = new Words(line);
            if (words.Next(out var name) && words.Next(out var destination) && TryHex(destination, out var network)
                && words.Skip(5) && words.Next(out var maskWord) && TryHex(maskWord, out var mask)
                && HostFacts.Clean(name) is { } interfaceName && routes.Count < MaxAddresses * 16)
            {
                routes.Add(new Route(interfaceName, network, (int)uint.PopCount(mask)));
            }
        }

        return routes;
    }

    /// <summary>Reads the global addresses of /proc/net/if_inet6, without those not yet or no longer valid.</summary>
    /// <remarks>
    /// net/ipv6/addrconf.c, if6_seq_show. Address, interface number, prefix length, scope (00 global) and flags (08
    /// duplicate, 20 deprecated, 40 tentative), all hexadecimal, and the interface:
    /// <code>
    /// fd000000000000000000000000000002 04 40 00 82     eth0
    /// fe8000000000000000fc00fffe000001 04 40 20 80     eth0
    /// </code>
    /// </remarks>
    internal static List<HostAddress> ParseInet6(ReadOnlySpan<byte> text)
    {
        const uint NotInUse = 0x08 | 0x20 | 0x40;
        var addresses = new List<HostAddress>();
        Span<byte> bytes = stackalloc byte[16];
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var words = new Words(line);
            if (words.Next(out var address) && address.Length == 32
                && Convert.FromHexString(address, bytes, out _, out _) == System.Buffers.OperationStatus.Done
                && words.Skip(1) && words.Next(out var prefixWord) && TryHex(prefixWord, out var prefix)
                && prefix <= 128
                && words.Next(out var scopeWord) && TryHex(scopeWord, out var scope) && scope == 0
                && words.Next(out var flagsWord) && TryHex(flagsWord, out var flags) && (flags & NotInUse) == 0
                && words.Next(out var name) && addresses.Count < MaxAddresses)
            {
                addresses.Add(new HostAddress(HostFacts.Clean(name), new IPAddress(bytes).ToString(), (int)prefix));
            }
        }

        return addresses;
    }

    /// <summary>
    /// Interface and prefix come from the longest route that leads to the address, the default route aside.
    /// </summary>
    private static HostAddress WithRoute(uint address, List<Route> routes)
    {
        Route? best = null;
        foreach (var route in routes)
        {
            var mask = route.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - route.PrefixLength);
            if (route.PrefixLength > 0 && (address & mask) == route.Network
                && route.PrefixLength > (best?.PrefixLength ?? 0))
            {
                best = route;
            }
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new HostAddress(best?.Interface, new IPAddress(bytes).ToString(), best?.PrefixLength);
    }

    private static bool IsOfInterest(uint address) =>
        address >> 24 is not (0 or 127) && address >> 16 != ((169 << 8) | 254);

    private static bool TryHex(ReadOnlySpan<byte> word, out uint value)
    {
        var understood = uint.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (word.Length == 8 && BitConverter.IsLittleEndian)
        {
            value = BinaryPrimitives.ReverseEndianness(value);
        }

        return understood;
    }

    /// <summary>A route of IPv4.</summary>
    /// <param name="Interface">The interface it leads through.</param>
    /// <param name="Network">Address of the network.</param>
    /// <param name="PrefixLength">Length of its prefix, 0 of the default route.</param>
    internal readonly record struct Route(string? Interface, uint Network, int PrefixLength);
}
