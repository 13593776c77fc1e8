using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Files open on the whole machine and how many may be, from /proc/sys/fs/file-nr.</summary>
internal sealed class FileDescriptors : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _fileNr;
    private readonly SeriesCell _count;
    private readonly SeriesCell _limit;

    public FileDescriptors(CollectorContext context)
    {
        _context = context;
        _fileNr = context.OpenProc("sys/fs/file-nr", ReadShape.Whole);
        _count = context.Builder.Define(Metrics.FileDescriptors);
        _limit = context.Builder.Define(Metrics.FileDescriptorLimit);
    }

    /// <inheritdoc/>
    public string Name => "file_descriptors";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _fileNr.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _fileNr.Failure(read);
        }

        if (!Parse(_context.Buffer.Content, out var count, out var limit))
        {
            return _fileNr.Understood(badLine: 1);
        }

        _count.Set(count);
        _limit.Set(limit);
        return CollectResult.Ok;
    }

    /// <summary>Reads /proc/sys/fs/file-nr.</summary>
    /// <remarks>
    /// Documentation/admin-guide/sysctl/fs.rst. Open files, allocated and unused ones (0 since Linux 2.6), limit; the
    /// limit is the largest number there is where there is none:
    /// <code>521	0	9223372036854775807</code>
    /// </remarks>
    /// <returns>False when it is not as documented.</returns>
    internal static bool Parse(ReadOnlySpan<byte> text, out long count, out long limit)
    {
        count = limit = Frame.Absent;
        var lines = new Lines(text);
        if (!lines.Next(out var line) || lines.IsCut)
        {
            return false;
        }

        var words = new Words(line);
        if (!words.NextRaw(out var allocated) || !words.NextRaw(out var unused) || !words.NextRaw(out limit)
            || allocated == Frame.Absent || unused == Frame.Absent)
        {
            limit = Frame.Absent;
            return false;
        }

        count = Math.Max(0, allocated - unused);
        limit = limit == long.MaxValue ? Frame.Absent : limit;
        return true;
    }
}
