using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Past;

namespace Hostscope.Recorder.Bench;

/// <summary>A tick of a recording.</summary>
internal sealed record RecordedTick(Frame Frame, ProcessTable? Processes, CgroupTable? Cgroups);

/// <summary>Reads a portable file into memory.</summary>
internal static class Recording
{
    public static List<RecordedTick> Load(string path)
    {
        using var file = HscopeFile.Open(path);
        var index = new BlockIndex(file);
        var ticks = new List<RecordedTick>();
        foreach (var block in index.Headers(Tier.Second).Select(index.Open))
        {
            var frames = FrameReader.Of(block)!;
            var schema = new Schema(1, frames.Series);
            var processes = new Dictionary<int, ProcessTable>();
            var cgroups = new Dictionary<int, CgroupTable>();
            var rows = new TableLogReader<ProcessSample, ProcessShape>(
                block.Tables(BlockKey.ProcessPart) ?? [], frames.Times.All);
            while (rows.TryNext())
            {
                processes.Add(rows.Index, Tables.Make(rows.Head, rows.Rows));
            }

            var groups = new TableLogReader<CgroupSample, CgroupShape>(
                block.Tables(BlockKey.CgroupPart) ?? [], frames.Times.All);
            while (groups.TryNext())
            {
                cgroups.Add(groups.Index, Tables.Make(groups.Head, groups.Rows));
            }

            for (var i = 0; i < frames.Times.Count; i++)
            {
                ticks.Add(new RecordedTick(
                    frames.FrameAt(i, schema), processes.GetValueOrDefault(i), cgroups.GetValueOrDefault(i)));
            }
        }

        ShareFacts(ticks);
        return ticks;
    }

    /// <summary>Facts that are equal become one object, as the collector has them.</summary>
    private static void ShareFacts(List<RecordedTick> ticks)
    {
        var known = new Dictionary<ProcessInfo, ProcessInfo>();
        foreach (var tick in ticks.Where(tick => tick.Processes is not null))
        {
            var table = new ProcessTable();
            table.CopyFrom(tick.Processes!);
            tick.Processes!.Clear();
            foreach (var row in table.Rows)
            {
                if (!known.TryGetValue(row.Info, out var info))
                {
                    known.Add(info = row.Info, info);
                }

                tick.Processes.Add() = row with { Info = info };
            }
        }
    }
}
