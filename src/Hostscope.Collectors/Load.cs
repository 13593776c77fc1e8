using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Load averages and the number of tasks, from /proc/loadavg.</summary>
internal sealed class Load : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _loadavg;
    private readonly SeriesCell _load1;
    private readonly SeriesCell _load5;
    private readonly SeriesCell _load15;
    private readonly SeriesCell _threads;

    public Load(CollectorContext context)
    {
        _context = context;
        _loadavg = context.OpenProc("loadavg", ReadShape.Whole);
        _load1 = context.Builder.Define(Metrics.Load1);
        _load5 = context.Builder.Define(Metrics.Load5);
        _load15 = context.Builder.Define(Metrics.Load15);
        _threads = context.Builder.Define(Metrics.ThreadCount);
    }

    /// <inheritdoc/>
    public string Name => "load";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _loadavg.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _loadavg.Failure(read);
        }

        var lines = new Lines(_context.Buffer.Content);
        if (!lines.Next(out var line) || lines.IsCut || !Parse(line, out var load))
        {
            return _loadavg.Understood(badLine: 1);
        }

        _load1.Set(load.OneMinute);
        _load5.Set(load.FiveMinutes);
        _load15.Set(load.FifteenMinutes);
        _threads.Set(load.Threads);
        return CollectResult.Ok;
    }

    /// <summary>Reads the one line of /proc/loadavg.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "loadavg". Load over 1, 5 and 15 minutes, tasks running and existing,
    /// the pid given last:
    /// <code>0.20 0.18 12.12 1/80 11206</code>
    /// </remarks>
    internal static bool Parse(ReadOnlySpan<byte> line, out LoadAverages load)
    {
        load = default;
        var words = new Words(line);
        if (!NextAverage(ref words, out var one) || !NextAverage(ref words, out var five)
            || !NextAverage(ref words, out var fifteen) || !words.Next(out var tasks))
        {
            return false;
        }

        var slash = tasks.IndexOf((byte)'/');
        if (slash < 0 || !Fields.TryRaw(tasks[..slash], out _) || !Fields.TryRaw(tasks[(slash + 1)..], out var threads))
        {
            return false;
        }

        load = new LoadAverages(one, five, fifteen, threads);
        return true;
    }

    private static bool NextAverage(ref Words words, out long hundredths)
    {
        hundredths = 0;
        return words.Next(out var word) && Fields.FixedPoint(word, 2, out hundredths) == NumberStatus.Ok;
    }

    /// <summary>The numbers of /proc/loadavg.</summary>
    /// <param name="OneMinute">Hundredths of a task.</param>
    /// <param name="FiveMinutes">Hundredths of a task.</param>
    /// <param name="FifteenMinutes">Hundredths of a task.</param>
    /// <param name="Threads">Processes and threads that exist.</param>
    internal readonly record struct LoadAverages(long OneMinute, long FiveMinutes, long FifteenMinutes, long Threads);
}
