using Hostscope.Gateway.Live;
using Hostscope.Gateway.Past;

namespace Hostscope.Gateway.Prometheus;

/// <summary>What the server says of itself.</summary>
internal sealed class SelfFamilies
{
    private static readonly Family BuildInfo = new(
        "hostscope_build_info", FamilyType.Gauge, "The version of this Hostscope; the value is always 1.");

    private static readonly Family Omitted = new(
        "hostscope_metrics_omitted_samples", FamilyType.Gauge,
        "Samples left out of this answer because it would have grown too large.");

    private static readonly Item<Counters>[] Items =
    [
        new("bytes_sent_total", FamilyType.Counter, "Bytes of messages handed to the network.", c => c.BytesSent),
        new("frame_encode_seconds", FamilyType.Gauge, "Time the last tick took to derive, write and hand to viewers.",
            c => c.LastEncode.Ticks, TimeSpan.TicksPerSecond),
        new("frames_lost_total", FamilyType.Counter, "Frames that the encoder was too late for.", c => c.FramesLost),
        new("frames_replaced_total", FamilyType.Counter,
            "Frames that a newer one replaced before their viewer took them.", c => c.FramesReplaced),
        new("frames_sent_total", FamilyType.Counter, "Frames handed to the network, over all viewers.",
            c => c.FramesSent),
        new("viewers", FamilyType.Gauge, "Viewers connected now.", c => c.Viewers),
        new("viewers_closed_total", FamilyType.Counter, "Viewers closed for what they sent.", c => c.ProtocolCloses),
        new("viewers_cut_total", FamilyType.Counter, "Viewers cut off as nothing could be sent to them.",
            c => c.SlowCloses),
        new("viewers_refused_total", FamilyType.Counter, "Viewers sent away as there were too many.",
            c => c.ViewersRefused),
        new("viewers_seen_total", FamilyType.Counter, "Viewers that ever connected.", c => c.ViewersTotal),
        new("viewers_silent_total", FamilyType.Counter, "Viewers cut off as they answered no ping.",
            c => c.UnansweredPings),
    ];

    private static readonly Item<RecorderState>[] RecorderItems =
    [
        new("recorder_budget_bytes", FamilyType.Gauge, "Most bytes that history may take.", r => r.BudgetBytes),
        new("recorder_bytes", FamilyType.Gauge, "Bytes of the files of history.", r => r.Bytes),
        new("recorder_newest_timestamp_seconds", FamilyType.Gauge, "Time of the newest tick that is kept.",
            r => r.Newest, 1000),
        new("recorder_oldest_timestamp_seconds", FamilyType.Gauge, "Time of the oldest data that is kept.",
            r => r.Oldest, 1000),
        new("recorder_quarantined_bytes", FamilyType.Gauge, "Bytes of damaged files that were set aside.",
            r => r.QuarantinedBytes),
        new("recorder_recording", FamilyType.Gauge, "1 while each tick is kept, 0 while none is.",
            r => r.State == "recording" ? 1 : 0),
        new("recorder_ticks_lost_total", FamilyType.Counter, "Ticks that could not be kept.", r => r.TicksLost),
        new("recorder_ticks_recorded_total", FamilyType.Counter, "Ticks that were kept.", r => r.TicksRecorded),
    ];

    private readonly Counters _counters;
    private readonly byte[] _buildInfo;
    private readonly Func<RecorderState?> _recorder;

    public SelfFamilies(Counters counters, string version, Func<RecorderState?> recorder)
    {
        _counters = counters;
        _recorder = recorder;
        _buildInfo = TextFormat.SeriesText(BuildInfo.Name, [("version", version)]);
    }

    /// <summary>Every family that can be written here.</summary>
    public static IEnumerable<Family> All =>
        [BuildInfo, Omitted, .. Items.Select(item => item.Family), .. RecorderItems.Select(item => item.Family)];

    /// <summary>Writes the families, by name.</summary>
    public void Write(TextFormat text)
    {
        text.Header(BuildInfo);
        text.Sample(_buildInfo, 1, 1);
        foreach (var item in Items)
        {
            text.Header(item.Family);
            text.Sample(item.Series, item.Value(_counters) ?? 0, item.Scale);
        }

        if (_recorder() is not { } recorder)
        {
            return;
        }

        foreach (var item in RecorderItems)
        {
            if (item.Value(recorder) is { } value)
            {
                text.Header(item.Family);
                text.Sample(item.Series, value, item.Scale);
            }
        }
    }

    /// <summary>Writes, at the end, how much was left out; that line always fits.</summary>
    public static void WriteOmitted(TextFormat text)
    {
        var omitted = text.Omitted;
        text.Header(Omitted);
        text.Sample(System.Text.Encoding.UTF8.GetBytes(Omitted.Name), omitted, 1, always: true);
    }

    private sealed class Item<T>(string name, FamilyType type, string help, Func<T, long?> value, long scale = 1)
    {
        public Family Family { get; } = new($"hostscope_{name}", type, help);

        public byte[] Series { get; } = TextFormat.SeriesText($"hostscope_{name}", []);

        public Func<T, long?> Value => value;

        public long Scale => scale;
    }
}
