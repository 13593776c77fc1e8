using Hostscope.Bus;
using Hostscope.Model;

namespace Hostscope.Recorder.Events;

/// <summary>Tells of file systems that fill up and of network interfaces that come up and go down.</summary>
internal sealed class DeviceWatch
{
    private static readonly int[] Levels = [90, 95, 99];

    /// <summary>
    /// How far a file system must empty before its level is told again: one that wavers is told once.
    /// </summary>
    private const int HysteresisPercent = 2;

    /// <summary>
    /// Interfaces are read by a slow collector and come into the frames some ticks after the start: that is no news.
    /// </summary>
    private const long SettlingNs = 10_000_000_000;

    private readonly Dictionary<string, int> _levelOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _upOf = new(StringComparer.Ordinal);
    private readonly List<Disk> _disks = [];
    private readonly List<(string Name, int Slot)> _links = [];
    private Schema? _schema;
    private long? _settledNs;

    /// <summary>Looks at a tick.</summary>
    public void Look(Frame frame, EventSink sink)
    {
        _settledNs ??= frame.MonotonicNs + SettlingNs;
        if (!ReferenceEquals(frame.Schema, _schema))
        {
            Find(frame.Schema);
            TellGoneLinks(frame.UnixMs, sink);
        }

        foreach (var disk in _disks)
        {
            LookAt(disk, frame, sink);
        }

        LookAtLinks(frame, sink);
    }

    private void Find(Schema schema)
    {
        _schema = schema;
        _disks.Clear();
        _links.Clear();
        var slots = new Dictionary<string, Disk>(StringComparer.Ordinal);
        for (var i = 0; i < schema.Count; i++)
        {
            var series = schema.Series[i];
            if (series.Metric.Name == Metrics.FilesystemUsage.Name
                && series.LabelValues is [_, var mount, _, var state])
            {
                var disk = slots.GetValueOrDefault(mount) ?? new Disk(mount, -1, -1);
                slots[mount] = state switch
                {
                    "used" => disk with { Used = i },
                    "free" => disk with { Free = i },
                    _ => disk,
                };
            }
            else if (series.Metric.Name == Metrics.LinkUp.Name && series.LabelValues is [var link])
            {
                _links.Add((link, i));
            }
        }

        _disks.AddRange(slots.Values.Where(disk => disk is { Used: >= 0, Free: >= 0 }));
        foreach (var gone in _levelOf.Keys.Where(mount => !slots.ContainsKey(mount)).ToList())
        {
            _levelOf.Remove(gone);
        }
    }

    private void LookAt(Disk disk, Frame frame, EventSink sink)
    {
        long used = frame.Values[disk.Used], free = frame.Values[disk.Free];
        if (used == Frame.Absent || free == Frame.Absent || used + free <= 0)
        {
            return;
        }

        // As df(1) counts: what is reserved for root is neither.
        var percent = 100.0 * used / (used + free);
        var level = Levels.Count(limit => percent >= limit);
        var before = _levelOf.GetValueOrDefault(disk.Mount);
        if (level > before)
        {
            sink(
                frame.UnixMs, HistoryEventKind.FilesystemFilling, disk.Mount,
                $"{disk.Mount} is {Math.Floor(percent):0} % full: {Words.Bytes(free)} are left.",
                new HistoryFact("percent", (long)percent), new HistoryFact("freeBytes", free));
            _levelOf[disk.Mount] = level;
        }
        else if (before > 0 && percent < Levels[before - 1] - HysteresisPercent)
        {
            _levelOf[disk.Mount] = level;
        }
    }

    private void LookAtLinks(Frame frame, EventSink sink)
    {
        foreach (var (name, slot) in _links)
        {
            var up = frame.Values[slot];
            if (up == Frame.Absent)
            {
                continue;
            }

            if (_upOf.TryGetValue(name, out var before) ? before != up : up == 1 && frame.MonotonicNs >= _settledNs)
            {
                sink(
                    frame.UnixMs, up == 1 ? HistoryEventKind.LinkUp : HistoryEventKind.LinkDown, name,
                    up == 1 ? $"{name} is up." : $"{name} is down.");
            }

            _upOf[name] = up;
        }
    }

    private void TellGoneLinks(long unixMs, EventSink sink)
    {
        foreach (var name in _upOf.Keys.Where(name => !_links.Exists(link => link.Name == name)).ToList())
        {
            if (_upOf[name] == 1)
            {
                sink(unixMs, HistoryEventKind.LinkDown, name, $"{name} is gone.");
            }

            _upOf.Remove(name);
        }
    }

    private sealed record Disk(string Mount, int Used, int Free);
}
