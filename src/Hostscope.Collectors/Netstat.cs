using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Counters of IP, ICMP, TCP and UDP, from /proc/net/snmp, snmp6 and netstat: of the more than 400 that the kernel
/// counts, those that tell load, loss and overload.
/// </summary>
internal sealed class Netstat : ICollector
{
    /// <summary>What is shown of /proc/net/snmp and netstat, by protocol.</summary>
    private static readonly Dictionary<string, string[]> Shown = new()
    {
        ["Ip"] = ["InReceives", "InHdrErrors", "InAddrErrors", "ForwDatagrams", "InDiscards", "InDelivers",
            "OutRequests", "OutDiscards", "OutNoRoutes", "ReasmFails", "FragFails"],
        ["IpExt"] = ["InOctets", "OutOctets"],
        ["Icmp"] = ["InMsgs", "InErrors", "OutMsgs", "InDestUnreachs", "OutDestUnreachs"],
        ["Tcp"] = ["ActiveOpens", "PassiveOpens", "AttemptFails", "EstabResets", "InSegs", "OutSegs", "RetransSegs",
            "InErrs", "OutRsts"],
        ["TcpExt"] = ["ListenOverflows", "ListenDrops", "SyncookiesSent", "SyncookiesRecv", "SyncookiesFailed",
            "TCPSynRetrans", "TCPTimeouts", "TCPOFOQueue", "TCPRcvQDrop", "TCPAbortOnMemory", "TCPMemoryPressures"],
        ["Udp"] = ["InDatagrams", "OutDatagrams", "NoPorts", "InErrors", "RcvbufErrors", "SndbufErrors"],
        ["UdpLite"] = ["InErrors"],
    };

    /// <summary>What is shown of /proc/net/snmp6, which writes protocol and field as one word.</summary>
    private static readonly Dictionary<string, string[]> Shown6 = new()
    {
        ["Ip6"] = ["InReceives", "InDiscards", "InDelivers", "OutRequests", "OutDiscards", "InOctets", "OutOctets"],
        ["Icmp6"] = ["InMsgs", "InErrors", "OutMsgs"],
        ["Udp6"] = ["InDatagrams", "OutDatagrams", "NoPorts", "InErrors", "RcvbufErrors", "SndbufErrors"],
        ["UdpLite6"] = ["InErrors"],
    };

    private readonly CollectorContext _context;
    private readonly ProcFile _snmp;
    private readonly ProcFile _snmp6;
    private readonly ProcFile _netstat;
    private readonly List<Block> _snmpBlocks = [];
    private readonly List<Block> _netstatBlocks = [];
    private readonly Dictionary<byte[], SeriesCell> _cells6 = new(NameComparer.Instance);
    private readonly SeriesCell _established;
    private readonly SeriesCell _forwarding;

    public Netstat(CollectorContext context)
    {
        _context = context;
        _snmp = context.OpenProc(Network.NetPath(context.Roots, context.Files, "snmp"));
        _snmp6 = context.OpenProc(Network.NetPath(context.Roots, context.Files, "snmp6"));
        _netstat = context.OpenProc(Network.NetPath(context.Roots, context.Files, "netstat"));
        _established = context.Builder.Define(Metrics.NetworkConnections, "tcp", "established");
        _forwarding = context.Builder.Define(Metrics.NetworkForwarding);
        foreach (var (protocol, fields) in Shown6)
        {
            foreach (var field in fields)
            {
                var cell = context.Builder.Define(Metrics.NetworkStack, protocol, field);
                _cells6.Add(Encoding.ASCII.GetBytes(protocol + field), cell);
            }
        }
    }

    /// <inheritdoc/>
    public string Name => "netstat";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var result = Take(_snmp, _snmpBlocks);
        if (_snmp6.Read(_context.Buffer).IsOk)
        {
            // Not there when IPv6 is off; nothing is missing then.
            var understood = _snmp6.Understood(Take6());
            result = result.Status == CollectStatus.Ok ? understood : result;
        }

