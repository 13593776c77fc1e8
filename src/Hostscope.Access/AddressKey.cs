using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hostscope.Access;

/// <summary>
/// Whom an address stands for where something is counted: itself in IPv4; in IPv6 its /64, as everybody has at least
/// one of those to choose addresses from.
/// </summary>
public static class AddressKey
{
    /// <summary>The key of an address; an IPv4 address that is written as IPv6 has that of its own.</summary>
    public static UInt128 Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = BinaryPrimitives.ReadUInt128BigEndian(plain.MapToIPv6().GetAddressBytes());
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? bytes >> 64 << 64 : bytes;
    }
}
