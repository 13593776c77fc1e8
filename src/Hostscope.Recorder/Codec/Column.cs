using Hostscope.Model;

namespace Hostscope.Recorder.Codec;

/// <summary>
/// One series over the ticks of a block.
/// <code>
/// mode, 1 byte:  bits 0-1  0 every value is the same, 1 deltas, 2 deltas of deltas
///                bit 3     a zero in the stream is followed by varint(how many more zeros follow)
///                bit 4     some values are absent: presence runs stand before the values
/// [presence]     varint run lengths, present first, then absent, present, ... until they add up to the ticks
/// first value    zigzag varint; only when a value is present
/// stream         zigzag varints, one for each further present value, zeros folded when bit 3 is set; none in mode 0
/// </code>
/// Deltas wrap around at 64 bits, so every value is kept exactly.
/// </summary>
internal static class Column
{
    private const byte Constant = 0;
    private const byte Delta = 1;
    private const byte DeltaOfDelta = 2;
    private const byte ModeMask = 3;
    private const byte ZeroRuns = 8;
    private const byte Presence = 16;

    /// <summary>Writes a column; <see cref="Frame.Absent"/> is a value that is not there.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="values">One a tick.</param>
    /// <param name="scratch">As many as <paramref name="values"/>; overwritten.</param>
    public static void Write(ByteWriter writer, ReadOnlySpan<long> values, Span<long> scratch)
    {
        var present = 0;
        foreach (var value in values)
        {
            if (value != Frame.Absent)
            {
                scratch[present++] = value;
            }
        }

        var packed = scratch[..present];
        var mode = ChooseMode(packed);
        writer.Byte((byte)(mode | (present < values.Length ? Presence : 0)));
        if (present < values.Length)
        {
            WritePresence(writer, values);
        }

        if (present == 0)
        {
            return;
        }

        writer.ZigZag(packed[0]);
        if (mode != Constant)
        {
            WriteStream(writer, packed, mode);
        }
    }

    /// <summary>Reads a column into a span with one place for each tick.</summary>
    /// <returns>False, and values that mean nothing, when the bytes are not a column of that many ticks.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, Span<long> values)
    {
        var reader = new ByteReader(bytes);
        var mode = reader.Byte();
        if ((mode & ~(ModeMask | ZeroRuns | Presence)) != 0 || (mode & ModeMask) == ModeMask)
        {
            return false;
        }

        var present = values.Length;
        if ((mode & Presence) != 0 && !TryReadPresence(ref reader, values, out present))
        {
            return false;
        }

        if (present == 0)
        {
            values.Fill(Frame.Absent);
            return reader.AtEnd && (mode & Presence) != 0;
        }

        // The present values go to the front, and are then spread by the runs, which are read a second time.
        return TryReadStream(ref reader, mode, present, values)
            && ((mode & Presence) == 0 || TrySpread(bytes[1..], values, present));
    }

    private static byte ChooseMode(ReadOnlySpan<long> values)
    {
        long previous = 0;
        long previousDelta = 0;
        Span<int> sizes = stackalloc int[4]; // delta, delta with zero runs, delta of delta, the same with zero runs
        int zeroDeltas = 0, zeroSeconds = 0;
        var changes = false;
        for (var i = 0; i < values.Length; i++)
        {
            var delta = unchecked(values[i] - previous);
            previous = values[i];
            if (i == 0)
            {
                continue;
            }

            changes |= delta != 0;
            var second = unchecked(delta - previousDelta);
            previousDelta = delta;
            var size = ByteWriter.VarintSize(ByteWriter.Zig(delta));
            sizes[0] += size;
            sizes[1] += CountRun(delta, size, ref zeroDeltas);
            size = ByteWriter.VarintSize(ByteWriter.Zig(second));
            sizes[2] += size;
            sizes[3] += CountRun(second, size, ref zeroSeconds);
        }

        if (!changes)
        {
            return Constant;
        }

        ReadOnlySpan<byte> modes = [Delta, Delta | ZeroRuns, DeltaOfDelta, DeltaOfDelta | ZeroRuns];
        var best = 0;
        for (var i = 1; i < sizes.Length; i++)
        {
            best = sizes[i] < sizes[best] ? i : best;
        }

        return modes[best];
    }

