using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Time since boot, from /proc/uptime.</summary>
internal sealed class Uptime : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _file;
    private readonly SeriesCell _uptime;

    public Uptime(CollectorContext context)
    {
        _context = context;
        _file = context.OpenProc("uptime", ReadShape.Whole);
        _uptime = context.Builder.Define(Metrics.Uptime);
    }

    /// <inheritdoc/>
    public string Name => "uptime";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _file.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _file.Failure(read);
        }

        var lines = new Lines(_context.Buffer.Content);
        if (!lines.Next(out var line) || lines.IsCut || !Parse(line, out var hundredths))
        {
            return _file.Understood(badLine: 1);
        }

        _uptime.Set(hundredths);
        return CollectResult.Ok;
    }

    /// <summary>Reads the one line of /proc/uptime.</summary>
    /// <remarks>
    /// proc(5): seconds since boot, suspend included, and idle seconds summed over the CPUs, which is of no use here
    /// because /proc/stat has it per CPU:
    /// <code>813.36 1539.18</code>
    /// </remarks>
    /// <param name="line">The line.</param>
    /// <param name="hundredths">Time since boot in 1/100 s.</param>
    internal static bool Parse(ReadOnlySpan<byte> line, out long hundredths)
    {
        hundredths = 0;
        var words = new Words(line);
        return words.Next(out var word) && Fields.FixedPoint(word, 2, out hundredths) == NumberStatus.Ok;
    }
}
