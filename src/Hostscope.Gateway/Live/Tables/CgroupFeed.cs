using System.Text.Json;
using Hostscope.Gateway.Live.Sending;
using Hostscope.Model;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>
/// Turns cgroup tables into the messages <c>cgroups</c> of docs/WIRE.md. Belongs to one encoder. Groups are named by
/// small numbers, given when a group is first seen, since a path is longer than the row itself.
/// </summary>
internal sealed class CgroupFeed
{
    private const int ShareDecimals = 3;

    private readonly TableWriter _writer;
    private readonly Dictionary<string, int> _ids = [];
    private readonly TableRows<Row> _rows = new();
    private CgroupTable _table = new();
    private CgroupTable _previous = new();
    private CgroupRates[] _rates = [];
    private bool _hasTable;
    private long _number;
    private int _nextId = 1;

    public CgroupFeed(TableWriter writer) => _writer = writer;

    /// <summary>Takes the table of a tick.</summary>
    /// <param name="table">Exchanged for a spare one, so that it is not copied a second time.</param>
    public TableUpdate Take(ref CgroupTable table)
    {
        (_previous, _table, table) = (_table, table, _previous);
        var isNext = _hasTable && TableRows<Row>.IsNext(
            (_previous.Sequence, _previous.IntervalTicks), (_table.Sequence, _table.IntervalTicks));
        _hasTable = true;
        Collect(isNext ? _previous : null);
        _rows.WriteChanges(Begin(full: false), withDetails: true);
        _rows.ForEachGone(row => _ids.Remove(row.Info.Path));
        _number++;
        return new TableUpdate(_number, _writer.End());
    }

    /// <summary>
    /// The message with every row of a table of the past, as a viewer who came at that tick would have got it.
    /// </summary>
    /// <param name="previous">The table before it; <c>null</c> when there is none: no rates.</param>
    /// <param name="table">The table.</param>
    public Message Snapshot(CgroupTable? previous, CgroupTable table)
    {
        _table = table;
        Collect(previous);
        return Snapshot();
    }

    /// <summary>The message with every row of the table taken last.</summary>
    public Message Snapshot()
    {
        _rows.WriteAll(Begin(full: true), withDetails: true);
        return _writer.End();
    }

    private void Collect(CgroupTable? previous)
    {
        if (_rates.Length < _table.Count)
        {
            _rates = new CgroupRates[_table.Count + (_table.Count / 4)];
        }

        DeriveCgroups.Rates(previous, _table, _rates);
        _rows.Advance();
        var rows = _table.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var path = rows[i].Info.Path;
            if (!_ids.TryGetValue(path, out var id))
            {
                id = _nextId++;
                _ids.Add(path, id);
            }

            _rows.Now.Add(new Row(id, rows[i], _rates[i]));
        }

        _rows.Now.Sort(static (a, b) => a.Key.CompareTo(b.Key));
    }

    private Utf8JsonWriter Begin(bool full) => _writer.Begin("cgroups"u8, _table.Sequence, _table.UnixMs, full);

    /// <summary>A group as it is written: the values of a row, in the order of docs/WIRE.md.</summary>
    private readonly struct Row(int id, in CgroupSample sample, in CgroupRates rates) : ITableRow<Row>
    {
        public readonly CgroupInfo Info = sample.Info;
        private readonly double[] _values =
        [
            Math.Round(rates.CpuCores, ShareDecimals),
            Math.Round(rates.ThrottledShare, ShareDecimals),
            Level(sample.CpuLimitMilli) / 1000,
            Level(sample.MemoryBytes),
            Level(sample.MemoryLimitBytes),
            Math.Round(rates.ReadBytesPerSecond),
            Math.Round(rates.WriteBytesPerSecond),
            Level(sample.Tasks),
            Math.Round(rates.CpuStallShare, ShareDecimals),
            Math.Round(rates.MemoryStallShare, ShareDecimals),
            Math.Round(rates.IoStallShare, ShareDecimals),
            Level(sample.OomKills),
        ];

        public int Key { get; } = id;

        public bool HasInfoOf(in Row before) => Info == before.Info;

        public bool LooksLike(in Row before) => Key == before.Key && _values.AsSpan().SequenceEqual(before._values);

        public void WriteInfo(Utf8JsonWriter json, bool withDetails)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Key);
            json.WriteStringValue(Info.Path);
            json.WriteStringValue(Info.Name);
            json.WriteStringValue(Info.Kind switch
            {
                CgroupKind.Root => "root"u8,
                CgroupKind.Slice => "slice"u8,
                CgroupKind.Unit => "unit"u8,
                CgroupKind.Container => "container"u8,
                _ => "group"u8,
            });
            json.WriteEndArray();
        }

        public void WriteValues(Utf8JsonWriter json)
        {
            json.WriteStartArray();
            json.WriteNumberValue(Key);
            foreach (var value in _values)
            {
                WireNumber.Write(json, value);
            }

            json.WriteEndArray();
        }

        private static double Level(long raw) => raw == Frame.Absent ? double.NaN : raw;
    }
}
