namespace Hostscope.Bus;

/// <summary>What became of an item that was put into a <see cref="Mailbox{T}"/>.</summary>
public enum Delivery
{
    /// <summary>The reader rests: whoever put the item has to start it.</summary>
    Start,

    /// <summary>The reader is on its way or at work and will find the item.</summary>
    Waits,

    /// <summary>As <see cref="Waits"/>, in the place of an older item, which nobody will see.</summary>
    Replaced,

    /// <summary>The mailbox is closed; the item is dropped.</summary>
    Dropped,
}

/// <summary>
/// One slot between publishers that never wait and one reader that may be slow: the newest item wins, what it replaces
/// is gone. The mailbox also knows whether its reader rests, so that a reader needs no thread, no task and no memory
/// while there is nothing to do: who leaves the first item starts it, and it runs until it finds nothing more.
/// </summary>
/// <remarks>
/// All of it is one word that is exchanged, so there is no lock, and no order in which an item or a wake-up is lost.
/// </remarks>
/// <typeparam name="T">The item, shared by all mailboxes it is put into: it must be immutable.</typeparam>
public sealed class Mailbox<T>
    where T : class
{
    private static readonly object Working = new();
    private static readonly object Nudged = new();
    private static readonly object Closed = new();

    // null: the reader rests. Working: it runs, and nothing waits. Nudged: it is to look again. Closed. Or the item,
    // with a reader that runs or has been started.
    private object? _state;

    /// <summary>Leaves an item for the reader. Never waits.</summary>
    /// <param name="item">The item.</param>
    /// <returns>What became of it; at <see cref="Delivery.Start"/> the caller must start the reader.</returns>
    public Delivery Put(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (ReferenceEquals(state, Closed))
            {
                return Delivery.Dropped;
            }

            if (Interlocked.CompareExchange(ref _state, item, state) == state)
            {
                return state is null ? Delivery.Start
                    : ReferenceEquals(state, Working) || ReferenceEquals(state, Nudged) ? Delivery.Waits
                    : Delivery.Replaced;
            }
        }
    }

    /// <summary>Makes the reader look again though there is no item: something else is to be done.</summary>
    /// <returns>Whether the caller must start the reader.</returns>
    public bool Nudge()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state is not null && !ReferenceEquals(state, Working))
            {
                return false; // It is closed, or will look again anyway.
            }

            if (Interlocked.CompareExchange(ref _state, Nudged, state) == state)
            {
                return state is null;
            }
        }
    }

    /// <summary>The reader's question for more to do. Only the reader that was started may ask.</summary>
    /// <param name="item">The item; <c>null</c> when the reader was only nudged.</param>
    /// <returns>False when there is nothing, and the reader rests from now on: it must return.</returns>
    public bool TryTake(out T? item)
    {
        item = null;
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state is null || ReferenceEquals(state, Closed))
            {
                return false;
            }

            var isIdle = ReferenceEquals(state, Working);
            if (Interlocked.CompareExchange(ref _state, isIdle ? null : Working, state) == state)
            {
                item = isIdle || ReferenceEquals(state, Nudged) ? null : (T)state;
                return !isIdle;
            }
        }
    }

    /// <summary>Ends the mailbox: what waits is dropped, and the reader is not started any more.</summary>
    public void Close() => Volatile.Write(ref _state, Closed);
}
