using System.Globalization;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Sets damaged files aside by renaming them: never deleted, never written again, out of the way. A copy of
/// <c>x.db.1.bad</c> can be opened with the sqlite3 shell to save what is left.
/// </summary>
internal static class Quarantine
{
    /// <summary>Renames a file and what lies beside it.</summary>
    /// <returns>The new name.</returns>
    public static string SetAside(IStoreDisk disk, string name)
    {
        var taken = disk.List().Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        bool HasCompanion(int number) => SegmentName.CompanionsOf(NewName(name, number)).Any(taken.Contains);
        var number = 1;
        while (taken.Contains(NewName(name, number)) || HasCompanion(number))
        {
            number++;
        }

        if (!taken.Contains(name) && number > 1 && !HasCompanion(number - 1))
        {
            // What was left when the file itself was renamed joins it.
            number--;
        }

        var target = NewName(name, number);
        if (taken.Contains(name))
        {
            disk.Rename(name, target);
        }

        foreach (var companion in SegmentName.CompanionsOf(name).Where(taken.Contains))
        {
            // SQLite finds a log or a journal by the name of its database: they must go together. They go after it: a
            // file without its log would be taken for all there was, a log beside a new file is deleted by SQLite.
            disk.Rename(companion, target + companion[name.Length..]);
        }

        disk.Sync();
        return target;
    }

    private static string NewName(string name, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}.{number}{SegmentName.BadEnding}");
}
