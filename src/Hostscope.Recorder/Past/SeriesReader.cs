using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>A bucket of a series, in the metric's unit.</summary>
internal struct Bucket
{
    public double Min { get; private set; }

    public double Max { get; private set; }

    public double Sum { get; private set; }

    /// <summary>Counters: seconds; gauges: values.</summary>
    public double Weight { get; private set; }

    public double Last { get; private set; }

    public int Count { get; private set; }

    public void Add(in Bucket other)
    {
        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Count == 0 ? other.Max : Math.Max(Max, other.Max);
        Sum += other.Sum;
        Weight += other.Weight;
        Last = other.Last;
        Count += other.Count;
    }

    /// <summary>The average; for a single value that value exactly.</summary>
    public readonly double Average(RollUp rollUp) => rollUp == RollUp.Last || Min == Max ? Last
        : Math.Clamp(Sum / Weight, Min, Max);

    public static Bucket Of(in WalkSample sample, MetricKind kind)
    {
        var weight = kind == MetricKind.Gauge ? 1 : sample.ElapsedNs / 1e9;
        return new Bucket
        {
            Min = sample.Derived,
            Max = sample.Derived,
            Sum = sample.Derived * weight,
            Weight = weight,
            Last = sample.Derived,
            Count = 1,
        };
    }

    public static Bucket Of(in RollUpCell cell, Metric metric)
    {
        var isCounter = metric.Kind == MetricKind.Counter;
        var unit = isCounter ? (double)metric.Scale * RollUpColumns.RateUnit : metric.Scale;
        var sum = (double)cell.Sum / metric.Scale;
        var weight = isCounter ? cell.ElapsedNs / 1e9 : cell.Count;
        return new Bucket
        {
            Min = cell.Min / unit,
            Max = cell.Max / unit,
            Sum = sum,
            Weight = weight,
            Last = metric.RollUp == RollUp.Last ? cell.Last / unit : weight > 0 ? sum / weight : cell.Min / unit,
            Count = cell.Count,
        };
    }
}

/// <summary>Series over time. Seconds that no coarser block holds yet fill the end of coarser answers.</summary>
internal sealed class SeriesReader
{
    private readonly BlockIndex _index;
    private readonly BucketPlan _plan;
    private readonly KeyTable _keys;
    private readonly Bucket[][] _buckets;
    private readonly Series?[] _series;

    public SeriesReader(BlockIndex index, BucketPlan plan, IReadOnlyList<string> keys)
    {
        _index = index;
        _plan = plan;
        _keys = new KeyTable(keys);
        _buckets = [.. keys.Select(_ => new Bucket[plan.Buckets])];
        _series = new Series?[keys.Count];
        Ticks = new int[plan.Buckets];
    }

    /// <summary>Ticks recorded in each bucket.</summary>
    public int[] Ticks { get; }

    /// <summary>Times in which nothing was recorded for longer than a few intervals, oldest first.</summary>
    public List<HistoryGap> Gaps { get; } = [];

    /// <summary>Reads everything.</summary>
    public void Run(CancellationToken cancellation)
    {
        if (_plan.Tier >= Tier.Hour)
        {
            ReadRollUps(Tier.Hour, cancellation);
        }

        if (_plan.Tier >= Tier.Minute)
        {
            ReadRollUps(Tier.Minute, cancellation);
        }

        ReadSeconds(cancellation);
        Gaps.Sort((a, b) => a.FromMs.CompareTo(b.FromMs));
    }

    /// <summary>The column of a key.</summary>
    public SeriesColumn Column(int key, string name)
    {
        var count = _plan.Buckets;
        var column = new SeriesColumn
        {
            Key = name,
            Series = _series[key],
            Min = new double[count],
            Avg = new double[count],
            Max = new double[count],
            Count = new int[count],
        };
        var rollUp = _series[key]?.Metric.RollUp ?? RollUp.Average;
        for (var i = 0; i < count; i++)
        {
            ref readonly var bucket = ref _buckets[key][i];
            var isThere = bucket.Count > 0;
            column.Min[i] = isThere ? bucket.Min : Derive.Absent;
            column.Max[i] = isThere ? bucket.Max : Derive.Absent;
            column.Avg[i] = isThere ? bucket.Average(rollUp) : Derive.Absent;
            column.Count[i] = bucket.Count;
        }

        return column;
    }

