using System.Text.Json;
using Hostscope.Bus;

namespace Hostscope.Gateway.Past;

/// <summary>What is kept of a host and whether recording works, as docs/WIRE.md has it.</summary>
internal sealed record RecorderState
{
    /// <summary>starting, recording, paused, refused or ended.</summary>
    public required string State { get; init; }

    /// <summary>Why ticks are not kept, for people; <c>null</c> while they are.</summary>
    public required string? Reason { get; init; }

    /// <summary>When the state began, Unix milliseconds.</summary>
    public required long Since { get; init; }

    /// <summary>Oldest data, of whatever resolution, Unix milliseconds; <c>null</c> when there is none.</summary>
    public required long? Oldest { get; init; }

    /// <summary>Newest data, Unix milliseconds; <c>null</c> when there is none.</summary>
    public required long? Newest { get; init; }

    /// <summary>The resolutions, finest first.</summary>
    public required IReadOnlyList<RecorderTier> Tiers { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Of them, bytes of damaged files that were set aside.</summary>
    public required long QuarantinedBytes { get; init; }

    /// <summary>Most bytes the files may take; 0 when this past is a file.</summary>
    public required long BudgetBytes { get; init; }

    /// <summary>Bytes of a day at the rate of the last day; <c>null</c> in the first minutes.</summary>
    public required long? BytesPerDay { get; init; }

    /// <summary>
    /// Days of single seconds that fit budget and age at that rate; <c>null</c> in the first minutes.
    /// </summary>
    public required double? DaysAtThisRate { get; init; }

    /// <summary>Ticks kept since the start.</summary>
    public required long TicksRecorded { get; init; }

    /// <summary>Ticks not kept since the start.</summary>
    public required long TicksLost { get; init; }

    /// <summary>Milliseconds of which a power cut may cost the newest.</summary>
    public required int SyncInterval { get; init; }

    /// <summary>The newest events since the start, oldest first, without processes.</summary>
    public required IReadOnlyList<PastEvent> Events { get; init; }

    /// <summary><see cref="State"/> while the store is being opened.</summary>
    public static readonly string Starting = NameOf(RecordingState.Starting);

    /// <summary>Puts a status into the form of the wire.</summary>
    public static RecorderState Of(HistoryStatus status, IReadOnlyList<PastEvent> events) => new()
    {
        State = NameOf(status.State),
        Reason = status.Reason,
        Since = status.SinceUnixMs,
        Oldest = status.OldestUnixMs,
        Newest = status.NewestUnixMs,
        Tiers =
        [
            .. status.Tiers.Select(tier => new RecorderTier(
                tier.ResolutionMs, tier.OldestUnixMs, tier.NewestUnixMs, tier.Bytes, tier.MaxAgeMs)),
        ],
        Bytes = status.Bytes,
        QuarantinedBytes = status.QuarantinedBytes,
        BudgetBytes = status.BudgetBytes,
        BytesPerDay = status.BytesPerDay,
        DaysAtThisRate = status.DaysAtThisRate is { } days ? Math.Round(days, 1) : null,
        TicksRecorded = status.TicksRecorded,
        TicksLost = status.TicksLost,
        SyncInterval = status.SyncIntervalMs,
        Events = events,
    };

    private static string NameOf(RecordingState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());
}

/// <summary>One resolution of the past.</summary>
/// <param name="Resolution">Milliseconds between its points.</param>
/// <param name="Oldest">Its oldest point; <c>null</c> when it has none.</param>
/// <param name="Newest">Its newest point; <c>null</c> when it has none.</param>
/// <param name="Bytes">Bytes of its files.</param>
/// <param name="MaxAge">Age in milliseconds at which its points are dropped; 0 when this past is a file.</param>
internal sealed record RecorderTier(long Resolution, long? Oldest, long? Newest, long Bytes, long MaxAge);

/// <summary>Something that happened on a host.</summary>
/// <param name="Id">Grows with each event of the host.</param>
/// <param name="T">When, Unix milliseconds.</param>
/// <param name="Kind">What, such as <c>oomKill</c>.</param>
/// <param name="Subject">What it happened to; empty when to the recorder.</param>
/// <param name="Text">One sentence for people.</param>
/// <param name="Facts">Numbers that belong to it, by name.</param>
internal sealed record PastEvent(
    long Id, long T, string Kind, string Subject, string Text, IReadOnlyDictionary<string, long> Facts)
{
    /// <summary>The kinds by their names on the wire.</summary>
    public static readonly IReadOnlyDictionary<string, HistoryEventKind> Kinds =
        Enum.GetValues<HistoryEventKind>().ToDictionary(Name, StringComparer.Ordinal);

    /// <summary>Puts an event into the form of the wire.</summary>
    public static PastEvent Of(HistoryEvent item)
    {
        var facts = new Dictionary<string, long>(item.Facts.Count);
        foreach (var fact in item.Facts)
        {
            facts[fact.Name] = fact.Value;
        }

        return new PastEvent(item.Id, item.UnixMs, Name(item.Kind), item.Subject, item.Text, facts);
    }

    private static string Name(HistoryEventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
