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
    private List<Row> _before = [];
    private List<Row> _now = [];
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
        // Two scans: rates over a time in which nobody watched would not be about now.
        var isNext = _hasTable && _table.Sequence > _previous.Sequence
            && _table.Sequence - _previous.Sequence <= 2L * Math.Max(_previous.IntervalTicks, _table.IntervalTicks);
        _hasTable = true;
        (_before, _now) = (_now, _before);
        Collect(isNext ? _previous : null);
        _number++;
        return new TableUpdate(_number, WriteChanges());
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
        var json = Begin(full: true);
        json.WriteStartArray("info"u8);
        _now.ForEach(row => WriteInfo(json, row));
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        _now.ForEach(row => WriteRow(json, row));
        json.WriteEndArray();
        return _writer.End();
    }

    private void Collect(CgroupTable? previous)
    {
        if (_rates.Length < _table.Count)
        {
            _rates = new CgroupRates[_table.Count + (_table.Count / 4)];
        }

        DeriveCgroups.Rates(previous, _table, _rates);
        _now.Clear();
        var rows = _table.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            var path = rows[i].Info.Path;
            if (!_ids.TryGetValue(path, out var id))
            {
                id = _nextId++;
                _ids.Add(path, id);
            }

            _now.Add(new Row(id, rows[i], _rates[i]));
        }

        _now.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    private Message WriteChanges()
    {
        var json = Begin(full: false);
        json.WriteStartArray("info"u8);
        Walk((before, now) =>
        {
            if (now is { } row && row.Info != before?.Info)
            {
                WriteInfo(json, row);
            }
        });
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        Walk((before, now) =>
        {
            if (now is null)
            {
                json.WriteNumberValue(before!.Value.Id);
                _ids.Remove(before.Value.Info.Path);
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

    /// <summary>Both lists side by side; they are in the order of ids.</summary>
    private void Walk(Action<Row?, Row?> visit)
    {
        int before = 0, now = 0;
        while (before < _before.Count || now < _now.Count)
        {
            var order = before == _before.Count ? 1
                : now == _now.Count ? -1
                : _before[before].Id.CompareTo(_now[now].Id);
            visit(order <= 0 ? _before[before++] : null, order >= 0 ? _now[now++] : null);
        }
    }

    private Utf8JsonWriter Begin(bool full) => _writer.Begin("cgroups"u8, _table.Sequence, _table.UnixMs, full);

    private static void WriteInfo(Utf8JsonWriter json, in Row row)
    {
        json.WriteStartArray();
        json.WriteNumberValue(row.Id);
        json.WriteStringValue(row.Info.Path);
        json.WriteStringValue(row.Info.Name);
        json.WriteStringValue(row.Info.Kind switch
        {
            CgroupKind.Root => "root"u8,
            CgroupKind.Slice => "slice"u8,
            CgroupKind.Unit => "unit"u8,
            CgroupKind.Container => "container"u8,
            _ => "group"u8,
        });
        json.WriteEndArray();
    }

    private static void WriteRow(Utf8JsonWriter json, in Row row)
    {
        json.WriteStartArray();
        json.WriteNumberValue(row.Id);
        foreach (var value in row.Values)
        {
            WireNumber.Write(json, value);
        }

        json.WriteEndArray();
    }

    /// <summary>A group as it is written: the values of a row, in the order of docs/WIRE.md.</summary>
    private readonly struct Row(int id, in CgroupSample sample, in CgroupRates rates)
    {
        public readonly int Id = id;
        public readonly CgroupInfo Info = sample.Info;
        public readonly double[] Values =
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

        /// <summary>Whether it would be written alike. NaN equals NaN here.</summary>
        public bool LooksLike(in Row other) => Id == other.Id && Values.AsSpan().SequenceEqual(other.Values);

        private static double Level(long raw) => raw == Frame.Absent ? double.NaN : raw;
    }
}
