using Hostscope.Bus;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// The segments of a store: which there are, which one grows, which are set aside or dropped. Belongs to the recorder's
/// thread; <see cref="Files"/> is replaced as a whole, so that others may read it at any time.
/// </summary>
internal sealed class SegmentSet : IDisposable
{
    private readonly IStoreDisk _disk;
    private readonly ReaderPool _readers;
    private readonly SegmentWriter?[] _writers = new SegmentWriter?[3];
    private SegmentFile[][] _files;

    public SegmentSet(IStoreDisk disk, ReaderPool readers, IEnumerable<SegmentFile> files, long rotateBytes)
    {
        _disk = disk;
        _readers = readers;
        RotateBytes = rotateBytes;
        _files = [.. Enumerable.Range(0, 3).Select(tier => files
            .Where(file => file.Segment.Tier == (Tier)tier).OrderBy(file => file.Segment.FirstNumber).ToArray())];
    }

    /// <summary>
    /// A segment that has grown to this is followed by a new one, so that dropping one does not drop too much.
    /// </summary>
    public long RotateBytes { get; set; }

    /// <summary>Files by tier, in the order of recording. Replaced, never changed.</summary>
    public SegmentFile[][] Files => Volatile.Read(ref _files);

    /// <summary>Number of the newest block of a tier; 0 when it has none.</summary>
    public long LastNumber(Tier tier) => Files[(int)tier]
        .Select(file => file.Blocks.Length > 0 ? file.Blocks[^1].Number : 0).DefaultIfEmpty().Max();

    /// <summary>Appends a block to the file of its period, or a new one.</summary>
    public void Append(EncodedBlock block, List<(long Key, byte[] Blob)> parts)
    {
        var header = block.Header;
        var file = Prepare(header.Tier, header.FirstUnixMs, header.Number);
        Write(file, writer => writer.Append(block, parts, []), block);
    }

    /// <summary>Appends events to the segment of minutes: they are kept as long as it.</summary>
    public void Append(IReadOnlyList<HistoryEvent> events, long unixMs, long number)
    {
        var file = Prepare(Tier.Minute, unixMs, number);
        Write(file, writer => writer.Append(null, [], events), null);
    }

    /// <summary>Ends the growing file of a tier; the next block begins a new one.</summary>
    public void Seal(Tier tier)
    {
        Close(tier);
        if (Files[(int)tier] is [.., var last])
        {
            Replace(tier, last, last with { IsSealed = true });
        }
    }

    /// <summary>True for the file that would be appended to next.</summary>
    public bool IsGrowing(SegmentFile file) => !file.IsSealed && Files[(int)file.Segment.Tier][^1].Name == file.Name;

    /// <summary>Deletes a file: retention.</summary>
    public void Drop(SegmentFile file)
    {
        Remove(file);
        _disk.Delete(file.Name);
        foreach (var companion in SegmentName.CompanionsOf(file.Name))
        {
            _disk.Delete(companion);
        }
    }

    /// <summary>Sets a damaged file aside.</summary>
    public void SetAside(SegmentFile file)
    {
        Remove(file);
        Quarantine.SetAside(_disk, file.Name);
    }

    /// <summary>Closes what is open to write. Readers stay.</summary>
    public void Dispose()
    {
        foreach (var tier in Enum.GetValues<Tier>())
        {
            Close(tier);
        }
    }

    private SegmentFile Prepare(Tier tier, long unixMs, long number)
    {
        var period = SegmentName.PeriodOf(tier, unixMs);
        if (Files[(int)tier] is [.., var last] && !last.IsSealed && last.Segment.Period == period
            && last.Bytes < RotateBytes)
        {
            return last;
        }

        Seal(tier);
        var segment = new SegmentName(tier, period, number);
        if (Files[(int)tier].FirstOrDefault(file => file.Name == segment.ToString()) is { } existing)
        {
            // A fold that failed after its file was made, and is tried again.
            var again = existing with { IsSealed = false };
            Replace(tier, existing, again);
            return again;
        }

        var made = new SegmentFile { Segment = segment, Name = segment.ToString(), Blocks = [], Bytes = 0 };
        Publish(tier, [.. Files[(int)tier], made]);
        return made;
    }

    private void Write(SegmentFile file, Action<SegmentWriter> write, EncodedBlock? block)
    {
        var tier = file.Segment.Tier;
        try
        {
            write(_writers[(int)tier] ??= SegmentWriter.Open(_disk, file.Name));
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            Close(tier);
            AfterFailure(file, StoreFault.From(exception, file.Name).Kind);
            throw;
        }

        var bytes = LengthOf(file.Name);
        Replace(tier, file, block is null ? file with { Bytes = bytes } : file.With(block.Header, bytes));
    }

    /// <summary>
    /// After an error of reading, writing or syncing nothing more is written to the file: what the kernel lost, a
    /// second try would report as written. What is damaged is set aside.
    /// </summary>
    private void AfterFailure(SegmentFile file, FaultKind kind)
    {
        if (file.Bytes == 0)
        {
            // Made a moment ago for this write: nothing in it was ever acknowledged.
            Drop(file);
        }
        else if (kind == FaultKind.Damaged)
        {
            SetAside(file);
        }
        else if (kind == FaultKind.InputOutput)
        {
            Replace(file.Segment.Tier, file, file with { IsSealed = true });
        }
    }

    private void Close(Tier tier)
    {
        _writers[(int)tier]?.Dispose();
        _writers[(int)tier] = null;
    }

    private void Remove(SegmentFile file)
    {
        var tier = file.Segment.Tier;
        if (_writers[(int)tier]?.Name == file.Name)
        {
            Close(tier);
        }

        Publish(tier, [.. Files[(int)tier].Where(other => other.Name != file.Name)]);
        _readers.Forget(file.Name);
    }

    private void Replace(Tier tier, SegmentFile old, SegmentFile now) =>
        Publish(tier, [.. Files[(int)tier].Select(file => file.Name == old.Name ? now : file)]);

    private void Publish(Tier tier, SegmentFile[] files)
    {
        var next = (SegmentFile[][])Files.Clone();
        next[(int)tier] = files;
        Volatile.Write(ref _files, next);
    }

    private long LengthOf(string name) => _disk.List().FirstOrDefault(file => file.Name == name).Bytes;
}
