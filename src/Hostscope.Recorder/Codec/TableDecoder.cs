namespace Hostscope.Recorder.Codec;

/// <summary>
/// Reads what <see cref="TableEncoder{TRow,TShape}"/> wrote, one frame after the other. After a frame that is not
/// sound, <see cref="Rows"/> means nothing until a whole table comes.
/// </summary>
internal sealed class TableDecoder<TRow, TShape>
    where TRow : struct
    where TShape : IRowShape<TRow>
{
    /// <summary>Bound against damage: pid_max on 64-bit Linux is 4,194,304; a frame holds far fewer.</summary>
    private const int MaxRows = 1 << 20;

    private readonly TextReaderTable _texts = new();
    private readonly TextReaderTable _changeTexts = new();
    private TRow[] _rows = [];
    private TRow[] _spare = [];
    private int _count;
    private TRow _lastFacts = TShape.Origin;

    /// <summary>The rows after the last frame.</summary>
    public ReadOnlySpan<TRow> Rows => _rows.AsSpan(0, _count);

    /// <summary>Is told of rows that came, went or have new facts.</summary>
    public ITableObserver<TRow>? Observer { get; set; }

    /// <summary>Applies a frame; false when its bytes are not one that fits the frames before.</summary>
    public bool TryRead(ref ByteReader reader)
    {
        var flags = reader.Byte();
        if (flags == TableEncoder<TRow, TShape>.WholeTable)
        {
            _count = 0;
            _texts.Clear();
            _changeTexts.Clear();
            _lastFacts = TShape.Origin;
        }
        else if (flags != 0)
        {
            reader.Fail();
        }

        return TryReadExits(ref reader) && TryReadBirths(ref reader) && TryReadChanges(ref reader);
    }

    private bool TryReadExits(ref ByteReader reader)
    {
        var exits = reader.Count(_count);
        if (exits == 0)
        {
            return !reader.Failed;
        }

        int kept = 0, place = -1;
        for (var i = 0; i < exits; i++)
        {
            var from = place + 1;
            if (!TryAdvance(ref reader, ref place, _count))
            {
                return false;
            }

            Observer?.Gone(_rows[place]);
            _rows.AsSpan(from, place - from).CopyTo(_rows.AsSpan(kept));
            kept += place - from;
        }

        var rest = _rows.AsSpan(place + 1, _count - place - 1);
        rest.CopyTo(_rows.AsSpan(kept));
        kept += rest.Length;
        _rows.AsSpan(kept, _count - kept).Clear();
        _count = kept;
        return true;
    }

    private bool TryReadBirths(ref ByteReader reader)
    {
        var births = reader.Count();
        if (births == 0)
        {
            return !reader.Failed;
        }

        var total = _count + births;
        if (total > MaxRows)
        {
            reader.Fail();
            return false;
        }

        if (_spare.Length < total)
        {
            _spare = new TRow[total + (total / 4)];
        }

        int place = -1, taken = 0;
        for (var i = 0; i < births; i++)
        {
            var from = place + 1;
            if (!TryAdvance(ref reader, ref place, total) || taken + place - from > _count)
            {
                return false;
            }

            _rows.AsSpan(taken, place - from).CopyTo(_spare.AsSpan(from));
            taken += place - from;
            if (!TryReadBirth(ref reader, ref _spare[place]))
            {
                return false;
            }
        }

        _rows.AsSpan(taken, _count - taken).CopyTo(_spare.AsSpan(place + 1));
        (_rows, _spare) = (_spare, _rows);
        _count = total;
        return true;
    }

    private bool TryReadBirth(ref ByteReader reader, ref TRow row)
    {
        row = TShape.Origin;
        TShape.ReadFacts(ref reader, _texts, ref row, _lastFacts);
        _lastFacts = row;
        for (var field = 0; field < TShape.Fields; field++)
        {
            var value = unchecked(TShape.Get(TShape.Origin, field) + reader.ZigZag());
            if (reader.Failed || !TShape.Set(ref row, field, value))
            {
                return false;
            }
        }

        Observer?.Came(row);
        return true;
    }

    private bool TryReadChanges(ref ByteReader reader)
    {
        var changes = reader.Count(_count);
        var place = -1;
        for (var i = 0; i < changes; i++)
        {
            if (!TryAdvance(ref reader, ref place, _count) || !TryReadChange(ref reader, ref _rows[place]))
            {
                return false;
            }
        }

        return !reader.Failed;
    }

    private bool TryReadChange(ref ByteReader reader, ref TRow row)
    {
        var mask = reader.Varint();
        if (mask == 0 || mask >> (TShape.Fields + 1) != 0)
        {
            return false;
        }

        if ((mask & (1UL << TShape.Fields)) != 0)
        {
            TShape.ReadFacts(ref reader, _changeTexts, ref row, row);
            Observer?.Came(row);
        }

        for (var field = 0; field < TShape.Fields && !reader.Failed; field++)
        {
            if ((mask & (1UL << field)) != 0
                && !TShape.Set(ref row, field, unchecked(TShape.Get(row, field) + reader.ZigZag())))
            {
                return false;
            }
        }

        return !reader.Failed;
    }

    private static bool TryAdvance(ref ByteReader reader, ref int place, int end)
    {
        var distance = reader.Count(end - 1 - place);
        if (reader.Failed || distance == 0)
        {
            return false;
        }

        place += distance;
        return true;
    }
}
