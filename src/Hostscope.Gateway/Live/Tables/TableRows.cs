using System.Text.Json;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>A row as it is written.</summary>
internal interface ITableRow<TRow>
    where TRow : struct
{
    /// <summary>What names it in the messages; the rows of a table are in its order.</summary>
    int Key { get; }

    /// <summary>Whether what is said once of a row is said of an earlier one.</summary>
    bool HasInfoOf(in TRow before);

    /// <summary>Whether it is what an earlier one was, and would be written alike. NaN equals NaN here.</summary>
    bool LooksLike(in TRow before);

    /// <summary>Writes what is said once.</summary>
    void WriteInfo(Utf8JsonWriter json, bool withDetails);

    /// <summary>Writes what may be another thing each second.</summary>
    void WriteValues(Utf8JsonWriter json);
}

/// <summary>
/// The rows of a table as they were last written and as they are now: <c>info</c>, <c>gone</c> and <c>rows</c> of
/// docs/WIRE.md.
/// </summary>
internal sealed class TableRows<TRow>
    where TRow : struct, ITableRow<TRow>
{
    private List<TRow> _before = [];

    /// <summary>The rows now.</summary>
    public List<TRow> Now { get; private set; } = [];

    /// <summary>
    /// Whether a table follows another closely enough for rates between the two to be about now: not after a time in
    /// which nobody watched and nothing was scanned.
    /// </summary>
    public static bool IsNext(
        (long Sequence, int IntervalTicks) previous, (long Sequence, int IntervalTicks) current) =>
        current.Sequence > previous.Sequence
        && current.Sequence - previous.Sequence <= 2L * Math.Max(previous.IntervalTicks, current.IntervalTicks);

    /// <summary>What was now is before, and now there is nothing.</summary>
    public void Advance()
    {
        (_before, Now) = (Now, _before);
        Now.Clear();
    }

    /// <summary>Writes every row.</summary>
    public void WriteAll(Utf8JsonWriter json, bool withDetails)
    {
        json.WriteStartArray("info"u8);
        Now.ForEach(row => row.WriteInfo(json, withDetails));
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        Now.ForEach(row => row.WriteValues(json));
        json.WriteEndArray();
    }

    /// <summary>Writes the rows that look otherwise than before, and the keys of those that are gone.</summary>
    public void WriteChanges(Utf8JsonWriter json, bool withDetails)
    {
        json.WriteStartArray("info"u8);
        Walk((before, now) =>
        {
            if (now is { } row && !(before is { } old && row.HasInfoOf(old)))
            {
                row.WriteInfo(json, withDetails);
            }
        });
        json.WriteEndArray();
        json.WriteStartArray("gone"u8);
        ForEachGone(row => json.WriteNumberValue(row.Key));
        json.WriteEndArray();
        json.WriteStartArray("rows"u8);
        Walk((before, now) =>
        {
            if (now is { } row && !(before is { } old && row.LooksLike(old)))
            {
                row.WriteValues(json);
            }
        });
        json.WriteEndArray();
    }

    /// <summary>Visits the rows that are there no more.</summary>
    public void ForEachGone(Action<TRow> visit) => Walk((before, now) =>
    {
        if (now is null)
        {
            visit(before!.Value);
        }
    });

    /// <summary>Both lists side by side.</summary>
    private void Walk(Action<TRow?, TRow?> visit)
    {
        int before = 0, now = 0;
        while (before < _before.Count || now < Now.Count)
        {
            var order = before == _before.Count ? 1
                : now == Now.Count ? -1
                : _before[before].Key.CompareTo(Now[now].Key);
            visit(order <= 0 ? _before[before++] : null, order >= 0 ? Now[now++] : null);
        }
    }
}
