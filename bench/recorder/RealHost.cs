using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostscope.Recorder.Bench;

/// <summary>This machine, sampled with every collector at one tick a second, in front of a recorder.</summary>
internal static class RealHost
{
    /// <summary>Records some seconds into a portable file.</summary>
    public static async Task RecordAsync(int seconds, string file)
    {
        var directory = Directory.CreateTempSubdirectory("hostscope-bench").FullName;
        await RunAsync(seconds, directory);
        using var recorder = Open(directory);
        recorder.Start();
        await UntilRecordingAsync(recorder);
        var stream = File.Create(file);
        await using (stream.ConfigureAwait(false))
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var query = new ExportQuery(now - (seconds * 2000L), now, ExportFormat.Hscope);
            var answer = await recorder.History.ExportAsync(query, stream, CancellationToken.None);
            Console.WriteLine(answer.Problem?.Message ?? $"{answer.Value!.Ticks} ticks, {answer.Value.Bytes} bytes");
        }

        await recorder.StopAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Records some seconds into a store.</summary>
    public static async Task RunAsync(int seconds, string directory)
    {
        using var recorder = Open(directory);
        recorder.Start();
        using var context = new CollectorContext(new HostRoots(), new FrameBuilder(), TimeProvider.System);
        var collectors = Registry.Create(context);
        using var processes = new ProcessCollector(context, new ProcessOptions());
        using var cgroups = new CgroupCollector(context);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var sequence = 1L; sequence <= seconds; sequence++)
        {
            Tick(context.Builder, collectors, processes, cgroups, recorder, sequence);
            await timer.WaitForNextTickAsync();
        }

        await recorder.StopAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        var status = await recorder.History.StatusAsync(CancellationToken.None);
        Console.WriteLine($"{status.TicksRecorded} ticks recorded, {status.TicksLost} lost");
    }

    private static void Tick(
        FrameBuilder builder,
        IReadOnlyList<ICollector> collectors,
        ProcessCollector processes,
        CgroupCollector cgroups,
        HostRecorder recorder,
        long sequence)
    {
        var clock = TimeProvider.System;
        var unixMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var monotonicNs = clock.GetTimestamp() * (1_000_000_000 / clock.TimestampFrequency);
        builder.Begin();
        foreach (var collector in collectors)
        {
            collector.Collect();
        }

        processes.Collect();
        cgroups.Collect();
        var frame = builder.Build(sequence, unixMs, monotonicNs);
        (processes.Table.Sequence, cgroups.Table.Sequence) = (sequence, sequence);
        recorder.OnProcesses(processes.Table);
        recorder.OnCgroups(cgroups.Table);
        recorder.OnFrame(frame);
    }

    private static HostRecorder Open(string directory) => new(
        new RecorderOptions { Directory = directory, BudgetBytes = 2L << 30, FreeFloorBytes = 0 },
        HostFacts.Read(new HostRoots()), TimeProvider.System, NullLogger<HostRecorder>.Instance);

    private static async Task UntilRecordingAsync(HostRecorder recorder)
    {
        while ((await recorder.History.StatusAsync(CancellationToken.None)).State == RecordingState.Starting)
        {
            await Task.Yield();
        }
    }
}
