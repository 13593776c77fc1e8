using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
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
    /// <summary>Characters of a host and a collector together.</summary>
    private const int LongestSource = 40;

    /// <summary>Less than one object an operation is what other threads allocated meanwhile.</summary>
    private const int SmallestObjectBytes = 24;

    private static int Main(string[] args)
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
            .AddColumn(TargetMethodColumn.Method, StatisticColumn.Mean, StatisticColumn.StdDev)
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(LongestSource))
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
                if (bytes >= SmallestObjectBytes && method != nameof(FrameBenchmarks.Encode))
                {
                    Console.Error.WriteLine($"{report.BenchmarkCase.DisplayInfo}: {bytes} bytes, must be none");
                    code = 1;
                }
            }
        }

        return code;
    }
}
