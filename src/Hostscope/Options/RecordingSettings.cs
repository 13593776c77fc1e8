using System.Collections;
using System.Globalization;
using Hostscope.Collectors;
using Hostscope.Recorder;

namespace Hostscope.Options;

/// <summary>
/// Understands the settings of the recorder. What they say is checked here; whether the disk obeys is the recorder's
/// matter: a directory that cannot be made or written never keeps the live view from starting.
/// </summary>
internal sealed class RecordingSettings
{
    /// <summary>History lies in a directory of its own below the data directory.</summary>
    public const string Subdirectory = "rec";

    /// <summary>What the data directory may be, for messages.</summary>
    public const string AllowedDirectory = "give a directory; it is made when it does not exist";

    /// <summary>Makes a boot of the machine known from another (random(4)).</summary>
    private const string BootIdFile = "sys/kernel/random/boot_id";

    private readonly Dictionary<Setting, Given> _given;

    /// <param name="given">What was given, in all places.</param>
    /// <param name="environment">The environment.</param>
    /// <exception cref="StartRefusedException">The data directory is none.</exception>
    public RecordingSettings(Dictionary<Setting, Given> given, IDictionary environment)
    {
        _given = given;
        IsDirectoryGiven = given.TryGetValue(Settings.DataDir, out var directory);
        Directory = directory is null ? StateDirectory.Find(environment) : Checked(directory);
    }

    /// <summary>The data directory; <c>null</c> when none was given and nobody is at home.</summary>
    public string? Directory { get; }

    /// <summary>Whether it was given.</summary>
    public bool IsDirectoryGiven { get; }

    /// <summary>What to record and where; <c>null</c> when nothing is to be recorded.</summary>
    /// <param name="isOff">Whether recording was turned off.</param>
    /// <param name="interval">Time between samples.</param>
    /// <param name="roots">Where the host's files are.</param>
    /// <exception cref="StartRefusedException">A value is not allowed.</exception>
    public RecorderOptions? Options(bool isOff, TimeSpan interval, HostRoots roots)
    {
        var budget = Size(Settings.StoreMax, RecorderOptions.MinBudgetBytes);
        var floor = Size(Settings.StoreFloor, 0);
        var sync = SyncInterval(interval);

        // Of another machine than our own (a container's host, recorded files) nothing is kept in our own place: its
        // history would be mixed with ours.
        var isSomewhere = Directory is not null && (IsDirectoryGiven || roots.IsOwnMachine);
        return isOff || !isSomewhere ? null : new RecorderOptions
        {
            Directory = Path.Combine(Directory!, Subdirectory),
            BudgetBytes = budget,
            FreeFloorBytes = floor,
            SyncInterval = sync,
            Interval = interval,
            BootId = BootId(roots),
        };
    }

    /// <summary>Checks what was given, and looks at nothing.</summary>
    /// <param name="interval">Time between samples.</param>
    /// <exception cref="StartRefusedException">A value is not allowed.</exception>
    public void CheckValues(TimeSpan interval)
    {
        Size(Settings.StoreMax, RecorderOptions.MinBudgetBytes);
        Size(Settings.StoreFloor, 0);
        SyncInterval(interval);
    }

    private static string Checked(Given given)
    {
        var path = Path.TrimEndingDirectorySeparator(given.FullPath(AllowedDirectory));
        return File.Exists(path) ? throw given.Refuse(given.Value, $"it is a file; {AllowedDirectory}") : path;
    }

    private static string? BootId(HostRoots roots)
    {
        try
        {
            var id = File.ReadAllText(Path.Combine(roots.Proc, BootIdFile)).Trim();
            return id.Length is > 0 and <= 64 ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Bytes: <c>500MiB</c>, <c>2G</c>, <c>1073741824</c>. Units are powers of 1024.</summary>
    private long? Size(Setting setting, long least)
    {
        if (!_given.TryGetValue(setting, out var given))
        {
            return null;
        }

        var text = given.Value.Trim();
        var digits = text.TrimEnd([.. "KMGTiBkmgtb"]);
        var shift = text[digits.Length..].ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            "T" or "TB" or "TIB" => 40,
            _ => -1,
        };
        return shift >= 0
            && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * (1L << shift) is var bytes && bytes >= least && bytes <= 1L << 60
            ? (long)bytes
            : throw given.Refuse(given.Value, least > 0
                ? $"give {least >> 20}MiB or more, such as 500MiB or 2GiB"
                : "give a number of bytes, such as 0, 256MiB or 1GiB");
    }

    /// <summary>Up to a second, each tick is synced: <see cref="RecorderOptions.SyncInterval"/> is 0 then.</summary>
    private TimeSpan SyncInterval(TimeSpan interval)
    {
        if (!_given.TryGetValue(Settings.StoreSync, out var given))
        {
            return TimeSpan.Zero;
        }

        var digits = given.Value is [.. var text, 's'] ? text : given.Value;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds < 1 || seconds > RecorderOptions.MaxSyncInterval.TotalSeconds)
        {
            throw given.Refuse(given.Value, "give 1 to 60 seconds, such as 1s or 10s");
        }

        var sync = TimeSpan.FromSeconds(seconds);
        return sync <= TimeSpan.FromSeconds(1) || sync <= interval ? TimeSpan.Zero : sync;
    }
}
