using System.Globalization;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Store;

/// <summary>
/// Names of the store's files. <c>tail.db</c> holds the ticks of the block that is being filled;
/// <c>s1-20261124-0000000042.db</c>, <c>m1-202611-0000000042.db</c> and <c>h1-2026-0000000042.db</c> are segments of
/// the three resolutions: the UTC day, month or year of their first block, and its number. The number, not the date,
/// orders them: a wall clock may go back. <c>tail-next.db</c> is a tail that is about to replace one that failed. What
/// ends in <c>.bad</c> was damaged and set aside.
/// </summary>
/// <param name="Tier">Resolution.</param>
/// <param name="Period">Day, month or year: yyyyMMdd, yyyyMM, yyyy.</param>
/// <param name="FirstNumber">Number of its first block.</param>
internal sealed record SegmentName(Tier Tier, string Period, long FirstNumber)
{
    public const string Tail = "tail.db";
    public const string NextTail = "tail-next.db";
    public const string Lock = "lock";
    public const string BadEnding = ".bad";
    public const string TemporaryEnding = ".tmp";

    private static readonly string[] Prefixes = ["s1", "m1", "h1"];
    private static readonly string[] Formats = ["yyyyMMdd", "yyyyMM", "yyyy"];
    private static readonly string[] Companions = ["-wal", "-journal", "-shm"];

    /// <summary>The period a time falls into, as names write it.</summary>
    public static string PeriodOf(Tier tier, long unixMs)
    {
        // A broken clock may give any time; names have four digits for the year.
        var clamped = Math.Clamp(unixMs, 0, 253_402_300_799_000);
        return DateTimeOffset.FromUnixTimeMilliseconds(clamped).UtcDateTime
            .ToString(Formats[(int)tier], CultureInfo.InvariantCulture);
    }

    public override string ToString() => $"{Prefixes[(int)Tier]}-{Period}-{FirstNumber:D10}.db";

    /// <summary>Reads a name of a segment; <c>null</c> when it is not one.</summary>
    public static SegmentName? Parse(string name)
    {
        var stem = name.EndsWith(".db", StringComparison.Ordinal) ? name[..^3] : "";
        if (stem.Split('-') is not [var prefix, var period, { Length: >= 10 } number]
            || Array.IndexOf(Prefixes, prefix) is var tier && tier < 0
            || period.Length != Formats[tier].Length || !period.All(char.IsAsciiDigit)
            || !number.All(char.IsAsciiDigit)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        return new SegmentName((Tier)tier, period, first);
    }

    /// <summary>True for every file that is ours: it counts against the budget.</summary>
    public static bool IsOurs(string name) => IsQuarantined(name) || Base(name) is var stem
        && (stem is Tail or NextTail or Lock || Parse(stem) is not null
            || stem.EndsWith(TemporaryEnding, StringComparison.Ordinal));

    /// <summary>True for files that were set aside, with what lay beside them.</summary>
    public static bool IsQuarantined(string name) => Base(name).EndsWith(BadEnding, StringComparison.Ordinal)
        && (name.StartsWith(Tail, StringComparison.Ordinal)
            || Parse(name[..Math.Max(0, name.IndexOf(".db", StringComparison.Ordinal) + 3)]) is not null);

    /// <summary>What SQLite keeps beside a database while it works.</summary>
    public static IEnumerable<string> CompanionsOf(string name) => Companions.Select(ending => name + ending);

    /// <summary>A name without what SQLite adds for the files beside it.</summary>
    public static string Base(string name) => Companions
        .Where(ending => name.EndsWith(ending, StringComparison.Ordinal))
        .Select(ending => name[..^ending.Length])
        .FirstOrDefault(name);
}
