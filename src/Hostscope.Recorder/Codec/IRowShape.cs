namespace Hostscope.Recorder.Codec;

/// <summary>
/// How a table's rows look to <see cref="TableEncoder{TRow,TShape}"/>: numbers, and facts that seldom change.
/// </summary>
/// <typeparam name="TRow">The row.</typeparam>
internal interface IRowShape<TRow>
    where TRow : struct
{
    /// <summary>
    /// Numbers of a row, those that change most often first: a change costs a mask of seven fields to the byte.
    /// </summary>
    static abstract int Fields { get; }

    /// <summary>One of the numbers.</summary>
    static abstract long Get(in TRow row, int field);

    /// <summary>
    /// Gives a row one of its numbers; false when the row has no room for it, which only damage brings about.
    /// </summary>
    static abstract bool Set(ref TRow row, int field, long value);

    /// <summary>Orders rows of a table; 0 means the two have the same place and nothing more.</summary>
    static abstract int Compare(in TRow a, in TRow b);

    /// <summary>True when two rows are the same thing at two times.</summary>
    static abstract bool IsSame(in TRow a, in TRow b);

    /// <summary>True when the facts of two rows are equal.</summary>
    static abstract bool HasSameFacts(in TRow a, in TRow b);

    /// <summary>Writes the facts.</summary>
    /// <param name="writer">Takes the bytes.</param>
    /// <param name="texts">The texts the block knows.</param>
    /// <param name="row">The row whose facts are written.</param>
    /// <param name="last">The row whose facts were written before, to write the distance to.</param>
    static abstract void WriteFacts(ByteWriter writer, TextWriterTable texts, in TRow row, in TRow last);

    /// <summary>Reads what <see cref="WriteFacts"/> wrote; a reader that failed gives a row that is not used.</summary>
    static abstract void ReadFacts(ref ByteReader reader, TextReaderTable texts, ref TRow row, in TRow last);

    /// <summary>The row from which the distances of the first facts are measured.</summary>
    static abstract TRow Origin { get; }
}
