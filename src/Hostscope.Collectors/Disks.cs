using System.Runtime.CompilerServices;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Requests, bytes and time of each disk, from /proc/diskstats.</summary>
/// <remarks>
/// A disk is every block device but two kinds. A partition is not one: it is what has a file <c>partition</c> below
/// /sys/class/block, and its requests are counted in its disk already. A ram, loop, zram, floppy or optical device
/// that has never completed a request is not one yet: the kernel makes such devices in advance, most are never used.
/// Where /sys cannot be read, partitions cannot be told from disks and are shown.
/// </remarks>
internal sealed class Disks : ICollector
{
    /// <summary>A sector of /proc/diskstats is 512 bytes, whatever the device's own sectors are.</summary>
    private const long SectorBytes = 512;

    private readonly CollectorContext _context;
    private readonly ProcFile _diskstats;
    private readonly NameTable<Disk> _disks;

    public Disks(CollectorContext context)
    {
        _context = context;
        _diskstats = context.OpenProc("diskstats");
        _disks = new(MakeDisk);
    }

    /// <summary>The columns of a line behind the device's name, in the kernel's order.</summary>
    internal enum Column
    {
        Reads,
        ReadsMerged,
        SectorsRead,
        ReadMs,
        Writes,
        WritesMerged,
        SectorsWritten,
        WriteMs,
        InFlight,
        IoMs,
        WeightedIoMs,
        Discards,
        DiscardsMerged,
        SectorsDiscarded,
        DiscardMs,
        Flushes,
        FlushMs,
    }

    /// <inheritdoc/>
    public string Name => "disks";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _diskstats.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _diskstats.Failure(read);
        }

        var badLine = 0;
        _disks.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (lines.IsCut || !ParseLine(line, out var name, out var values))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (!(IsMadeInAdvance(name) && values[(int)Column.Reads] == 0 && values[(int)Column.Writes] == 0)
                && _disks.See(name, out var disk))
            {
                disk.Set(values);
            }
        }

        _disks.End();
        return _diskstats.Understood(badLine);
    }

    /// <summary>Reads a line of /proc/diskstats; columns that an old kernel does not have are absent.</summary>
    /// <remarks>
    /// Documentation/admin-guide/iostats.rst and Documentation/ABI/testing/procfs-diskstats. Major and minor number and
    /// name, then 11 columns, since Linux 4.18 four more of discards, since 5.5 two more of flushes:
    /// <code>
    ///  254       0 vda 32604 7821 2355642 13072 19645 8321 2124768 4522 0 11272 18309 7833 39 591784 604 3126 109
    ///    8       0 sda 23124 11 1843532 9864 8822 3021 312992 5230 0 9020 15091
    ///  104       0 cciss/c0d0 8204 11 643532 4864 1822 321 112992 2230 0 4020 7091
    /// </code>
    /// Times are milliseconds in 32 bits and wrap. (Partitions had four columns before Linux 2.6.25, which no
    /// .NET runs on.)
    /// </remarks>
    internal static bool ParseLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out Values values)
    {
        name = default;
        values = default;
        ((Span<long>)values).Fill(Frame.Absent);
        var words = new Words(line);
        if (!words.NextRaw(out _) || !words.NextRaw(out _) || !words.Next(out name))
        {
            return false;
        }

        var count = 0;
        while (count < Values.Count && words.Next(out var word))
        {
            if (!Fields.TryRaw(word, out values[count++]))
            {
                return false;
            }
        }

        return count > (int)Column.WeightedIoMs;
    }

    /// <summary>Whether a device's name is of a kind that the kernel makes in advance, used or not.</summary>
    internal static bool IsMadeInAdvance(ReadOnlySpan<byte> name)
    {
        var number = name.IndexOfAnyInRange((byte)'0', (byte)'9');
        return number > 0 && name[..number] switch
        {
            var kind => kind.SequenceEqual("ram"u8) || kind.SequenceEqual("loop"u8) || kind.SequenceEqual("zram"u8)
                || kind.SequenceEqual("fd"u8) || kind.SequenceEqual("sr"u8) || kind.SequenceEqual("nbd"u8),
        };
    }

    private Disk MakeDisk(string name)
    {
        // A slash in a device's name (cciss/c0d0) is an exclamation mark in /sys.
        var folder = $"{_context.Roots.Sys}/class/block/{name.Replace('/', '!')}";
        var isPartition = _context.Files.Exists(HostFiles.PathBytes($"{folder}/partition"));
        return new Disk(isPartition ? null : _context.Builder, name);
    }

    /// <summary>One raw value for each <see cref="Column"/>.</summary>
    [InlineArray(Count)]
    internal struct Values
    {
        /// <summary>Number of columns.</summary>
        public const int Count = (int)Column.FlushMs + 1;

        private long _first;
    }

    /// <summary>
    /// The series of a disk; none of a partition, which is kept so that it is not asked about every tick.
    /// </summary>
    private sealed class Disk
    {
        private readonly (SeriesCell Cell, Column Column, long Unit)[] _cells;

        public Disk(FrameBuilder? builder, string name)
        {
            if (builder is null)
            {
                _cells = [];
                return;
            }

            _cells =
            [
                (builder.Define(Metrics.DiskIo, name, "read"), Column.SectorsRead, SectorBytes),
                (builder.Define(Metrics.DiskIo, name, "write"), Column.SectorsWritten, SectorBytes),
                (builder.Define(Metrics.DiskIo, name, "discard"), Column.SectorsDiscarded, SectorBytes),
                (builder.Define(Metrics.DiskOperations, name, "read"), Column.Reads, 1),
                (builder.Define(Metrics.DiskOperations, name, "write"), Column.Writes, 1),
                (builder.Define(Metrics.DiskOperations, name, "discard"), Column.Discards, 1),
                (builder.Define(Metrics.DiskOperations, name, "flush"), Column.Flushes, 1),
                (builder.Define(Metrics.DiskOperationTime, name, "read"), Column.ReadMs, 1),
                (builder.Define(Metrics.DiskOperationTime, name, "write"), Column.WriteMs, 1),
                (builder.Define(Metrics.DiskOperationTime, name, "discard"), Column.DiscardMs, 1),
                (builder.Define(Metrics.DiskOperationTime, name, "flush"), Column.FlushMs, 1),
                (builder.Define(Metrics.DiskMerged, name, "read"), Column.ReadsMerged, 1),
                (builder.Define(Metrics.DiskMerged, name, "write"), Column.WritesMerged, 1),
                (builder.Define(Metrics.DiskMerged, name, "discard"), Column.DiscardsMerged, 1),
                (builder.Define(Metrics.DiskIoTime, name), Column.IoMs, 1),
                (builder.Define(Metrics.DiskWeightedIoTime, name), Column.WeightedIoMs, 1),
                (builder.Define(Metrics.DiskPending, name), Column.InFlight, 1),
            ];
        }

        public void Set(in Values values)
        {
            foreach (var (cell, column, unit) in _cells)
            {
                cell.Set(Fields.Times(values[(int)column], unit));
            }
        }
    }
}
