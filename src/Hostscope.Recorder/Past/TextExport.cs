using System.Globalization;
using System.Text;
using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>
/// Writes a range tick by tick as text, block by block, so that memory does not grow with the range. Values are those
/// of the live view. Where seconds are not kept any more, a line is a minute and its values are averages; a file has
/// one resolution only.
/// <code>
/// time,unix_ms,system.cpu.load_average.1m,"system.disk.io{system.device=""sda"",disk.io.direction=""read""}"
/// 2026-11-24T18:00:00.123Z,1795543200123,0.42,1048576
/// {"time":"2026-11-24T18:00:00.123Z","t":1795543200123,"v":{"system.cpu.load_average.1m":0.42}}
/// </code>
/// </summary>
internal sealed class TextExport(BlockIndex index, ExportQuery query) : IDisposable
{
    /// <summary>Text is handed on in pieces of this size.</summary>
    private const int PieceBytes = 64 * 1024;

    private readonly MemoryStream _piece = new(PieceBytes * 2);
    private long _ticks;
    private long _bytes;

    /// <summary>Writes everything.</summary>
    public async Task<HistoryAnswer<ExportResult>> WriteAsync(Stream destination, CancellationToken cancellation)
    {
        var tier = BucketPlan.FinestTier(index, query.FromMs, query.ToMs);
        var keys = query.Series.Count > 0 ? query.Series
            : SeriesCatalogReader.Read(index, query.FromMs, query.ToMs, cancellation).ConvertAll(series => series.Key);
        if (query.Format == ExportFormat.Csv)
        {
            WriteHeader(keys);
        }

        foreach (var rows in tier == Tier.Second ? Seconds(keys) : RollUps(tier, keys))
        {
            foreach (var (unixMs, values) in rows)
            {
                WriteRow(unixMs, keys, values);
                if (_piece.Length >= PieceBytes)
                {
                    await HandOnAsync(destination, cancellation).ConfigureAwait(false);
                }
            }
        }

        await HandOnAsync(destination, cancellation).ConfigureAwait(false);
        return new HistoryAnswer<ExportResult>(
            new ExportResult(_ticks, History.ResolutionOf(tier, index), _bytes));
    }

    /// <inheritdoc/>
    public void Dispose() => _piece.Dispose();

    private async Task HandOnAsync(Stream destination, CancellationToken cancellation)
    {
        await destination.WriteAsync(_piece.GetBuffer().AsMemory(0, (int)_piece.Length), cancellation)
            .ConfigureAwait(false);
        _bytes += _piece.Length;
        _piece.SetLength(0);
    }

    private IEnumerable<IEnumerable<(long UnixMs, double[] Values)>> Seconds(IReadOnlyList<string> keys)
    {
        var table = new KeyTable(keys);
        foreach (var block in index.Overlapping(Tier.Second, query.FromMs, query.ToMs))
        {
            if (TickTimes.Of(block) is { } times)
            {
                yield return SecondsOf(block, times, table);
            }
        }
    }

    private IEnumerable<(long UnixMs, double[] Values)> SecondsOf(IBlock block, TickTimes times, KeyTable table)
    {
        var before = index.Before(block.Header);
        var timesBefore = before is null ? null : TickTimes.Of(before);
        var walks = new SeriesWalk?[table.Count];
        for (var key = 0; key < walks.Length; key++)
        {
            if (table.Find(block, key) is { } definition)
            {
                var walk = new SeriesWalk(definition.Series.Metric);
                if (before is not null && timesBefore is not null && table.Find(before, key) is { } earlier)
                {
                    walk.Lead(before, timesBefore, earlier.Group, earlier.Id);
                }

                walks[key] = walk.Enter(block, times, definition.Group, definition.Id) ? walk : null;
            }
        }

        for (var i = 0; i < times.Count; i++)
        {
            if (times[i].UnixMs >= query.FromMs && times[i].UnixMs < query.ToMs)
            {
                yield return (times[i].UnixMs, [.. walks.Select(walk =>
                    walk?.At(i) is { HasValue: true } sample ? sample.Derived : Derive.Absent)]);
            }
        }
    }

    private IEnumerable<IEnumerable<(long UnixMs, double[] Values)>> RollUps(Tier tier, IReadOnlyList<string> keys)
    {
        var table = new KeyTable(keys);
        foreach (var block in index.Overlapping(tier, query.FromMs, query.ToMs))
        {
            if (RollUpTimes.Of(block) is { } times)
            {
                yield return RollUpsOf(block, times, table);
            }
        }
    }

    private IEnumerable<(long UnixMs, double[] Values)> RollUpsOf(IBlock block, RollUpTimes times, KeyTable table)
    {
        var columns = new (RollUpCell[]? Cells, Metric? Metric)[table.Count];
        for (var key = 0; key < columns.Length; key++)
        {
            if (table.Find(block, key) is { } definition)
            {
                var metric = definition.Series.Metric;
                columns[key] = (times.Cells(block, definition.Group, definition.Id, metric), metric);
            }
        }

        for (var i = 0; i < times.Count; i++)
        {
            if (times.StartMs(i) >= query.FromMs && times.StartMs(i) < query.ToMs)
            {
                yield return (times.StartMs(i), [.. columns.Select(column =>
                    column.Cells is { } cells && cells[i].Count > 0
                        ? Bucket.Of(cells[i], column.Metric!).Average(column.Metric!.RollUp) : Derive.Absent)]);
            }
        }
    }

    private void WriteHeader(IReadOnlyList<string> keys)
    {
        Write("time,unix_ms");
        foreach (var key in keys)
        {
            // RFC 4180: a field with a comma, a quote or a line break stands in quotes, and quotes in it are doubled.
            Write(key.AsSpan().ContainsAny(",\"\r\n")
                ? $",\"{key.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : $",{key}");
        }

        Write("\r\n");
    }

    private void WriteRow(long unixMs, IReadOnlyList<string> keys, double[] values)
    {
        _ticks++;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        if (query.Format == ExportFormat.Csv)
        {
            Write($"{time},{unixMs.ToString(CultureInfo.InvariantCulture)}");
            foreach (var value in values)
            {
                Write(double.IsNaN(value) ? "," : "," + value.ToString("R", CultureInfo.InvariantCulture));
            }

            Write("\r\n");
            return;
        }

        using (var json = new Utf8JsonWriter(_piece))
        {
            json.WriteStartObject();
            json.WriteString("time", time);
            json.WriteNumber("t", unixMs);
            json.WriteStartObject("v");
            for (var i = 0; i < values.Length; i++)
            {
                if (!double.IsNaN(values[i]))
                {
                    json.WriteNumber(keys[i], values[i]);
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        Write("\n");
    }

    private void Write(string text) => _piece.Write(Encoding.UTF8.GetBytes(text));
}