    private static int CountRun(long value, int size, ref int zeros)
    {
        if (value != 0)
        {
            zeros = 0;
            return size;
        }

        // Two bytes for a run of up to 128 zeros, a third for a longer one: blocks have no room for a fourth.
        return ++zeros == 1 ? 2 : zeros == 129 ? 1 : 0;
    }

    private static void WriteStream(ByteWriter writer, ReadOnlySpan<long> values, byte mode)
    {
        var second = (mode & ModeMask) == DeltaOfDelta;
        long previousDelta = 0;
        var zeros = 0;
        for (var i = 1; i < values.Length; i++)
        {
            var delta = unchecked(values[i] - values[i - 1]);
            var item = second ? unchecked(delta - previousDelta) : delta;
            previousDelta = delta;
            if ((mode & ZeroRuns) != 0 && item == 0)
            {
                zeros++;
                continue;
            }

            FlushZeros(writer, ref zeros);
            writer.ZigZag(item);
        }

        FlushZeros(writer, ref zeros);
    }

    private static void FlushZeros(ByteWriter writer, ref int zeros)
    {
        if (zeros > 0)
        {
            writer.Byte(0);
            writer.Count(zeros - 1);
            zeros = 0;
        }
    }

    private static bool TryReadStream(ref ByteReader reader, byte mode, int present, Span<long> values)
    {
        var value = reader.ZigZag();
        values[0] = value;
        if ((mode & ModeMask) == Constant)
        {
            values[..present].Fill(value);
            return reader.AtEnd;
        }

        var second = (mode & ModeMask) == DeltaOfDelta;
        long delta = 0;
        for (var i = 1; i < present && !reader.Failed;)
        {
            var item = reader.ZigZag();
            var repeat = item == 0 && (mode & ZeroRuns) != 0 ? reader.Count(present - i - 1) : 0;
            for (var end = i + repeat; i <= end; i++)
            {
                delta = second ? unchecked(delta + item) : item;
                value = unchecked(value + delta);
                values[i] = value;
            }
        }

        return reader.AtEnd;
    }

    private static void WritePresence(ByteWriter writer, ReadOnlySpan<long> values)
    {
        var present = true;
        var run = 0;
        foreach (var value in values)
        {
            if ((value != Frame.Absent) != present)
            {
                writer.Count(run);
                present = !present;
                run = 0;
            }

            run++;
        }

        writer.Count(run);
    }

    private static bool TryReadPresence(ref ByteReader reader, ReadOnlySpan<long> values, out int present)
    {
        present = 0;
        var seen = 0;
        for (var isPresent = true; seen < values.Length; isPresent = !isPresent)
        {
            var run = reader.Count(values.Length - seen);
            if (reader.Failed || (run == 0 && seen > 0))
            {
                return false;
            }

            seen += run;
            present += isPresent ? run : 0;
        }

        return true;
    }

    /// <summary>
    /// Moves values from the front to where the presence runs say, from the back so that none is lost.
    /// </summary>
    private static bool TrySpread(ReadOnlySpan<byte> runs, Span<long> values, int present)
    {
        var reader = new ByteReader(runs);
        Span<int> lengths = values.Length < 1024 ? stackalloc int[values.Length + 1] : new int[values.Length + 1];
        var count = 0;
        for (var seen = 0; seen < values.Length;)
        {
            var run = reader.Count(values.Length - seen);
            lengths[count++] = run;
            seen += run;
        }

        var to = values.Length;
        for (var i = count - 1; i >= 0; i--)
        {
            to -= lengths[i];
            var target = values.Slice(to, lengths[i]);
            if (i % 2 != 0)
            {
                target.Fill(Frame.Absent);
                continue;
            }

            present -= lengths[i];
            values.Slice(present, lengths[i]).CopyTo(target);
        }

        return !reader.Failed;
    }
}
