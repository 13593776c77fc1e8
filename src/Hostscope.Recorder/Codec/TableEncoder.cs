namespace Hostscope.Recorder.Codec;

/// <summary>
/// Writes a table tick after tick: whole in the first frame of a block, then what changed.
/// <code>
/// flags      1 byte: bit 0 whole table (the reader forgets rows and texts first)
/// exits      varint count, then the place in the former table, each as the distance to the one before
/// births     varint count, then for each the place in the new table, as the distance to the one before, and its facts
///            and its numbers as zigzag varints against the shape's first row: every field, in order
/// changes    varint count, then for each: the place in the new table, as the distance to the one before; varint mask:
///            bit i is field i, the bit after the last field means new facts; the new facts; zigzag distances of the
///            fields in the mask
/// </code>
/// Distances between places start at -1, so that the smallest is 1. Distances between numbers wrap around at 64 bits.
/// Facts of births and facts of changes have texts of their own: they are written side by side and read one after the
/// other.
/// </summary>
internal sealed class TableEncoder<TRow, TShape>
    where TRow : struct
    where TShape : IRowShape<TRow>
{
    public const byte WholeTable = 1;

    private readonly TextWriterTable _texts = new();
    private readonly TextWriterTable _changeTexts = new();
    private readonly ByteWriter _exits = new();
    private readonly ByteWriter _births = new();
    private readonly ByteWriter _changes = new();
    private TRow[] _rows = [];
    private int _count;
    private bool _hasTable;
    private TRow _lastFacts = TShape.Origin;

    /// <summary>Writes the table as it is now.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="rows">The rows, in the order of the shape.</param>
    /// <param name="whole">True to begin a block: nothing before is needed to read it.</param>
    /// <param name="observer">Is told of rows that came and went since the table before, whole or not.</param>
    public void Write(ByteWriter writer, ReadOnlySpan<TRow> rows, bool whole, ITableObserver<TRow>? observer = null)
    {
        // A table out of order is a bug elsewhere; written whole it is still kept as it is.
        var isOrdered = IsOrdered(rows);
        if (whole || !isOrdered)
        {
            if (_hasTable && isOrdered && observer is not null)
            {
                Compare(rows, observer);
            }

            whole = true;
            _count = 0;
            _texts.Clear();
            _changeTexts.Clear();
            _lastFacts = TShape.Origin;
        }

        var edits = Compare(rows, whole ? null : observer);
        writer.Byte(whole ? WholeTable : (byte)0);
        writer.Count(edits.Exits);
        writer.Bytes(_exits.Written);
        writer.Count(edits.Births);
        writer.Bytes(_births.Written);
        writer.Count(edits.Changes);
        writer.Bytes(_changes.Written);
        Keep(rows);
        _hasTable = isOrdered;
    }

    private (int Exits, int Births, int Changes) Compare(ReadOnlySpan<TRow> rows, ITableObserver<TRow>? observer)
    {
        _exits.Clear();
        _births.Clear();
        _changes.Clear();
        int exits = 0, births = 0, changes = 0;
        int lastExit = -1, lastBirth = -1, lastChange = -1;
        int before = 0, now = 0;
        while (before < _count || now < rows.Length)
        {
            var order = before == _count ? 1 : now == rows.Length ? -1 : TShape.Compare(_rows[before], rows[now]);
            if (order == 0 && TShape.IsSame(_rows[before], rows[now]))
            {
                if (WriteChange(_rows[before], rows[now], now - lastChange))
                {
                    lastChange = now;
                    changes++;
                }

                before++;
                now++;
                continue;
            }

            if (order <= 0)
            {
                _exits.Count(before - lastExit);
                lastExit = before;
                exits++;
                observer?.Gone(_rows[before]);
                before++;
            }

            if (order >= 0)
            {
                WriteBirth(rows[now], now - lastBirth);
                lastBirth = now;
                births++;
                observer?.Came(rows[now]);
                now++;
            }
        }

        return (exits, births, changes);
    }

    private void WriteBirth(in TRow row, int distance)
    {
        _births.Count(distance);
        TShape.WriteFacts(_births, _texts, row, _lastFacts);
        _lastFacts = row;
        for (var field = 0; field < TShape.Fields; field++)
        {
            _births.ZigZag(unchecked(TShape.Get(row, field) - TShape.Get(TShape.Origin, field)));
        }
    }

    private bool WriteChange(in TRow before, in TRow now, int distance)
    {
        ulong mask = 0;
        for (var field = 0; field < TShape.Fields; field++)
        {
            mask |= TShape.Get(before, field) != TShape.Get(now, field) ? 1UL << field : 0;
        }

        var facts = !TShape.HasSameFacts(before, now);
        mask |= facts ? 1UL << TShape.Fields : 0;
        if (mask == 0)
        {
            return false;
        }

        _changes.Count(distance);
        _changes.Varint(mask);
        if (facts)
        {
            // Facts of a change are measured from its own row: births, which stand before, keep their own chain.
            TShape.WriteFacts(_changes, _changeTexts, now, before);
        }

        for (var field = 0; field < TShape.Fields; field++)
        {
            if ((mask & (1UL << field)) != 0)
            {
                _changes.ZigZag(unchecked(TShape.Get(now, field) - TShape.Get(before, field)));
            }
        }

        return true;
    }

    private static bool IsOrdered(ReadOnlySpan<TRow> rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (TShape.Compare(rows[i - 1], rows[i]) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(ReadOnlySpan<TRow> rows)
    {
        if (_rows.Length < rows.Length)
        {
            _rows = new TRow[rows.Length + (rows.Length / 4)];
        }

        rows.CopyTo(_rows);
        if (_count > rows.Length)
        {
            // What is gone must not be kept alive by its texts.
            _rows.AsSpan(rows.Length, _count - rows.Length).Clear();
        }

        _count = rows.Length;
    }
}

/// <summary>Is told of rows that came and went between two ticks.</summary>
internal interface ITableObserver<TRow>
    where TRow : struct
{
    /// <summary>A row that was not there at the tick before; when reading, also one whose facts are new.</summary>
    void Came(in TRow row);

    /// <summary>A row that is not there any more, as it was at the tick before.</summary>
    void Gone(in TRow row);
}
