using System.Globalization;
using System.Text.Json;

namespace Hostscope.Bench.Soak;

/// <summary>What the process holds at one moment.</summary>
/// <param name="Minute">Minutes since the start.</param>
/// <param name="Ticks">Ticks so far.</param>
/// <param name="ResidentKb">VmRSS.</param>
/// <param name="OwnKb">RssAnon: without the binary and libraries, which are mapped files.</param>
/// <param name="HeapKb">Managed heap after the last collection.</param>
/// <param name="LiveKb">What a full collection left of it; 0 for all but the last.</param>
/// <param name="CommittedKb">What the managed heap has of the system.</param>
/// <param name="Collections">Garbage collections so far, of all generations.</param>
/// <param name="Descriptors">Open files.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Traffic">What the gateway counts.</param>
internal sealed record Reading(
    int Minute,
    long Ticks,
    long ResidentKb,
    long OwnKb,
    long HeapKb,
    long LiveKb,
    long CommittedKb,
    int Collections,
    int Descriptors,
    int Threads,
    Traffic Traffic)
{
    public const string Header =
        "minute   ticks  RSS KB  own KB heap KB live KB commit KB    GCs  fds thr viewers     ever  cut   frames "
        + "replaced  lost";

    /// <summary>Reads it all.</summary>
    /// <param name="minute">Minutes since the start.</param>
    /// <param name="ticks">Ticks so far.</param>
    /// <param name="traffic">What the gateway counts.</param>
    /// <param name="isLast">A full collection, only after the last: it tidies the heap, which would then look better
    /// than it is when left alone.</param>
    public static Reading Take(int minute, long ticks, Traffic traffic, bool isLast)
    {
        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        var status = File.ReadAllLines("/proc/self/status");
        return new Reading(
            minute,
            ticks,
            Number(status, "VmRSS:"),
            Number(status, "RssAnon:"),
            memory.HeapSizeBytes / 1024,
            isLast ? GC.GetTotalMemory(forceFullCollection: true) / 1024 : 0,
            memory.TotalCommittedBytes / 1024,
            GC.CollectionCount(0),
            Directory.GetFileSystemEntries("/proc/self/fd").Length,
            (int)Number(status, "Threads:"),
            traffic);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Minute,6} {Ticks,7} {ResidentKb,7} {OwnKb,7} {HeapKb,7} {LiveKb,7} ") +
        string.Create(
            CultureInfo.InvariantCulture,
            $"{CommittedKb,9} {Collections,6} {Descriptors,4} {Threads,3} ") +
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Traffic.Viewers,7} {Traffic.ViewersEver,8} {Traffic.Cut,4} {Traffic.Frames,8} {Traffic.Replaced,8} ") +
        string.Create(CultureInfo.InvariantCulture, $"{Traffic.Lost,5}");

    private static long Number(string[] lines, string key) =>
        long.Parse(
            lines.First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Replace("kB", "").Trim(),
            CultureInfo.InvariantCulture);
}

/// <summary>What the gateway counts, as its status tells it.</summary>
/// <param name="Viewers">Viewers now.</param>
/// <param name="ViewersEver">Viewers since the start.</param>
/// <param name="Cut">Viewers cut off for not taking what was sent.</param>
/// <param name="Frames">Frames sent.</param>
/// <param name="Replaced">Frames that a slow viewer never saw.</param>
/// <param name="Lost">Frames that the encoder never saw.</param>
internal sealed record Traffic(long Viewers, long ViewersEver, long Cut, long Frames, long Replaced, long Lost);

/// <summary>Asks the server for <see cref="Traffic"/>.</summary>
internal sealed class StatusReader(Uri server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };

    public async Task<Traffic> ReadAsync()
    {
        var text = await _http.GetByteArrayAsync(new Uri("/api/v1/status", UriKind.Relative)).ConfigureAwait(false);
        using var status = JsonDocument.Parse(text);
        var viewers = status.RootElement.GetProperty("viewers");
        long Count(string name) => viewers.GetProperty(name).GetInt64();
        return new Traffic(
            Count("connected"),
            Count("total"),
            Count("slowCloses"),
            Count("framesSent"),
            Count("framesReplaced"),
            Count("framesLost"));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The straight line through the readings after warm-up (least squares).</summary>
internal static class Slope
{
    /// <summary>The rings fill in 300 ticks; the pool and the heap find their sizes within some minutes.</summary>
    private const int WarmUpMinutes = 5;

    public static string Describe(List<Reading> readings)
    {
        var settled = readings.Where(reading => reading.Minute >= WarmUpMinutes).ToList();
        if (settled.Count < 3)
        {
            return $"No slope: it is drawn from minute {WarmUpMinutes} on.";
        }

        var ticks = settled[^1].Ticks - settled[0].Ticks;
        return string.Join(Environment.NewLine,
        [
            $"slope from minute {settled[0].Minute} to {settled[^1].Minute}, {ticks} ticks, for 1,000 ticks:",
            Line("RSS", settled, reading => reading.ResidentKb),
            Line("own", settled, reading => reading.OwnKb),
            Line("heap", settled, reading => reading.HeapKb),
            Line("descriptors", settled, reading => reading.Descriptors, "  "),
            Line("threads", settled, reading => reading.Threads, "  "),
        ]);
    }

    private static string Line(string name, List<Reading> readings, Func<Reading, double> value, string unit = "KB")
    {
        var meanTicks = readings.Average(reading => (double)reading.Ticks);
        var mean = readings.Average(value);
        var slope = readings.Sum(reading => (reading.Ticks - meanTicks) * (value(reading) - mean))
            / readings.Sum(reading => Math.Pow(reading.Ticks - meanTicks, 2)) * 1000;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"  {name,-12} {slope,8:+0.00;-0.00} {unit}  mean {mean:F0}, least {readings.Min(value):F0}, ") +
            string.Create(CultureInfo.InvariantCulture, $"most {readings.Max(value):F0}");
    }
}
