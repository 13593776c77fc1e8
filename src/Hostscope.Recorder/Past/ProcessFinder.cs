using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>
/// Searches the process logs, newest block first. Only facts that are new are compared, so a block of 300 tables costs
/// little more than being read: about a millisecond.
/// </summary>
internal sealed class ProcessFinder(BlockIndex index, ProcessQuery query, TimeProvider clock)
{
    /// <summary>A search ends here, with what it found so far: a day of seconds takes half of it.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(int Pid, long Start), ProcessSighting> _found = [];

    /// <summary>Searches.</summary>
    public ProcessSearch Run(CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        var searchedFrom = query.ToMs;
        foreach (var header in Blocks())
        {
            cancellation.ThrowIfCancellationRequested();
            if (_found.Count >= query.Limit || clock.GetElapsedTime(started) > MaxTime)
            {
                return Result(searchedFrom);
            }

            Search(index.Open(header));
            searchedFrom = Math.Clamp(header.MinUnixMs, query.FromMs, searchedFrom);
        }

        return Result(query.FromMs);
    }

    /// <summary>Seconds, and minutes for what no seconds are kept of; newest first.</summary>
    private List<BlockHeader> Blocks()
    {
        var seconds = index.Headers(Tier.Second).Where(Overlaps).ToList();
        var sources = index.Headers(Tier.Second).Select(block => block.Number).ToHashSet();
        var minutes = index.Headers(Tier.Minute).Where(Overlaps).Where(block => !sources.Contains(block.LastSource));
        return [.. seconds.Concat(minutes).Where(block => block.HasProcesses).OrderByDescending(b => b.LastSource)];
    }

    private bool Overlaps(BlockHeader block) => block.MinUnixMs < query.ToMs && block.MaxUnixMs >= query.FromMs;

    private ProcessSearch Result(long searchedFrom) => new(
        [.. _found.Values.OrderByDescending(found => found.LastSeenMs).ThenBy(found => found.Info.Pid)
            .Take(query.Limit)],
        searchedFrom);

    private void Search(IBlock block)
    {
        if (block.Tables(BlockKey.ProcessPart) is not { } payload || Labels(block) is not { } times)
        {
            return;
        }

        var watch = new Watch(query);
        var reader = new TableLogReader<ProcessSample, ProcessShape>(payload, times, watch);
        while (reader.TryNext())
        {
            // The observer was told while the table was read; now the time of the table is known.
            var unixMs = times[reader.Index].UnixMs;
            watch.EndTable(unixMs, unixMs >= query.FromMs && unixMs < query.ToMs);
        }

        foreach (var sighting in watch.Sightings)
        {
            Merge(sighting);
        }
    }

    private static TickTime[]? Labels(IBlock block)
    {
        if (block.Header.Tier == Tier.Second)
        {
            return TickTimes.Of(block)?.All.ToArray();
        }

        return RollUpTimes.Of(block) is { } rows
            ? [.. Enumerable.Range(0, rows.Count).Select(i => new TickTime(0, rows.StartMs(i), 0))] : null;
    }

    private void Merge(ProcessSighting sighting)
    {
        var identity = (sighting.Info.Pid, sighting.Info.StartTicks);
        if (_found.TryGetValue(identity, out var known))
        {
            // Blocks come newest first, so the facts that are known are the newer ones.
            sighting = new ProcessSighting(
                known.Info,
                Math.Min(known.FirstSeenMs, sighting.FirstSeenMs),
                Math.Max(known.LastSeenMs, sighting.LastSeenMs));
        }

        _found[identity] = sighting;
    }

    /// <summary>Follows the processes that match through the tables of a block.</summary>
    private sealed class Watch(ProcessQuery query) : ITableObserver<ProcessSample>
    {
        private readonly Dictionary<(int Pid, long Start), (ProcessInfo Info, long First, long Last)> _seen = [];
        private readonly Dictionary<(int Pid, long Start), ProcessInfo> _alive = [];

        public IEnumerable<ProcessSighting> Sightings =>
            _seen.Values.Select(seen => new ProcessSighting(seen.Info, seen.First, seen.Last));

        public void Came(in ProcessSample row)
        {
            var info = row.Info;
            if (info.Name.Contains(query.Text, StringComparison.OrdinalIgnoreCase)
                || (query.InArguments
                    && (info.Arguments?.Contains(query.Text, StringComparison.OrdinalIgnoreCase) ?? false)))
            {
                _alive[(info.Pid, info.StartTicks)] = info;
            }
        }

        public void Gone(in ProcessSample row) => _alive.Remove((row.Info.Pid, row.Info.StartTicks));

        public void EndTable(long unixMs, bool isInRange)
        {
            foreach (var (identity, info) in isInRange ? _alive : [])
            {
                var first = _seen.TryGetValue(identity, out var seen) ? Math.Min(seen.First, unixMs) : unixMs;
                var last = Math.Max(seen.Last, unixMs);
                _seen[identity] = (info, first, seen.Info is null ? unixMs : last);
            }
        }
    }
}
