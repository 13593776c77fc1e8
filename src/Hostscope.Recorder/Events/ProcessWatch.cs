using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Events;

/// <summary>
/// Tells of processes of note: those that lived for a minute, used a second of CPU or moved 64 MiB. The many that do
/// none of it are in the process tables all the same.
/// </summary>
internal sealed class ProcessWatch : ITableObserver<ProcessSample>
{
    private const long NoteCpuMs = 1_000;
    private const long NoteBytes = 64L << 20;
    private const long NoteLifetimeMs = 60_000;
    private const int MsPerTick = 1000 / Metrics.UserHz;

    /// <summary>Events of one tick; the rest is counted in one more.</summary>
    private const int MaxPerTick = 50;

    /// <summary>Processes that are young at once: a fork bomb makes no more memory than this.</summary>
    private const int MaxYoung = 10_000;

    private readonly HashSet<(int Pid, long Start)> _young = [];
    private readonly List<ProcessSample> _gone = [];

    /// <summary>The processes that went with the last tick, as they were last seen.</summary>
    public IReadOnlyList<ProcessSample> Gone => _gone;

    /// <summary>Starts the look at a tick.</summary>
    public void Begin() => _gone.Clear();

    void ITableObserver<ProcessSample>.Came(in ProcessSample row)
    {
        if (!row.Info.IsKernelThread && _young.Count < MaxYoung)
        {
            _young.Add((row.Info.Pid, row.Info.StartTicks));
        }
    }

    void ITableObserver<ProcessSample>.Gone(in ProcessSample row) => _gone.Add(row);

    /// <summary>Tells of the tick.</summary>
    /// <param name="table">Its processes.</param>
    /// <param name="uptimeTicks">Time since boot, 1/100 s; <see cref="Frame.Absent"/> when not known.</param>
    /// <param name="sink">Takes the events.</param>
    public void End(ProcessTable table, long uptimeTicks, EventSink sink)
    {
        var told = 0;
        foreach (var row in _gone)
        {
            _young.Remove((row.Info.Pid, row.Info.StartTicks));
            if (!row.Info.IsKernelThread && IsOfNote(row, uptimeTicks) && told++ < MaxPerTick)
            {
                TellExit(row, table.UnixMs, uptimeTicks, sink);
            }
        }

        foreach (ref readonly var row in _young.Count > 0 ? table.Rows : [])
        {
            if (_young.Contains((row.Info.Pid, row.Info.StartTicks)) && IsOfNote(row, uptimeTicks))
            {
                _young.Remove((row.Info.Pid, row.Info.StartTicks));
                if (told++ < MaxPerTick)
                {
                    TellStart(row, table.UnixMs, uptimeTicks, sink);
                }
            }
        }

        if (told > MaxPerTick)
        {
            sink(
                table.UnixMs, HistoryEventKind.ProcessExited, "",
                $"{told - MaxPerTick} more processes of note began or ended in this second.",
                new HistoryFact("processes", told - MaxPerTick));
        }
    }

    private static bool IsOfNote(in ProcessSample row, long uptimeTicks) => CpuMs(row) >= NoteCpuMs
        || Known(row.ReadBytes) + Known(row.WriteBytes) >= NoteBytes || LifetimeMs(row, uptimeTicks) >= NoteLifetimeMs;

    private static void TellExit(in ProcessSample row, long unixMs, long uptimeTicks, EventSink sink)
    {
        var lifetimeMs = LifetimeMs(row, uptimeTicks);
        var moved = Known(row.ReadBytes) + Known(row.WriteBytes);
        sink(
            unixMs, HistoryEventKind.ProcessExited, Subject(row),
            $"{row.Info.Name} ({row.Info.Pid}) ended after {Words.Time(lifetimeMs)}: {Words.Time(CpuMs(row))} of CPU, "
            + $"{Words.Bytes(moved)} read and written.",
            new HistoryFact("pid", row.Info.Pid), new HistoryFact("startTicks", row.Info.StartTicks),
            new HistoryFact("cpuMs", CpuMs(row)), new HistoryFact("readBytes", Known(row.ReadBytes)),
            new HistoryFact("writeBytes", Known(row.WriteBytes)), new HistoryFact("lifetimeMs", lifetimeMs));
    }

    private static void TellStart(in ProcessSample row, long unixMs, long uptimeTicks, EventSink sink) => sink(
        unixMs - LifetimeMs(row, uptimeTicks), HistoryEventKind.ProcessStarted, Subject(row),
        $"{row.Info.Name} ({row.Info.Pid}) began.",
        new HistoryFact("pid", row.Info.Pid), new HistoryFact("startTicks", row.Info.StartTicks));

    private static string Subject(in ProcessSample row) => row.Info.Name;

    private static long CpuMs(in ProcessSample row) => (Known(row.UserTicks) + Known(row.SystemTicks)) * MsPerTick;

    private static long LifetimeMs(in ProcessSample row, long uptimeTicks) =>
        uptimeTicks == Frame.Absent ? 0 : Math.Max(0, uptimeTicks - row.Info.StartTicks) * MsPerTick;

    private static long Known(long value) => value == Frame.Absent ? 0 : value;
}