    private void ReadRollUps(Tier tier, CancellationToken cancellation)
    {
        foreach (var block in _index.Overlapping(tier, _plan.FromMs, _plan.ToMs))
        {
            cancellation.ThrowIfCancellationRequested();
            if ((tier < _plan.Tier && _index.IsRolledUp(block.Header)) || RollUpTimes.Of(block) is not { } times)
            {
                continue;
            }

            for (var i = 0; i < times.Count; i++)
            {
                if (_plan.BucketOf(times.StartMs(i)) is >= 0 and var bucket)
                {
                    Ticks[bucket] += (int)times.Ticks(i);
                    AddGap(i > 0 ? times.StartMs(i - 1) : null, times.StartMs(i), BucketPlan.StepOf(tier));
                }
            }

            for (var key = 0; key < _keys.Count; key++)
            {
                AddCells(block, times, key);
            }
        }
    }

    private void AddCells(IBlock block, RollUpTimes times, int key)
    {
        if (_keys.Find(block, key) is not { } definition
            || times.Cells(block, definition.Group, definition.Id, definition.Series.Metric) is not { } cells)
        {
            return;
        }

        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i].Count > 0 && _plan.BucketOf(times.StartMs(i)) is >= 0 and var bucket)
            {
                _buckets[key][bucket].Add(Bucket.Of(cells[i], definition.Series.Metric));
                _series[key] = definition.Series;
            }
        }
    }

    private void ReadSeconds(CancellationToken cancellation)
    {
        var walks = new SeriesWalk?[_keys.Count];
        IBlock? before = null;
        TickTimes? timesBefore = null;
        foreach (var block in _index.Overlapping(Tier.Second, _plan.FromMs, _plan.ToMs))
        {
            cancellation.ThrowIfCancellationRequested();
            if ((_plan.Tier > Tier.Second && _index.IsRolledUp(block.Header)) || TickTimes.Of(block) is not { } times)
            {
                continue;
            }

            if (before is null || before.Header.Number != block.Header.Number - 1)
            {
                // Rates of the first tick need the last one of the block before, wherever that lies.
                before = _index.Before(block.Header);
                timesBefore = before is null ? null : TickTimes.Of(before);
                Array.Clear(walks);
            }

            CountTicks(block.Header, times, timesBefore);
            for (var key = 0; key < _keys.Count; key++)
            {
                AddSamples(block, times, before, timesBefore, key, ref walks[key]);
            }

            (before, timesBefore) = (block, times);
        }
    }

    private void CountTicks(BlockHeader header, TickTimes times, TickTimes? before)
    {
        var previous = before is { Count: > 0 } ? before[before.Count - 1].UnixMs : (long?)null;
        for (var i = 0; i < times.Count; i++)
        {
            if (_plan.BucketOf(times[i].UnixMs) is >= 0 and var bucket)
            {
                Ticks[bucket]++;
                AddGap(previous, times[i].UnixMs, header.IntervalMs);
            }

            previous = times[i].UnixMs;
        }
    }

    private void AddGap(long? fromMs, long toMs, long intervalMs)
    {
        if (fromMs is { } from && toMs - from > intervalMs * 5 / 2 && Gaps.Count < HistoryLimits.MaxEvents)
        {
            Gaps.Add(new HistoryGap(from, toMs));
        }
    }

    private void AddSamples(
        IBlock block, TickTimes times, IBlock? before, TickTimes? timesBefore, int key, ref SeriesWalk? walk)
    {
        if (_keys.Find(block, key) is not { } definition)
        {
            walk = null;
            return;
        }

        var metric = definition.Series.Metric;
        if (walk is null)
        {
            walk = new SeriesWalk(metric);
            if (before is not null && timesBefore is not null && _keys.Find(before, key) is { } earlier)
            {
                walk.Lead(before, timesBefore, earlier.Group, earlier.Id);
            }
        }

        if (!walk.Enter(block, times, definition.Group, definition.Id))
        {
            return;
        }

        for (var i = 0; i < times.Count; i++)
        {
            if (_plan.BucketOf(times[i].UnixMs) is >= 0 and var bucket && walk.At(i) is { HasValue: true } sample)
            {
                _buckets[key][bucket].Add(Bucket.Of(sample, metric.Kind));
                _series[key] = definition.Series;
            }
        }
    }
}
