using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Bench;

/// <summary>Bytes by kind, CPU of a tick, time of a fold.</summary>
internal static class Sizes
{
    public static void Measure(List<RecordedTick> ticks)
    {
        var directory = Directory.CreateTempSubdirectory("hostscope-bench").FullName;
        var disk = new StoreDisk(directory);
        using var store = new TickStore(disk, new RecorderOptions
        {
            Directory = directory,
            BudgetBytes = 2L << 30,
            FreeFloorBytes = 0,
        });
        var replay = new Replay(ticks, store, 1_764_000_000_000);
        var plain = new List<double>();
        var folds = new List<double>();
        var clock = TimeProvider.System;
        var cpu = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < ticks.Count; i++)
        {
            var blocks = store.View.Files[0].Sum(file => file.Blocks.Length);
            var started = clock.GetTimestamp();
            replay.Tick();
            var took = clock.GetElapsedTime(started).TotalMilliseconds;
            (store.View.Files[0].Sum(file => file.Blocks.Length) > blocks ? folds : plain).Add(took);
        }

        cpu = Environment.CpuUsage.TotalTime - cpu;
        store.Close();
        Print(ticks, store, disk);
        Console.WriteLine($"CPU a tick, folds included        {cpu.TotalMicroseconds / ticks.Count,10:0} us");
        Console.WriteLine($"a tick on the disk: median, p99   {At(plain, .5),10:0.00} ms {At(plain, .99):0.00} ms");
        Console.WriteLine($"a tick with a fold: median, worst {At(folds, .5),10:0.0} ms {At(folds, 1):0.0} ms");
        store.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    public static double At(List<double> values, double quantile)
    {
        values.Sort();
        return values.Count == 0 ? double.NaN : values[(int)Math.Min(values.Count - 1, quantile * values.Count)];
    }

    /// <summary>Processes a tick whose row is not what it was, those that are new included.</summary>
    private static double Changed(List<RecordedTick> ticks, out double born)
    {
        double changed = 0, births = 0;
        var before = new Dictionary<ProcessInfo, ProcessSample>();
        foreach (var tick in ticks.Where(tick => tick.Processes is not null))
        {
            var now = new Dictionary<ProcessInfo, ProcessSample>();
            foreach (var row in tick.Processes!.Rows)
            {
                now[row.Info] = row;
                changed += before.TryGetValue(row.Info, out var old) && old.Equals(row) ? 0 : 1;
                births += before.ContainsKey(row.Info) ? 0 : 1;
            }

            before = now;
        }

        born = births / ticks.Count;
        return changed / ticks.Count;
    }

    private static void Print(List<RecordedTick> ticks, TickStore store, StoreDisk disk)
    {
        long numeric = 0, processes = 0, cgroups = 0, clock = 0, blobs = 0;
        foreach (var file in store.View.Files[0])
        {
            foreach (var header in file.Blocks)
            {
                blobs += header.Bytes;
                foreach (var (key, blob) in ((StoredBlock)store.Readers.Block(file, header)).Sealed())
                {
                    switch ((int)(key & 1023))
                    {
                        case BlockKey.ProcessPart: processes += blob.Length; break;
                        case BlockKey.CgroupPart: cgroups += blob.Length; break;
                        case BlockKey.ClockPart: clock += blob.Length; break;
                        default: numeric += blob.Length; break;
                    }
                }
            }
        }

        var samples = ticks.Sum(tick => (double)tick.Frame.Schema.Count);
        var rows = ticks.Sum(tick => (double)(tick.Processes?.Count ?? 0));
        var groups = ticks.Sum(tick => (double)(tick.Cgroups?.Count ?? 0));
        var files = disk.List().Where(file => file.Name.StartsWith("s1-", StringComparison.Ordinal))
            .Sum(file => file.Bytes);
        Console.WriteLine($"ticks                             {ticks.Count,10}");
        Console.WriteLine($"series, processes, cgroups        {samples / ticks.Count,10:0} {rows / ticks.Count:0} "
            + $"{groups / ticks.Count:0}");
        Console.WriteLine($"bytes a sample                    {numeric / samples,10:0.000}");
        Console.WriteLine($"bytes a process-second            {processes / rows,10:0.000}");
        var changed = Changed(ticks, out var born);
        Console.WriteLine($"processes changed, born a tick    {changed,10:0.0} {born:0.0}");
        Console.WriteLine($"bytes a changed process           {processes / changed / ticks.Count,10:0.0}");
        Console.WriteLine($"bytes a cgroup-second             {cgroups / groups,10:0.000}");
        Console.WriteLine($"bytes of times a tick             {(double)clock / ticks.Count,10:0.000}");
        Console.WriteLine($"seconds, MB a day, blobs          {blobs * 86_400.0 / ticks.Count / 1e6,10:0.0}");
        Console.WriteLine($"seconds, MB a day, files          {files * 86_400.0 / ticks.Count / 1e6,10:0.0}");
        Console.WriteLine($"SQLite's share                    {(100.0 * files / blobs) - 100,10:0.0} %");
    }
}
