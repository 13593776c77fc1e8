using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace Hostscope.Bench.Parsers;

/// <summary>
/// Time and allocated bytes of what a tick does, on recorded files, without system calls. Ends with 1 when something
/// allocates that must not: everything but the encoded message.
/// <code>
/// dotnet run -c Release --project bench/parsers -- --filter '*'
/// </code>
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
            .AddColumn(TargetMethodColumn.Method, StatisticColumn.Mean, StatisticColumn.StdDev)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithArtifactsPath("artifacts/bench/parsers");
        var code = 0;
        foreach (var summary in BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config))
        {
            foreach (var report in summary.Reports)
            {
                var method = report.BenchmarkCase.Descriptor.WorkloadMethod.Name;
                var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
                if (bytes != 0 && method != nameof(FrameBenchmarks.Encode))
                {
                    Console.Error.WriteLine($"{report.BenchmarkCase.DisplayInfo}: {bytes} bytes, must be none");
                    code = 1;
                }
            }
        }

        return code;
    }
}
