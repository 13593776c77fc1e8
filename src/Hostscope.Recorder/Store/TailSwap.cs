namespace Hostscope.Recorder.Store;

/// <summary>
/// Puts a new tail in the place of one that failed. The old one may hold minutes that were acknowledged: at no moment
/// may a power cut find neither.
/// </summary>
internal static class TailSwap
{
    /// <summary>Writes a whole tail beside the old one, takes that away, and gives the new one its name.</summary>
    /// <param name="disk">The directory.</param>
    /// <param name="content">What the new tail has: all that is in memory.</param>
    /// <param name="keepOld">
    /// Whether the old one is set aside; else it is deleted. False once it is aside, also where the rest fails then.
    /// </param>
    public static void Replace(IStoreDisk disk, TailChange content, ref bool keepOld)
    {
        Finish(disk);
        Tail.Make(disk, SegmentName.NextTail, content);
        disk.Sync();
        if (keepOld)
        {
            Quarantine.SetAside(disk, SegmentName.Tail);
            keepOld = false;
        }
        else
        {
            Delete(disk, SegmentName.Tail);
            disk.Sync();
        }

        disk.Rename(SegmentName.NextTail, SegmentName.Tail);
        disk.Sync();
    }

    /// <summary>
    /// Ends what was broken off. As long as the old tail has its name it is the one that counts, with its log: that
    /// is taken away after it. Once it is gone the new one, if there is one, is whole.
    /// </summary>
    public static void Finish(IStoreDisk disk)
    {
        var names = disk.List().Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        if (names.Contains(SegmentName.Tail))
        {
            Delete(disk, SegmentName.NextTail);
            return;
        }

        if (SegmentName.CompanionsOf(SegmentName.Tail).Any(names.Contains))
        {
            // A log that was left would be taken for the new one's, or deleted beside an empty file.
            Quarantine.SetAside(disk, SegmentName.Tail);
        }

        if (names.Contains(SegmentName.NextTail))
        {
            disk.Rename(SegmentName.NextTail, SegmentName.Tail);
            disk.Sync();
        }
    }

    private static void Delete(IStoreDisk disk, string name)
    {
        foreach (var file in SegmentName.CompanionsOf(name).Prepend(name))
        {
            disk.Delete(file);
        }
    }
}
