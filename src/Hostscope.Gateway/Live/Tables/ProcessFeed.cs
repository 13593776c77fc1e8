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
    private readonly TableRows<Row> _rows = new();
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
        var previous = _hasTable && TableRows<Row>.IsNext(
            (_previous.Sequence, _previous.IntervalTicks), (_table.Sequence, _table.IntervalTicks)) ? _previous : null;
        Derive(previous, previous is null ? null : _frame, frame);
        _frame.CopyFrom(frame);
        _hasTable = true;
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
        _rows.WriteAll(Begin(full: true), withDetails);
        return _writer.End();
    }

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
        _rows.Advance();
        var rows = _table.Rows;
        var now = _rows.Now;
        for (var i = 0; i < rows.Length; i++)
        {
            now.Add(new Row(rows[i], _rates[i]));
        }

        if (now.Count > MaxRows)
        {
            now.Sort(static (a, b) => Size(b).CompareTo(Size(a)));
            now.RemoveRange(MaxRows, now.Count - MaxRows);
            now.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        }
    }

    private static (double Cpu, long Memory) Size(in Row row) =>
        (double.IsNaN(row.Cpu) ? 0 : row.Cpu, row.MemoryBytes);

    private Message WriteChanges(bool withDetails)
    {
        _rows.WriteChanges(Begin(full: false), withDetails);
        return _writer.End();
    }

    private Utf8JsonWriter Begin(bool full)
    {
        var json = _writer.Begin("processes"u8, _table.Sequence, _table.UnixMs, full);
        json.WriteNumber("total"u8, _table.Count);
        if (_rows.Now.Count < _table.Count)
        {
            json.WriteNumber("sent"u8, _rows.Now.Count);
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

    /// <summary>A process as it is written.</summary>
    private readonly struct Row(in ProcessSample sample, in ProcessRates rates) : ITableRow<Row>
    {
        public readonly double Cpu = Math.Round(rates.Cpu, CpuDecimals);
        public readonly long MemoryBytes = sample.RssBytes;
        private readonly ProcessInfo _info = sample.Info;
        private readonly char _state = sample.State;
        private readonly double _read = Math.Round(rates.ReadBytes);
        private readonly double _write = Math.Round(rates.WriteBytes);
        private readonly int _threads = sample.Threads;
        private readonly int _nice = sample.Nice;
        private readonly int _priority = sample.Priority;

        public int Key => _info.Pid;

        public bool HasInfoOf(in Row before) => ReferenceEquals(_info, before._info);

        public bool LooksLike(in Row before) =>
            Key == before.Key && _info.StartTicks == before._info.StartTicks && _state == before._state
            && Cpu.Equals(before.Cpu) && MemoryBytes == before.MemoryBytes && _read.Equals(before._read)
            && _write.Equals(before._write) && _threads == before._threads && _nice == before._nice
            && _priority == before._priority;

        public void WriteInfo(Utf8JsonWriter json, bool withDetails)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Key);
            json.WriteNumberValue(_info.StartTicks);
            json.WriteNumberValue(_info.ParentPid);
            json.WriteStringValue(_info.Name);
            json.WriteStringValue(withDetails ? _info.Arguments : null);
            json.WriteStringValue(withDetails ? _info.User : null);
            json.WriteStringValue(_info.Cgroup);
            json.WriteBooleanValue(_info.IsKernelThread);
            json.WriteEndArray();
        }

        public void WriteValues(Utf8JsonWriter json)
        {
            Span<char> state = [_state];
            json.WriteStartArray();
            json.WriteNumberValue(Key);
            json.WriteStringValue(state);
            WireNumber.Write(json, Cpu);
            TableWriter.Write(json, MemoryBytes);
            WireNumber.Write(json, _read);
            WireNumber.Write(json, _write);
            json.WriteNumberValue(_threads);
            json.WriteNumberValue(_nice);
            json.WriteNumberValue(_priority);
            json.WriteEndArray();
        }
    }
}
