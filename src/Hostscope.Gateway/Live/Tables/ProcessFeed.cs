using System.Text.Json;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>
/// Turns process tables into the messages <c>processes</c> of docs/WIRE.md. Belongs to one encoder. It remembers the
/// rows as they were last written, so that what is sent is what has changed for a reader, not for the kernel.
/// </summary>
internal sealed class ProcessFeed
{
    /// <summary>
    /// Rows that are sent at most, the largest by CPU, then by memory: 1,000 changed rows are 50 KB a second, and no
    /// person reads further.
    /// </summary>
    public const int MaxRows = 1000;

    /// <summary>
    /// CPU in thousandths: finer than the kernel's tick of 0.01 s, coarser than the jitter of a second.
    /// </summary>
    private const int CpuDecimals = 3;

    private readonly TableWriter _writer;
    private readonly Frame _frame = new();
    private List<Row> _before = [];
    private List<Row> _now = [];
    private ProcessTable _table = new();
    private ProcessTable _previous = new();
    private ProcessRates[] _rates = [];
    private bool _hasTable;
    private long _number;
    private double _unattributed;
    private long _shortLived;

    public ProcessFeed(TableWriter writer) => _writer = writer;

    /// <summary>Takes the table of a tick, with the frame of the same tick.</summary>
    /// <param name="table">Exchanged for a spare one, so that it is not copied a second time.</param>
    /// <param name="frame">The frame.</param>
    public ProcessUpdates Take(ref ProcessTable table, Frame frame)
    {
        (_previous, _table, table) = (_table, table, _previous);
        var previous = _hasTable && IsNextOf(_previous, _table) ? _previous : null;
        Derive(previous, previous is null ? null : _frame, frame);
        _frame.CopyFrom(frame);
        _hasTable = true;
        (_before, _now) = (_now, _before);
        Collect();
        _number++;
        return new ProcessUpdates(_number, WriteChanges);
    }

    /// <summary>
    /// The message with every row of a table of the past, as a viewer who came at that tick would have got it.
    /// </summary>
    /// <param name="previous">The table before it; <c>null</c> when there is none: no rates.</param>
    /// <param name="table">The table.</param>
    /// <param name="previousFrame">The frame of the table before; <c>null</c> when it is not known.</param>
    /// <param name="frame">The frame of the table; <c>null</c> when it is not known.</param>
    /// <param name="withDetails">Whether with arguments and users.</param>
    public Message Snapshot(
        ProcessTable? previous, ProcessTable table, Frame? previousFrame, Frame? frame, bool withDetails)
    {
        _table = table;
        Derive(previous, previousFrame, frame);
        Collect();
        return Snapshot(withDetails);
    }

    /// <summary>The message with every row of the table taken last.</summary>
    /// <param name="withDetails">Whether with arguments and users.</param>
    public Message Snapshot(bool withDetails)
    {
        var json = Begin(full: true);
        json.WriteStartArray("info"u8);
        _now.ForEach(row => WriteInfo(json, row.Info, withDetails));
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        _now.ForEach(row => WriteRow(json, row));
        json.WriteEndArray();
        return _writer.End();
    }

    /// <summary>
    /// Whether a table follows another closely enough for rates between the two to be about now: not after a time in
    /// which nobody watched and nothing was scanned.
    /// </summary>
    private static bool IsNextOf(ProcessTable previous, ProcessTable current) =>
        current.Sequence > previous.Sequence
        && current.Sequence - previous.Sequence <= 2L * Math.Max(previous.IntervalTicks, current.IntervalTicks);

    private void Derive(ProcessTable? previous, Frame? earlier, Frame? frame)
    {
        if (_rates.Length < _table.Count)
        {
            _rates = new ProcessRates[_table.Count + (_table.Count / 4)];
        }

        DeriveProcesses.Rates(previous, _table, _rates);
        _unattributed = frame is null ? double.NaN
            : DeriveProcesses.Unattributed(earlier, frame, _rates.AsSpan(0, _table.Count));
        _shortLived = frame is null ? Frame.Absent
            : DeriveProcesses.ShortLived(earlier, frame, previous, _table);
    }

    private void Collect()
    {
        _now.Clear();
        var rows = _table.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            _now.Add(new Row(rows[i], _rates[i]));
        }

