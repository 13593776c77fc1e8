using System.Runtime.CompilerServices;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// CPU time per mode, of the machine and of each CPU, and the scheduler's counters: all of /proc/stat from one read, so
/// that they belong to the same instant.
/// </summary>
internal sealed class Cpu : ICollector
{
    /// <summary>The columns of a cpu line, in the kernel's order.</summary>
    private static readonly string[] Modes =
        ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"];

    private readonly CollectorContext _context;
    private readonly ProcFile _stat;
    private readonly SeriesCell[] _total;
    private readonly NameTable<SeriesCell[]> _cores;
    private readonly SeriesCell _count;
    private readonly SeriesCell _running;
    private readonly SeriesCell _blocked;
    private readonly SeriesCell _created;
    private readonly SeriesCell _contextSwitches;
    private readonly SeriesCell _interrupts;

    public Cpu(CollectorContext context)
    {
        _context = context;
        _stat = context.OpenProc("stat", ReadShape.Whole);
        var builder = context.Builder;
        _total = Array.ConvertAll(Modes, mode => builder.Define(Metrics.CpuTime, mode));
        _cores = new(id => Array.ConvertAll(Modes, mode => builder.Define(Metrics.CoreTime, id, mode)));
        _count = builder.Define(Metrics.CpuCount);
        _running = builder.Define(Metrics.ProcessCount, "running");
        _blocked = builder.Define(Metrics.ProcessCount, "blocked");
        _created = builder.Define(Metrics.ProcessCreated);
        _contextSwitches = builder.Define(Metrics.ContextSwitches);
        _interrupts = builder.Define(Metrics.Interrupts);
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _stat.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _stat.Failure(read);
        }

        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        var online = 0;
        _cores.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if ((lines.IsCut || !Take(line, ref online)) && badLine == 0)
            {
                badLine = lines.Number;
            }
        }

        _cores.End();
        if (online > 0)
        {
            _count.Set(online);
        }

        return _stat.Understood(badLine);
    }

    /// <summary>Reads a cpu line; columns that an old kernel does not have are absent.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "Miscellaneous kernel statistics in /proc/stat". In 1/100 s since boot:
    /// <code>
    /// cpu  4840 0 2469 153918 931 0 41 8 0 0
    /// cpu0 2135 0 914 77980 41 0 5 3 0 0
    /// cpu17 2135 0 914 77980 41 0 5 3
    /// cpu2 2135 0 914 77980 18446744073709551615 0 5 3 0 0
    /// </code>
    /// CPU ids have holes when CPUs are offline; the lines of offline CPUs are missing. Old kernels have fewer
    /// columns. iowait, and idle with it, may go back, and has been seen a little below 0, printed as above.
    /// </remarks>
    /// <param name="line">The line.</param>
    /// <param name="id">The digits behind <c>cpu</c>; empty in the line of all CPUs.</param>
    /// <param name="times">Raw values in the order of the columns; <see cref="Frame.Absent"/> for none.</param>
    /// <returns>False when it is no cpu line as documented.</returns>
    internal static bool ParseCpuLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> id, out CpuTimes times)
    {
        id = default;
        times = default;
        ((Span<long>)times).Fill(Frame.Absent);
        var words = new Words(line);
        if (!words.Next(out var name) || !name.StartsWith("cpu"u8))
        {
            return false;
        }

        id = name[3..];
        if (id.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        var count = 0;
        while (count < CpuTimes.Count && words.Next(out var word))
        {
            if (!Fields.TryRaw(word, out times[count++]))
            {
                return false;
            }
        }

        // Four columns is what the first kernels had; a line with fewer is not a cpu line.
        return count >= 4;
    }

    /// <summary>Reads the first number of a line such as <c>ctxt 461310</c> or <c>intr 217018 0 0 14 ...</c>.</summary>
    internal static bool ParseFirst(ReadOnlySpan<byte> line, out long value)
    {
        var words = new Words(line);
        value = Frame.Absent;
        return words.Skip(1) && words.NextRaw(out value);
    }

    private bool Take(ReadOnlySpan<byte> line, ref int online)
    {
        if (line.StartsWith("cpu"u8))
        {
            return TakeCpu(line, ref online);
        }

        var cell = line switch
        {
            _ when line.StartsWith("intr "u8) => _interrupts,
            _ when line.StartsWith("ctxt "u8) => _contextSwitches,
            _ when line.StartsWith("processes "u8) => _created,
            _ when line.StartsWith("procs_running "u8) => _running,
            _ when line.StartsWith("procs_blocked "u8) => _blocked,
            _ => null,
        };
        if (cell is null)
        {
            return true;
        }

        var understood = ParseFirst(line, out var value);
        cell.Set(value);
        return understood;
    }

    private bool TakeCpu(ReadOnlySpan<byte> line, ref int online)
    {
        if (!ParseCpuLine(line, out var id, out var times))
        {
            return false;
        }

        var cells = _total;
        if (!id.IsEmpty)
        {
            online++;
            if (!_cores.See(id, out cells))
            {
                return true;
            }
        }

        for (var mode = 0; mode < CpuTimes.Count; mode++)
        {
            cells[mode].Set(times[mode]);
        }

        return true;
    }

    /// <summary>One raw value for each of the ten modes.</summary>
    [InlineArray(Count)]
    internal struct CpuTimes
    {
        /// <summary>Number of modes.</summary>
        public const int Count = 10;

        private long _first;
    }
}
