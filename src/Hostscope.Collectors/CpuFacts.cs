using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors;

/// <summary>Model and number of CPUs, from /proc/cpuinfo and, where that does not tell, the topology of /sys.</summary>
/// <param name="Model">Name of the model; <c>null</c> when not told.</param>
/// <param name="Sockets">Processor packages.</param>
/// <param name="Cores">Physical cores over all packages.</param>
/// <param name="Threads">Logical CPUs that are online.</param>
internal readonly record struct CpuFacts(string? Model, int? Sockets, int? Cores, int? Threads)
{
    /// <summary>Keys under which the architectures name the model: x86, MIPS, POWER, ARM.</summary>
    private static readonly string[] ModelKeys = ["model name", "cpu model", "cpu", "Processor"];

    /// <summary>Reads the facts.</summary>
    public static CpuFacts Read(HostFacts facts, HostRoots roots)
    {
        if (!facts.Content($"{roots.Proc}/cpuinfo", out var content))
        {
            return default;
        }

        var model = FindModel(content);
        var cpus = Parse(content);
        if (cpus.Count == 0)
        {
            return new CpuFacts(model, null, null, null);
        }

        if (!cpus.TrueForAll(cpu => cpu.Package is not null && cpu.Core is not null))
        {
            // ARM has no such lines.
            cpus = cpus.ConvertAll(cpu => FromTopology(facts, roots, cpu));
        }

        var isComplete = cpus.TrueForAll(cpu => cpu.Package is not null && cpu.Core is not null);
        return new CpuFacts(
            model,
            isComplete ? cpus.Select(cpu => cpu.Package).Distinct().Count() : null,
            isComplete ? cpus.Select(cpu => (cpu.Package, cpu.Core)).Distinct().Count() : null,
            cpus.Count);
    }

    /// <summary>Reads the CPUs of /proc/cpuinfo.</summary>
    /// <remarks>
    /// One paragraph for each CPU that is online; which lines it has depends on the architecture:
    /// <code>
    /// processor	: 0
    /// model name	: AMD EPYC
    /// physical id	: 0
    /// core id		: 0
    /// </code>
    /// </remarks>
    internal static List<LogicalCpu> Parse(ReadOnlySpan<byte> text)
    {
        var cpus = new List<LogicalCpu>();
        var ids = new HashSet<int>();
        var isKnown = true; // The kernel names each CPU once: a second paragraph of one tells of no other.
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            if (!Fields.KeyValue(line, out var key, out var value)
                || Fields.UInt64(value, out var number) != NumberStatus.Ok || number > int.MaxValue)
            {
                continue;
            }

            if (key.SequenceEqual("processor"u8))
            {
                isKnown = !ids.Add((int)number);
                if (!isKnown)
                {
                    cpus.Add(new LogicalCpu((int)number, null, null));
                }
            }
            else if (!isKnown && key.SequenceEqual("physical id"u8))
            {
                cpus[^1] = cpus[^1] with { Package = (int)number };
            }
            else if (!isKnown && key.SequenceEqual("core id"u8))
            {
                cpus[^1] = cpus[^1] with { Core = (int)number };
            }
        }

        return cpus;
    }

    private static string? FindModel(ReadOnlySpan<byte> text)
    {
        foreach (var key in ModelKeys)
        {
            if (Fields.FindKey(text, System.Text.Encoding.UTF8.GetBytes(key), out var value)
                && HostFacts.Clean(value) is { } model)
            {
                return model;
            }
        }

        return null;
    }

    private static LogicalCpu FromTopology(HostFacts facts, HostRoots roots, LogicalCpu cpu)
    {
        var folder = $"{roots.Sys}/devices/system/cpu/cpu{cpu.Id}/topology";
        return cpu with
        {
            Package = Number(facts.Text($"{folder}/physical_package_id")),
            Core = Number(facts.Text($"{folder}/core_id")),
        };
    }

    private static int? Number(string? text) => int.TryParse(text, out var number) ? number : null;

    /// <summary>A logical CPU and where it sits.</summary>
    /// <param name="Id">The kernel's id.</param>
    /// <param name="Package">Id of its package; <c>null</c> when not told.</param>
    /// <param name="Core">Id of its core, unique in the package; <c>null</c> when not told.</param>
    internal readonly record struct LogicalCpu(int Id, int? Package, int? Core);
}
