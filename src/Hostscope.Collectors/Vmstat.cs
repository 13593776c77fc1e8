using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Swapping, page faults and out-of-memory kills, from /proc/vmstat.</summary>
internal sealed class Vmstat : ICollector
{
    /// <summary>
    /// What pswpin and pswpout count. The page size of the machine we run on is that of the kernel we read from, a
    /// container's mounted /proc included.
    /// </summary>
    private static readonly long PageBytes = Environment.SystemPageSize;

    private readonly CollectorContext _context;
    private readonly ProcFile _vmstat;
    private readonly SeriesCell _swapIn;
    private readonly SeriesCell _swapOut;
    private readonly SeriesCell _minorFaults;
    private readonly SeriesCell _majorFaults;
    private readonly SeriesCell _oomKills;
    private readonly SeriesCell _deviceIn;
    private readonly SeriesCell _deviceOut;

    public Vmstat(CollectorContext context)
    {
        _context = context;
        _vmstat = context.OpenProc("vmstat");
        _swapIn = context.Builder.Define(Metrics.SwapIo, "in");
        _swapOut = context.Builder.Define(Metrics.SwapIo, "out");
        _minorFaults = context.Builder.Define(Metrics.PageFaults, "minor");
        _majorFaults = context.Builder.Define(Metrics.PageFaults, "major");
        _oomKills = context.Builder.Define(Metrics.OomKills);
        _deviceIn = context.Builder.Define(Metrics.PagingDeviceIo, "in");
        _deviceOut = context.Builder.Define(Metrics.PagingDeviceIo, "out");
    }

    /// <inheritdoc/>
    public string Name => "vmstat";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _vmstat.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _vmstat.Failure(read);
        }

        var badLine = Parse(_context.Buffer.Content, out var counters);
        _swapIn.Set(Fields.Times(counters.PagesSwappedIn, PageBytes));
        _swapOut.Set(Fields.Times(counters.PagesSwappedOut, PageBytes));
        _majorFaults.Set(counters.MajorFaults);
        _oomKills.Set(counters.OomKills);
        _deviceIn.Set(Fields.Times(counters.KibibytesIn, 1024));
        _deviceOut.Set(Fields.Times(counters.KibibytesOut, 1024));

        // The kernel counts all faults and the major ones; a minor one is every other.
        if (counters.Faults != Frame.Absent && counters.MajorFaults != Frame.Absent)
        {
            _minorFaults.Set(Math.Max(0, counters.Faults - counters.MajorFaults));
        }

        return _vmstat.Understood(badLine);
    }

    /// <summary>Reads /proc/vmstat, of which we want seven lines in almost 200.</summary>
    /// <remarks>
    /// mm/vmstat.c, vmstat_text. Which lines there are depends on the kernel's version and configuration. Of pages,
    /// but for the first two, which are KiB:
    /// <code>
    /// pgpgin 1220493
    /// pgpgout 882714
    /// pswpin 0
    /// pswpout 0
    /// pgfault 1127384
    /// pgmajfault 312
    /// oom_kill 0
    /// </code>
    /// </remarks>
    /// <returns>Number of the first malformed line among those we want, or 0.</returns>
    internal static int Parse(ReadOnlySpan<byte> text, out Counters counters)
    {
        counters = new Counters();
        var badLine = text.IsEmpty ? 1 : 0;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var understood = lines switch
            {
                _ when lines.IsCut => false,
                _ when Value(line, "pgpgin "u8, ref counters.KibibytesIn) is { } known => known,
                _ when Value(line, "pgpgout "u8, ref counters.KibibytesOut) is { } known => known,
                _ when Value(line, "pswpin "u8, ref counters.PagesSwappedIn) is { } known => known,
                _ when Value(line, "pswpout "u8, ref counters.PagesSwappedOut) is { } known => known,
                _ when Value(line, "pgfault "u8, ref counters.Faults) is { } known => known,
                _ when Value(line, "pgmajfault "u8, ref counters.MajorFaults) is { } known => known,
                _ when Value(line, "oom_kill "u8, ref counters.OomKills) is { } known => known,
                _ => true,
            };
            if (!understood && badLine == 0)
            {
                badLine = lines.Number;
            }
        }

        return badLine;
    }

    /// <summary>Whether the line with a key has a number; <c>null</c> when the line has another key.</summary>
    private static bool? Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, ref long value) =>
        line.StartsWith(key) ? Fields.TryRaw(line[key.Length..], out value) : null;

    /// <summary>Raw values; <see cref="Frame.Absent"/> where this kernel has no such line.</summary>
    internal struct Counters()
    {
        public long PagesSwappedIn = Frame.Absent;
        public long PagesSwappedOut = Frame.Absent;
        public long Faults = Frame.Absent;
        public long MajorFaults = Frame.Absent;
        public long OomKills = Frame.Absent;
        public long KibibytesIn = Frame.Absent;
        public long KibibytesOut = Frame.Absent;
    }
}