        var more = Take(_netstat, _netstatBlocks);
        return result.Status == CollectStatus.Ok ? more : result;
    }

    /// <summary>
    /// Takes apart a pair of lines of /proc/net/snmp or netstat: names, then values of the same columns.
    /// </summary>
    /// <remarks>
    /// net/ipv4/proc.c; RFC 4293 and 4022 define most of the names. Kernels add columns at the end and, in netstat, in
    /// between:
    /// <code>
    /// Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs
    /// Tcp: 1 200 120000 -1 73 2 0 10 0 12821
    /// </code>
    /// </remarks>
    /// <param name="header">The line of names.</param>
    /// <param name="values">The line below it.</param>
    /// <param name="protocol">Both lines' first word, without its colon.</param>
    /// <returns>False when the lines do not belong together.</returns>
    internal static bool ParsePair(
        ReadOnlySpan<byte> header, ReadOnlySpan<byte> values, out ReadOnlySpan<byte> protocol)
    {
        var colon = header.IndexOf((byte)':');
        protocol = colon <= 0 ? default : header[..colon];
        return colon > 0 && values.Length > colon && values[..(colon + 1)].SequenceEqual(header[..(colon + 1)]);
    }

    /// <summary>Reads a line of /proc/net/snmp6.</summary>
    /// <remarks>
    /// net/ipv6/proc.c:
    /// <code>
    /// Ip6InReceives                   	3193
    /// Icmp6OutMsgs                    	12
    /// </code>
    /// </remarks>
    internal static bool ParseLine6(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out long value)
    {
        value = Frame.Absent;
        var words = new Words(line);
        return words.Next(out name) && words.NextRaw(out value);
    }

    private CollectResult Take(ProcFile file, List<Block> blocks)
    {
        var read = file.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return file.Failure(read);
        }

        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        var lines = new Lines(_context.Buffer.Content);
        for (var i = 0; lines.Next(out var header); i++)
        {
            if (lines.IsCut || !lines.Next(out var values) || lines.IsCut
                || !ParsePair(header, values, out var protocol)
                || !BlockOf(blocks, i, header, protocol).Set(values[(protocol.Length + 1)..]))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
        }

        return file.Understood(badLine);
    }

    private int Take6()
    {
        var badLine = 0;
        var cells = _cells6.GetAlternateLookup<ReadOnlySpan<byte>>();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (lines.IsCut || !ParseLine6(line, out var name, out var value))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (cells.TryGetValue(name, out var cell))
            {
                cell.Set(value);
            }
        }

        return badLine;
    }

    /// <summary>The names stay the same while a kernel runs: which column is which is worked out once.</summary>
    private Block BlockOf(
        List<Block> blocks, int index, ReadOnlySpan<byte> header, ReadOnlySpan<byte> protocol)
    {
        if (index < blocks.Count && header.SequenceEqual(blocks[index].Header))
        {
            return blocks[index];
        }

        // A column that came changes what is behind it as well.
        var known = Math.Min(index, blocks.Count);
        blocks.RemoveRange(known, blocks.Count - known);
        var block = MakeBlock(header.ToArray(), Encoding.UTF8.GetString(protocol));
        blocks.Add(block);
        return block;
    }

    /// <summary>Apart from its caller, where the closure would be made in every tick.</summary>
    private Block MakeBlock(byte[] header, string protocol)
    {
        var fields = Encoding.UTF8.GetString(header, protocol.Length + 1, header.Length - protocol.Length - 1)
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return new Block(header, Array.ConvertAll(fields, field => CellOf(protocol, field)));
    }

    private SeriesCell? CellOf(string protocol, string field) => (protocol, field) switch
    {
        ("Tcp", "CurrEstab") => _established,
        ("Ip", "Forwarding") => _forwarding,
        _ => Shown.TryGetValue(protocol, out var fields) && fields.Contains(field)
            ? _context.Builder.Define(Metrics.NetworkStack, protocol, field)
            : null,
    };

    private sealed class Block(byte[] header, SeriesCell?[] cells)
    {
        public byte[] Header => header;

        /// <summary>Sets the columns that are shown; false when one of them is no number, or missing.</summary>
        public bool Set(ReadOnlySpan<byte> values)
        {
            var isGood = true;
            var words = new Words(values);
            foreach (var cell in cells)
            {
                if (!words.Next(out var word))
                {
                    return false;
                }

                if (cell is not null)
                {
                    isGood &= Fields.TryRaw(word, out var value);
                    cell.Set(value);
                }
            }

            return isGood;
        }
    }
}
