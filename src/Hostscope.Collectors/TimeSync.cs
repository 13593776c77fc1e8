using System.Runtime.InteropServices;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Whether the clock is kept right, and how far off it is, from adjtimex(2).</summary>
internal sealed class TimeSync : ICollector
{
    private const int Unsynchronized = 0x40;
    private const int NanosecondOffset = 0x2000;

    /// <summary>What the kernel's frequency counts: parts per million in 16 bits behind the point.</summary>
    private const double PartsPerBillion = 1000.0 / (1 << 16);

    private static readonly CollectResult NotOurs = CollectResult.Unavailable(
        "The clock of another machine or container cannot be asked from here.");

    private static readonly CollectResult Refused = CollectResult.Unavailable(
        "The state of the clock may not be asked here (adjtimex is refused).",
        "In a container, allow the system call adjtimex in its seccomp profile.");

    private readonly CollectorContext _context;
    private readonly byte[] _answer = new byte[HostFiles.TimexBytes];
    private readonly SeriesCell _synchronized;
    private readonly SeriesCell _offset;
    private readonly SeriesCell _maximum;
    private readonly SeriesCell _estimated;
    private readonly SeriesCell _frequency;
    private readonly SeriesCell _status;
    private readonly SeriesCell _timeConstant;
    private readonly SeriesCell _tick;
    private readonly SeriesCell _tai;

    public TimeSync(CollectorContext context)
    {
        _context = context;
        _synchronized = context.Builder.Define(Metrics.TimeSynchronized);
        _offset = context.Builder.Define(Metrics.TimeOffset);
        _maximum = context.Builder.Define(Metrics.TimeError, "maximum");
        _estimated = context.Builder.Define(Metrics.TimeError, "estimated");
        _frequency = context.Builder.Define(Metrics.TimeFrequency);
        _status = context.Builder.Define(Metrics.TimeKernel, "status");
        _timeConstant = context.Builder.Define(Metrics.TimeKernel, "loop_time_constant");
        _tick = context.Builder.Define(Metrics.TimeKernel, "tick");
        _tai = context.Builder.Define(Metrics.TimeKernel, "tai");
    }

    /// <inheritdoc/>
    public string Name => "timesync";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        // struct timex is another one on a 32-bit machine, and differs among them.
        if (!_context.Roots.IsOwnMachine || !Environment.Is64BitProcess)
        {
            return NotOurs;
        }

        _answer.AsSpan().Clear();
        if (_context.Files.AdjustClock(_answer) < 0)
        {
            return Refused;
        }

        var state = Parse(_answer);
        _synchronized.Set(state.IsSynchronized ? 1 : 0);
        _offset.Set(state.OffsetNs);
        _maximum.Set(state.MaximumErrorUs);
        _estimated.Set(state.EstimatedErrorUs);
        _frequency.Set(state.FrequencyPpb);
        _status.Set(Proc.Fields.Times(state.Status, Metrics.TimeKernel.Scale));
        _timeConstant.Set(Proc.Fields.Times(state.TimeConstant, Metrics.TimeKernel.Scale));
        _tick.Set(Proc.Fields.Times(state.TickUs, Metrics.TimeKernel.Scale / 1_000_000));
        _tai.Set(Proc.Fields.Times(state.TaiSeconds, Metrics.TimeKernel.Scale));
        return CollectResult.Ok;
    }

    /// <summary>Reads struct timex as 64-bit kernels lay it out (include/uapi/linux/timex.h).</summary>
    /// <remarks>
    /// Offsets in bytes: modes 0, offset 8, freq 16, maxerror 24, esterror 32, status 40, constant 48, tick 88, tai
    /// 160; the rest is not read. The offset is in nanoseconds when STA_NANO is set in the status, else in
    /// microseconds. Host byte order.
    /// </remarks>
    internal static ClockState Parse(ReadOnlySpan<byte> timex)
    {
        var status = MemoryMarshal.Read<int>(timex[40..]);
        var offset = MemoryMarshal.Read<long>(timex[8..]);
        return new ClockState(
            (status & Unsynchronized) == 0,
            (status & NanosecondOffset) != 0 ? offset : Proc.Fields.Times(offset, 1000),
            (long)(MemoryMarshal.Read<long>(timex[16..]) * PartsPerBillion),
            MemoryMarshal.Read<long>(timex[24..]),
            MemoryMarshal.Read<long>(timex[32..]),
            status,
            MemoryMarshal.Read<long>(timex[48..]),
            MemoryMarshal.Read<long>(timex[88..]),
            MemoryMarshal.Read<int>(timex[160..]));
    }

    /// <summary>State of the clock.</summary>
    /// <param name="IsSynchronized">Whether something keeps it right.</param>
    /// <param name="OffsetNs">Correction still going on, nanoseconds.</param>
    /// <param name="FrequencyPpb">By how much it is made to run faster, parts per billion.</param>
    /// <param name="MaximumErrorUs">Largest error it can have, microseconds.</param>
    /// <param name="EstimatedErrorUs">Error it is thought to have, microseconds.</param>
    /// <param name="Status">The bits of the status.</param>
    /// <param name="TimeConstant">How fast the daemon's loop follows: a power of two.</param>
    /// <param name="TickUs">Length of a tick of the clock, microseconds.</param>
    /// <param name="TaiSeconds">International atomic time minus UTC, seconds; 0 when nobody told.</param>
    internal readonly record struct ClockState(
        bool IsSynchronized,
        long OffsetNs,
        long FrequencyPpb,
        long MaximumErrorUs,
        long EstimatedErrorUs,
        long Status,
        long TimeConstant,
        long TickUs,
        long TaiSeconds);
}