        if (_now.Count > MaxRows)
        {
            _now.Sort(static (a, b) => Size(b).CompareTo(Size(a)));
            _now.RemoveRange(MaxRows, _now.Count - MaxRows);
            _now.Sort(static (a, b) => a.Info.Pid.CompareTo(b.Info.Pid));
        }
    }

    private static (double Cpu, long Memory) Size(in Row row) =>
        (double.IsNaN(row.Cpu) ? 0 : row.Cpu, row.MemoryBytes);

    private Message WriteChanges(bool withDetails)
    {
        var json = Begin(full: false);
        json.WriteStartArray("info"u8);
        Walk((before, now) =>
        {
            if (now is { } row && !ReferenceEquals(before?.Info, row.Info))
            {
                WriteInfo(json, row.Info, withDetails);
            }
        });
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        Walk((before, now) =>
        {
            if (now is null)
            {
                json.WriteNumberValue(before!.Value.Info.Pid);
            }
        });
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        Walk((before, now) =>
        {
            if (now is { } row && !(before is { } old && row.LooksLike(old)))
            {
                WriteRow(json, row);
            }
        });
        json.WriteEndArray();
        return _writer.End();
    }

    /// <summary>Both lists side by side; they are in the order of process ids.</summary>
    private void Walk(Action<Row?, Row?> visit)
    {
        int before = 0, now = 0;
        while (before < _before.Count || now < _now.Count)
        {
            var order = before == _before.Count ? 1
                : now == _now.Count ? -1
                : _before[before].Info.Pid.CompareTo(_now[now].Info.Pid);
            visit(order <= 0 ? _before[before++] : null, order >= 0 ? _now[now++] : null);
        }
    }

    private Utf8JsonWriter Begin(bool full)
    {
        var json = _writer.Begin("processes"u8, _table.Sequence, _table.UnixMs, full);
        json.WriteNumber("total"u8, _table.Count);
        if (_now.Count < _table.Count)
        {
            json.WriteNumber("sent"u8, _now.Count);
        }

        var running = 0;
        foreach (ref readonly var row in _table.Rows)
        {
            running += row.State == 'R' ? 1 : 0;
        }

        json.WriteNumber("running"u8, running);
        json.WritePropertyName("hidden"u8);
        TableWriter.Write(json, _table.Hidden);
        json.WriteNumber("interval"u8, _table.IntervalTicks);
        json.WritePropertyName("shortLived"u8);
        TableWriter.Write(json, _shortLived);
        json.WritePropertyName("unattributed"u8);
        WireNumber.Write(json, Math.Round(_unattributed, CpuDecimals));
        return json;
    }

    private static void WriteInfo(Utf8JsonWriter json, ProcessInfo info, bool withDetails)
    {
        json.WriteStartArray();
        json.WriteNumberValue(info.Pid);
        json.WriteNumberValue(info.StartTicks);
        json.WriteNumberValue(info.ParentPid);
        json.WriteStringValue(info.Name);
        json.WriteStringValue(withDetails ? info.Arguments : null);
        json.WriteStringValue(withDetails ? info.User : null);
        json.WriteStringValue(info.Cgroup);
        json.WriteBooleanValue(info.IsKernelThread);
        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, in Row row)
    {
        Span<char> state = [row.State];
        json.WriteStartArray();
        json.WriteNumberValue(row.Info.Pid);
        json.WriteStringValue(state);
        WireNumber.Write(json, row.Cpu);
        TableWriter.Write(json, row.MemoryBytes);
        WireNumber.Write(json, row.Read);
        WireNumber.Write(json, row.Write);
        json.WriteNumberValue(row.Threads);
        json.WriteNumberValue(row.Nice);
        json.WriteNumberValue(row.Priority);
        json.WriteEndArray();
    }

    /// <summary>A process as it is written.</summary>
    private readonly struct Row(in ProcessSample sample, in ProcessRates rates)
    {
        public readonly ProcessInfo Info = sample.Info;
        public readonly char State = sample.State;
        public readonly double Cpu = Math.Round(rates.Cpu, CpuDecimals);
        public readonly long MemoryBytes = sample.RssBytes;
        public readonly double Read = Math.Round(rates.ReadBytes);
        public readonly double Write = Math.Round(rates.WriteBytes);
        public readonly int Threads = sample.Threads;
        public readonly int Nice = sample.Nice;
        public readonly int Priority = sample.Priority;

        /// <summary>Whether it is the same process and would be written alike. NaN equals NaN here.</summary>
        public bool LooksLike(in Row other) =>
            Info.Pid == other.Info.Pid && Info.StartTicks == other.Info.StartTicks && State == other.State
            && Cpu.Equals(other.Cpu) && MemoryBytes == other.MemoryBytes && Read.Equals(other.Read)
            && Write.Equals(other.Write) && Threads == other.Threads && Nice == other.Nice
            && Priority == other.Priority;
    }
}
