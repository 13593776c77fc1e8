using System.Text;
using Hostscope.RecordHost;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: a recorded host does not tell whose machine it was, and its files still fit together.
/// Method: made-up names, addresses and serial numbers through the recorder's scrubber, and what must stay as it is.
/// </summary>
public sealed class ScrubberTests
{
    private readonly Scrubber _scrubber = new("payroll-db");

    [Theory]
    [InlineData("/proc/sys/kernel/hostname", "payroll-db.example.com\n", "host\n")]
    [InlineData("/etc/machine-id", "3f2a9c00000000000000000000000001\n", "00000000000000000000000000000000\n")]
    [InlineData("/sys/class/dmi/id/board_serial", "CN-0ABC12\n", "0\n")]
    [InlineData("/proc/42/cmdline", "mysqld\0--password=secret\0", "mysqld\0")]
    [InlineData("/proc/1/mountinfo", "1 2 0:3 / /home/alice/x rw - ext4 /dev/sda1 rw\n",
        "1 2 0:3 / /home/user/x rw - ext4 /dev/sda1 rw\n")]
    [InlineData("/proc/1/mountinfo", "1 2 0:3 / /mnt rw - nfs4 filer.corp:/vol/secret rw\n",
        "1 2 0:3 / /mnt rw - nfs4 server1:/export rw\n")]
    [InlineData("/proc/x", "PAYROLL-DB\n", "host\n")]
    [InlineData("/proc/x", "52:54:00:ab:cd:ef\n", "02:00:00:00:00:01\n")]
    [InlineData("/proc/x", "UUID=6f1c2d3e-1111-2222-3333-444455556666\n",
        "UUID=00000000-0000-0000-0000-000000000001\n")]
    [InlineData("/proc/net/if_inet6", "2a01000000000000000000000000beef 02 40 00 80 eth0\n",
        "20010db8000000000000000000000001 02 40 00 80 eth0\n")]
    public void What_tells_whose_machine_it_was_is_replaced(string path, string before, string after) =>
        Assert.Equal(after, Scrub(path, before));

    [Theory]
    [InlineData("/proc/uptime", "813.36 1539.18\n")]
    [InlineData("/proc/stat", "cpu  4840 0 2469 153918 931 0 41 8 0 0\n")]
    [InlineData("/proc/sys/kernel/osrelease", "6.1.0-28-amd64\n")]
    [InlineData("/proc/net/fib_trie", "|-- 127.0.0.1\n|-- 192.0.2.7\n|-- 0.0.0.0\n|-- 255.255.255.255\n")]
    [InlineData("/proc/1/mountinfo", "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n")]
    public void What_tells_nothing_stays_as_it_is(string path, string content) =>
        Assert.Equal(content, Scrub(path, content));

    [Fact]
    public void An_address_of_the_table_of_addresses_still_lies_in_the_network_of_the_table_of_routes()
    {
        // 86.12.200.0/24 and 86.12.200.17; the route is printed with its first octet last.
        var routes = AddressFacts.ParseRoutes(Encoding.Latin1.GetBytes(Scrub(
            "/proc/net/route", "Iface\tDestination\nens3\t00C80C56\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n")));
        var trie = Scrub("/proc/net/fib_trie", "  |-- 86.12.200.17\n     /32 host LOCAL\n");
        var address = Assert.Single(AddressFacts.ParseTrie(Encoding.Latin1.GetBytes(trie)));

        var route = Assert.Single(routes);
        Assert.Equal(24, route.PrefixLength);
        Assert.Equal(route.Network, address & 0xFFFFFF00);
        Assert.Equal(10u, address >> 24);
        Assert.DoesNotContain("86.12", trie, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_survive() =>
        Assert.Equal(new byte[] { 0xff, 0x00, 0x80 }, _scrubber.Scrub("/proc/x", [0xff, 0x00, 0x80]));

    private string Scrub(string path, string content) =>
        Encoding.Latin1.GetString(_scrubber.Scrub(path, Encoding.Latin1.GetBytes(content)));
}
