using Hostscope.Gateway.Live.Sending;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>
/// A table at one tick, as viewers get it: the changes since the table before, and, when somebody needs it, the whole.
/// The same object for every viewer; immutable, but for the snapshot, which the encoder adds before it hands the object
/// to a viewer that asked for one.
/// </summary>
/// <param name="Number">Number of this table, from 1, within the life of the feed.</param>
/// <param name="Changes">The message that leads from the table <c>Number - 1</c> to this one.</param>
internal sealed record TableUpdate(long Number, Message Changes)
{
    /// <summary>The message with every row; <c>null</c> when nobody asked at this tick.</summary>
    public Message? Snapshot { get; set; }

    /// <summary>What a viewer that holds the table of some number is to be sent.</summary>
    /// <param name="held">Number of the table it holds; 0 when it holds none.</param>
    /// <param name="message">The message; <c>null</c> when it holds this one already.</param>
    /// <returns>False when it needs the snapshot and there is none: it has to ask for it.</returns>
    public bool TryGetFor(long held, out Message? message)
    {
        message = held == Number ? null : held == Number - 1 && held > 0 ? Changes : Snapshot;
        return held == Number || message is not null;
    }
}
