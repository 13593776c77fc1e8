using Hostscope.Bus;

namespace Hostscope.Recorder.Events;

/// <summary>Takes an event into the store.</summary>
internal delegate void EventSink(
    long unixMs, HistoryEventKind kind, string subject, string text, params IReadOnlyList<HistoryFact> facts);

/// <summary>Lengths of time and amounts as sentences have them.</summary>
internal static class Words
{
    /// <summary>Two units at most: <c>1 d 2 h</c>, <c>3 min 5 s</c>, <c>250 ms</c>.</summary>
    public static string Time(long ms)
    {
        var span = TimeSpan.FromMilliseconds(Math.Abs(ms));
        return span.TotalSeconds < 1 ? $"{span.TotalMilliseconds:0} ms"
            : span.TotalMinutes < 1 ? $"{span.TotalSeconds:0.#} s"
            : span.TotalHours < 1 ? $"{span.Minutes} min {span.Seconds} s"
            : span.TotalDays < 1 ? $"{span.Hours} h {span.Minutes} min"
            : $"{(long)span.TotalDays} d {span.Hours} h";
    }

    /// <summary>Three digits and a binary prefix.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        var unit = 0;
        double value = bytes;
        while (Math.Abs(value) >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return $"{value:0.#} {units[unit]}";
    }
}
