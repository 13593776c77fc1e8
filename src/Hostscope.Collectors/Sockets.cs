using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Sockets by protocol and the memory they hold, from /proc/net/sockstat and sockstat6. A count by state of every
/// connection would need /proc/net/tcp, which takes a second to read on a machine with 100,000 of them.
/// </summary>
internal sealed class Sockets : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _sockstat;
    private readonly ProcFile _sockstat6;
    private readonly NameTable<NameTable<SeriesCell>> _protocols;
    private readonly NameTable<NameTable<SeriesCell>> _protocols6;
    private readonly SeriesCell _timeWait;

    public Sockets(CollectorContext context)
    {
        _context = context;
        _sockstat = context.OpenProc(Network.NetPath(context.Roots, context.Files, "sockstat"));
        _sockstat6 = context.OpenProc(Network.NetPath(context.Roots, context.Files, "sockstat6"));
        _protocols = new(MakeProtocol);
        _protocols6 = new(MakeProtocol);
        _timeWait = context.Builder.Define(Metrics.NetworkConnections, "tcp", "time_wait");
    }

    /// <inheritdoc/>
    public string Name => "sockets";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _sockstat.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _sockstat.Failure(read);
        }

        var result = _sockstat.Understood(Take(_protocols));
        if (!_sockstat6.Read(_context.Buffer).IsOk)
        {
            // Not there when IPv6 is off; nothing is missing then.
            return result;
        }

        var result6 = _sockstat6.Understood(Take(_protocols6));
        return result.Status == CollectStatus.Ok ? result6 : result;
    }

    /// <summary>Takes the next field of a line of /proc/net/sockstat, behind the protocol.</summary>
    /// <remarks>
    /// net/ipv4/proc.c, sockstat_seq_show. <c>mem</c> is in pages, <c>memory</c> in bytes:
    /// <code>
    /// sockets: used 15
    /// TCP: inuse 1 orphan 0 tw 4 alloc 1 mem 361
    /// UDP: inuse 0 mem 0
    /// FRAG: inuse 0 memory 0
    /// </code>
    /// </remarks>
    /// <returns>False at the end of the line; <paramref name="isGood"/> tells whether it is a good end.</returns>
    internal static bool NextField(ref Words words, out ReadOnlySpan<byte> field, out long value, out bool isGood)
    {
        value = Frame.Absent;
        isGood = true;
        if (!words.Next(out field))
        {
            return false;
        }

        isGood = words.NextRaw(out value);
        return isGood;
    }

    private int Take(NameTable<NameTable<SeriesCell>> protocols)
    {
        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        protocols.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            var colon = line.IndexOf((byte)':');
            if ((lines.IsCut || colon <= 0 || !TakeLine(line, colon, protocols)) && badLine == 0)
            {
                badLine = lines.Number;
            }
        }

        protocols.End();
        return badLine;
    }

    private bool TakeLine(ReadOnlySpan<byte> line, int colon, NameTable<NameTable<SeriesCell>> protocols)
    {
        if (!protocols.SeeOnce(line[..colon], out var fields))
        {
            return true;
        }

        var isTcp = line[..colon].SequenceEqual("TCP"u8);
        var isGood = true;
        var words = new Words(line[(colon + 1)..]);
        fields.Begin();
        while (isGood && NextField(ref words, out var field, out var value, out isGood))
        {
            if (fields.See(field, out var cell))
            {
                cell.Set(value);
            }

            if (isTcp && field.SequenceEqual("tw"u8))
            {
                _timeWait.Set(value);
            }
        }

        fields.End();
        return isGood;
    }

    private NameTable<SeriesCell> MakeProtocol(string protocol) =>
        new(field => _context.Builder.Define(Metrics.Sockets, protocol, field));
}
