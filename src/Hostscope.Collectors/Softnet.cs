using System.Buffers.Text;
using System.Globalization;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Packets that each CPU took from its network cards, dropped or had no time for, from softnet_stat.</summary>
internal sealed class Softnet : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _softnet;
    private readonly NameTable<Processor> _processors;

    public Softnet(CollectorContext context)
    {
        _context = context;
        _softnet = context.OpenProc(Network.NetPath(context.Roots, context.Files, "softnet_stat"));
        _processors = new(id => new Processor(context.Builder, id));
    }

    /// <inheritdoc/>
    public string Name => "softnet";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _softnet.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _softnet.Failure(read);
        }

        Span<byte> id = stackalloc byte[20];
        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        _processors.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (lines.IsCut || !ParseLine(line, lines.Number - 1, out var counters))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (Utf8Formatter.TryFormat(counters.Cpu, id, out var length)
                && _processors.See(id[..length], out var processor))
            {
                processor.Set(counters);
            }
        }

        _processors.End();
        return _softnet.Understood(badLine);
    }

    /// <summary>Reads a line of /proc/net/softnet_stat.</summary>
    /// <remarks>
    /// net/core/net-procfs.c, softnet_seq_show. One line for each CPU that is online, 32-bit numbers in hexadecimal:
    /// packets processed, dropped as the backlog was full, rounds that ran out of time or budget; since Linux 5.10 the
    /// thirteenth of fifteen is the CPU's id, before that the lines of the CPUs online just follow each other:
    /// <code>
    /// 0001ab21 00000000 00000002 00000000 00000000 00000000 00000000 [five more] 00000003 00000000 00000000
    /// </code>
    /// </remarks>
    /// <param name="line">The line.</param>
    /// <param name="position">Its position in the file, from 0: the CPU where the line does not name it.</param>
    /// <param name="counters">What it says.</param>
    internal static bool ParseLine(ReadOnlySpan<byte> line, int position, out Counters counters)
    {
        const int Before = 9;
        counters = new Counters { Cpu = position };
        var words = new Words(line);
        if (!NextHex(ref words, out counters.Processed) || !NextHex(ref words, out counters.Dropped)
            || !NextHex(ref words, out counters.Squeezed))
        {
            return false;
        }

        return !words.Skip(Before) || words.Rest.IsEmpty || NextHex(ref words, out counters.Cpu);
    }

    private static bool NextHex(ref Words words, out long value)
    {
        value = Frame.Absent;
        return words.Next(out var word) && long.TryParse(word, NumberStyles.AllowHexSpecifier, null, out value)
            && value >= 0;
    }

    /// <summary>Raw values of a CPU.</summary>
    internal struct Counters
    {
        public long Cpu;
        public long Processed;
        public long Dropped;
        public long Squeezed;
    }

    private sealed class Processor(FrameBuilder builder, string id)
    {
        private readonly SeriesCell _processed = builder.Define(Metrics.Softnet, id, "processed");
        private readonly SeriesCell _dropped = builder.Define(Metrics.Softnet, id, "dropped");
        private readonly SeriesCell _squeezed = builder.Define(Metrics.Softnet, id, "times_squeezed");

        public void Set(in Counters counters)
        {
            _processed.Set(counters.Processed);
            _dropped.Set(counters.Dropped);
            _squeezed.Set(counters.Squeezed);
        }
    }
}
