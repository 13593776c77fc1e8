using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Connections that the packet filter tracks, against the number it can track, and what happened in its table: a full
/// one drops packets with no other sign of it.
/// </summary>
internal sealed class Conntrack : ICollector
{
    /// <summary>Columns of the table of events; the kernel has 17.</summary>
    private const int MaxColumns = 64;

    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("The packet filter tracks no connections here (nf_conntrack is not loaded).");

    private readonly CollectorContext _context;
    private readonly ProcFile _count;
    private readonly ProcFile _max;
    private readonly ProcFile _events;
    private readonly SeriesCell _countCell;
    private readonly SeriesCell _maxCell;
    private readonly long[] _sums = new long[MaxColumns];
    private byte[] _header = [];
    private int _lines;
    private SeriesCell?[] _cells = [];

    public Conntrack(CollectorContext context)
    {
        _context = context;
        _count = context.OpenProc("sys/net/netfilter/nf_conntrack_count", ReadShape.Whole);
        _max = context.OpenProc("sys/net/netfilter/nf_conntrack_max", ReadShape.Whole);
        _events = context.OpenProc(Network.NetPath(context.Roots, context.Files, "stat/nf_conntrack"));
        _countCell = context.Builder.Define(Metrics.ConntrackCount);
        _maxCell = context.Builder.Define(Metrics.ConntrackLimit);
    }

    /// <inheritdoc/>
    public string Name => "conntrack";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _count.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return read.Status == ReadStatus.Missing ? NotHere : _count.Failure(read);
        }

        var isGood = SysNumber.Parse(_context.Buffer.Content, out var count);
        _countCell.Set(count);
        var result = _count.Understood(isGood ? 0 : 1);
        if (_max.Read(_context.Buffer).IsOk)
        {
            _ = SysNumber.Parse(_context.Buffer.Content, out var max);
            _maxCell.Set(max);
        }

        if (_events.Read(_context.Buffer).IsOk)
        {
            // A kernel may be built without this table; the two numbers above are then all there is.
            var events = _events.Understood(TakeEvents());
            result = result.Status == CollectStatus.Ok ? events : result;
        }

        return result;
    }

    /// <summary>Adds a line of /proc/net/stat/nf_conntrack, one CPU, to the sums of its columns.</summary>
    /// <remarks>
    /// net/netfilter/nf_conntrack_standalone.c, ct_cpu_seq_show. Hexadecimal, 32 bits that wrap; a heading of names:
    /// <code>
    /// entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop
    /// 0000000a  00000000 00000002 00000000 00000011 00000000 00000000 00000000 00000000 00000000 00000000 00000000
    /// </code>
    /// </remarks>
    /// <returns>False when a column is no hexadecimal number, or there are fewer than in the heading.</returns>
    internal static bool AddLine(ReadOnlySpan<byte> line, Span<long> sums)
    {
        var words = new Words(line);
        foreach (ref var sum in sums)
        {
            if (!words.Next(out var word) || !Hexadecimal(word, out var value))
            {
                return false;
            }

            sum += value;
        }

        return true;
    }

    private static bool Hexadecimal(ReadOnlySpan<byte> word, out long value)
    {
        value = 0;
        foreach (var character in word)
        {
            if (!char.IsAsciiHexDigit((char)character))
            {
                return false;
            }

            value = (value << 4) | (uint)(char.IsAsciiDigit((char)character)
                ? character - '0'
                : (character | 0x20) - 'a' + 10);
        }

        return word.Length is > 0 and <= 8;
    }

    private int TakeEvents()
    {
        var lines = new Lines(_context.Buffer.Content);
        if (!lines.Next(out var header) || lines.IsCut)
        {
            return 1;
        }

        if (!header.SequenceEqual(_header))
        {
            _header = header.ToArray();
            _cells = MakeCells(Encoding.UTF8.GetString(header));
        }

        var sums = _sums.AsSpan(0, _cells.Length);
        sums.Clear();
        while (lines.Next(out var line))
        {
            if (lines.IsCut || !AddLine(line, sums))
            {
                return lines.Number;
            }
        }

        // One line for each CPU there can be: fewer than before are a file that was cut, and a sum that is none.
        if (lines.Number == 1 || lines.Number < _lines)
        {
            return lines.Number;
        }

        _lines = lines.Number;
        for (var i = 0; i < _cells.Length; i++)
        {
            _cells[i]?.Set(sums[i]);
        }

        return 0;
    }

    /// <summary>The first column is no event: it is the count once more, in the line of every CPU.</summary>
    private SeriesCell?[] MakeCells(string header) =>
    [
        .. header.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MaxColumns).Select(name =>
            name == "entries" ? null : _context.Builder.Define(Metrics.ConntrackEvents, name)),
    ];
}
