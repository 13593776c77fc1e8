using Hostscope.Recorder.Store;

namespace Hostscope.Recorder;

/// <summary>What the recorder keeps, where, and how much of it.</summary>
public sealed record RecorderOptions
{
    /// <summary>
    /// Smallest budget: the tail takes up to 10 MiB, and a segment must be smaller than what is dropped at once.
    /// </summary>
    public const long MinBudgetBytes = 64L << 20;

    /// <summary>Most the store takes unless it is told: half a month of a typical host.</summary>
    public const long DefaultMaxBudgetBytes = 2L << 30;

    /// <summary>Digits of a process id, 2^22 at most, with room.</summary>
    private const int MaxPidLength = 16;

    /// <summary>Longest time between syncs.</summary>
    public static readonly TimeSpan MaxSyncInterval = TimeSpan.FromSeconds(60);

    /// <summary>Directory of the store; made when it is not there, readable for its owner only.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Most bytes of all files together, at least <see cref="MinBudgetBytes"/>; <c>null</c> for the smaller of 2 GiB
    /// and 5 % of the file system.
    /// </summary>
    public long? BudgetBytes { get; init; }

    /// <summary>
    /// Bytes that stay free on the file system; <c>null</c> for the larger of 256 MiB and 2 % of it.
    /// </summary>
    public long? FreeFloorBytes { get; init; }

    /// <summary>How long each second is kept, at least a day.</summary>
    public TimeSpan SecondsMaxAge { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How long minutes and events are kept, at least as long as seconds.</summary>
    public TimeSpan MinutesMaxAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long hours are kept, at least as long as minutes.</summary>
    public TimeSpan HoursMaxAge { get; init; } = TimeSpan.FromDays(5 * 365);

    /// <summary>
    /// Time between syncs of the tail: what a power cut may cost. 0 syncs each tick; 10 s spares an SD card. Killing
    /// the process loses nothing either way. At most <see cref="MaxSyncInterval"/>.
    /// </summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.Zero;

    /// <summary>Time between ticks as the sampler has it.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Identifies the boot of the machine (/proc/sys/kernel/random/boot_id); <c>null</c> when it cannot be read.
    /// </summary>
    public string? BootId { get; init; }

    /// <summary>When the machine booted, Unix milliseconds; <c>null</c> when it is not known.</summary>
    public long? BootUnixMs { get; init; }

    /// <summary>
    /// Who records into the directory now, in words: <c>process 4711</c>; <c>null</c> when nobody does, or when that
    /// cannot be told: then the recorder will say what is the matter.
    /// </summary>
    public string? Holder()
    {
        try
        {
            var disk = new StoreDisk(Directory);
            if (!File.Exists(Path.Combine(disk.Directory, SegmentName.Lock)))
            {
                return null;
            }

            using var held = disk.TryLock(SegmentName.Lock, "");
            return held is not null ? null
                : $"process {disk.ReadLocked(SegmentName.Lock, MaxPidLength).Trim()}";
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            return null;
        }
    }

    /// <summary>What is wrong with these options, in words that name the key; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(Directory))
        {
            problems.Add("recorder directory: is empty; give the path of a directory.");
        }

        if (BudgetBytes < MinBudgetBytes)
        {
            problems.Add($"recorder budget: {BudgetBytes} bytes; allowed is {MinBudgetBytes >> 20} MiB and more.");
        }

        if (FreeFloorBytes < 0)
        {
            problems.Add($"recorder free floor: {FreeFloorBytes} bytes; allowed is 0 and more.");
        }

        if (SecondsMaxAge < TimeSpan.FromDays(1) || MinutesMaxAge < SecondsMaxAge || HoursMaxAge < MinutesMaxAge)
        {
            problems.Add("recorder ages: seconds must be kept for a day or longer, minutes at least as long as "
                + "seconds, hours at least as long as minutes.");
        }

        if (SyncInterval < TimeSpan.Zero || SyncInterval > MaxSyncInterval)
        {
            problems.Add($"recorder sync interval: {SyncInterval}; allowed is 0 to {MaxSyncInterval}.");
        }

        return problems;
    }
}
