using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>Why data was dropped.</summary>
internal enum DropReason
{
    Budget,
    DiskFloor,
    Age,
}

/// <summary>Data that was dropped.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct Dropped(string Name, long Bytes, DropReason Reason);

/// <summary>What the store may take.</summary>
/// <param name="BudgetBytes">Over all files.</param>
/// <param name="FloorBytes">What must stay free on the file system.</param>
/// <param name="MaxAgeMs">By tier.</param>
internal sealed record RetentionLimits(long BudgetBytes, long FloorBytes, long[] MaxAgeMs)
{
    /// <summary>What must stay free on a file system of <paramref name="total"/> bytes.</summary>
    public static long FloorOf(RecorderOptions options, long total) =>
        options.FreeFloorBytes ?? Math.Max(256L << 20, total / 50);
}

/// <summary>
/// Makes room before something is written. Old data goes first, whole files at a time, never the one that grows:
/// seconds while they take more than half of the budget, then minutes, then hours, then the rest of the seconds.
/// </summary>
internal sealed class Retention(IStoreDisk disk, SegmentSet segments, RetentionLimits limits)
{
    /// <summary>
    /// Files set aside may take an eighth of the budget, so that they do not push out what can be read.
    /// </summary>
    private const int QuarantineShare = 8;

    /// <summary>Bytes of all files of the store, and of those the ones that were set aside.</summary>
    public (long Total, long Quarantined) Measure()
    {
        long total = 0, quarantined = 0;
        foreach (var file in disk.List())
        {
            if (SegmentName.IsOurs(file.Name))
            {
                total += file.Bytes;
                quarantined += SegmentName.IsQuarantined(file.Name) ? file.Bytes : 0;
            }
        }

        return (total, quarantined);
    }

    /// <summary>Drops what is too old, and then until some bytes fit the budget and the floor.</summary>
    /// <param name="bytes">What is about to be written.</param>
    /// <param name="nowMs">Wall clock; <c>null</c> while it is not to be trusted: then nothing is too old.</param>
    /// <returns>What was dropped, and a fault when there is no room all the same.</returns>
    public (List<Dropped> Dropped, StoreFault? Fault) MakeRoom(long bytes, long? nowMs)
    {
        var dropped = new List<Dropped>();
        DropOld(dropped, nowMs);
        while (Measure() is var (total, quarantined) && total + bytes > limits.BudgetBytes)
        {
            if (!DropOne(dropped, quarantined, DropReason.Budget))
            {
                break;
            }
        }

        while (disk.Space().Free < limits.FloorBytes + bytes)
        {
            var (_, quarantined) = Measure();
            if (!DropOne(dropped, quarantined, DropReason.DiskFloor))
            {
                return (dropped, new StoreFault(
                    FaultKind.Full,
                    $"The disk is full: less than {limits.FloorBytes >> 20} MiB are free on the file system of "
                    + $"{disk.Directory}, and there is no older history to drop."));
            }
        }

        return (dropped, null);
    }

    /// <summary>Drops the next file, after the disk said that it is full; false when there is none to drop.</summary>
    public bool DropForSpace(List<Dropped> dropped)
    {
        var (_, quarantined) = Measure();
        return DropOne(dropped, quarantined, DropReason.DiskFloor);
    }

    private void DropOld(List<Dropped> dropped, long? nowMs)
    {
        foreach (var file in nowMs is null ? [] : segments.Files.SelectMany(files => files).ToList())
        {
            var maxAge = limits.MaxAgeMs[(int)file.Segment.Tier];
            if (!segments.IsGrowing(file) && file.NewestUnixMs is { } newest && newest < nowMs - maxAge)
            {
                Drop(dropped, file, DropReason.Age);
            }
        }
    }

    private bool DropOne(List<Dropped> dropped, long quarantined, DropReason reason)
    {
        if (quarantined > limits.BudgetBytes / QuarantineShare && DropQuarantined(dropped, reason))
        {
            return true;
        }

        var bytes = segments.Files.Select(files => files.Sum(file => file.Bytes)).ToArray();
        var first = bytes[(int)Tier.Second] > bytes[(int)Tier.Minute] + bytes[(int)Tier.Hour]
            ? Tier.Second : Tier.Minute;
        foreach (var tier in new[] { first, Tier.Minute, Tier.Hour, Tier.Second })
        {
            if (segments.Files[(int)tier].FirstOrDefault(file => !segments.IsGrowing(file)) is { } victim)
            {
                Drop(dropped, victim, reason);
                return true;
            }
        }

        return DropQuarantined(dropped, reason);
    }

    private bool DropQuarantined(List<Dropped> dropped, DropReason reason)
    {
        var victim = disk.List().Where(file => SegmentName.IsQuarantined(file.Name))
            .OrderBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault();
        if (victim.Name is null)
        {
            return false;
        }

        // With what lies beside it: a log alone could be taken for that of the next file of the name.
        var whole = disk.List().Where(file => SegmentName.Base(file.Name) == SegmentName.Base(victim.Name)).ToList();
        whole.ForEach(file => disk.Delete(file.Name));
        dropped.Add(new Dropped(victim.Name, whole.Sum(file => file.Bytes), reason));
        return true;
    }

    private void Drop(List<Dropped> dropped, SegmentFile file, DropReason reason)
    {
        segments.Drop(file);
        dropped.Add(new Dropped(file.Name, file.Bytes, reason));
    }
}
