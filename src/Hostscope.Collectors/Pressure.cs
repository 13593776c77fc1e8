using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Pressure stall information: how long tasks waited for CPU, memory, I/O and interrupts, from /proc/pressure. The
/// totals are taken, not the averages: their rate is the share of exactly the time between two ticks.
/// </summary>
internal sealed class Pressure : ICollector
{
    /// <summary>EOPNOTSUPP: what kernels answer whose stall information is built in and switched off.</summary>
    private const int OperationNotSupported = 95;

    private static readonly CollectResult NotThere = CollectResult.Unavailable(
        "This kernel was built without pressure stall information, or it is switched off (there is no /proc/pressure).",
        "Boot with psi=1 on the kernel's command line; the kernel must be Linux 4.20 or newer, with CONFIG_PSI.");

    private static readonly CollectResult SwitchedOff = CollectResult.Unavailable(
        "Pressure stall information is switched off in this kernel.", "Boot with psi=1 on the kernel's command line.");

    private readonly CollectorContext _context;
    private readonly Resource[] _resources;

    public Pressure(CollectorContext context)
    {
        _context = context;

        // "full" of the CPU is undefined for the machine as a whole: some task always runs. The kernel prints 0 there.
        _resources =
        [
            new(context, "cpu", hasFull: false),
            new(context, "memory", hasFull: true),
            new(context, "io", hasFull: true),
            new(context, "irq", hasFull: true),
        ];
    }

    /// <inheritdoc/>
    public string Name => "pressure";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var found = 0;
        var worst = CollectResult.Ok;
        foreach (var resource in _resources)
        {
            var read = resource.File.Read(_context.Buffer);
            if (read.Status == ReadStatus.Missing)
            {
                // irq exists since Linux 6.1 and only where the time of interrupts is accounted.
                continue;
            }

            found++;
            if (read is { Status: ReadStatus.IoError, Error: OperationNotSupported })
            {
                worst = SwitchedOff;
                continue;
            }

            var result = read.IsOk ? Take(resource) : resource.File.Failure(read);
            worst = result.Status == CollectStatus.Ok ? worst : result;
        }

        return found == 0 ? NotThere : worst;
    }

    /// <summary>Reads a file of stall information, of the machine or of a cgroup.</summary>
    /// <remarks>
    /// Documentation/accounting/psi.rst. Averages are per cent, the total is microseconds. The CPU's file has no line
    /// "full" before Linux 5.13; that of irq has no line "some":
    /// <code>
    /// some avg10=30.53 avg60=9.99 avg300=4.62 total=32759003
    /// full avg10=0.00 avg60=0.00 avg300=0.00 total=0
    /// </code>
    /// </remarks>
    /// <param name="text">The file.</param>
    /// <param name="some">Time in which some task waited, microseconds; absent without its line.</param>
    /// <param name="full">Time in which all tasks waited, microseconds; absent without its line.</param>
    /// <returns>Number of the first malformed line, from 1, or 0.</returns>
    internal static int Parse(ReadOnlySpan<byte> text, out long some, out long full)
    {
        some = full = Frame.Absent;
        var badLine = text.IsEmpty ? 1 : 0;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var understood = lines switch
            {
                _ when lines.IsCut => false,
                _ when line.StartsWith("some "u8) => Total(line, out some),
                _ when line.StartsWith("full "u8) => Total(line, out full),
                _ => true,
            };
            if (!understood && badLine == 0)
            {
                badLine = lines.Number;
            }
        }

        return badLine;
    }

    private static bool Total(ReadOnlySpan<byte> line, out long total)
    {
        total = Frame.Absent;
        var words = new Words(line);
        while (words.Next(out var word))
        {
            if (word.StartsWith("total="u8))
            {
                return Fields.TryRaw(word["total=".Length..], out total);
            }
        }

        return false;
    }

    private CollectResult Take(Resource resource)
    {
        var badLine = Parse(_context.Buffer.Content, out var some, out var full);
        resource.Some.Set(some);
        resource.Full?.Set(full);
        return resource.File.Understood(badLine);
    }

    private sealed class Resource(CollectorContext context, string name, bool hasFull)
    {
        public ProcFile File { get; } = context.OpenProc($"pressure/{name}", ReadShape.Whole);

        public SeriesCell Some { get; } = context.Builder.Define(Metrics.PressureStallTime, name, "some");

        public SeriesCell? Full { get; } =
            hasFull ? context.Builder.Define(Metrics.PressureStallTime, name, "full") : null;
    }
}
