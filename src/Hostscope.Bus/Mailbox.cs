using System.Threading.Tasks.Sources;

namespace Hostscope.Bus;

/// <summary>
/// One slot between a publisher that never waits and one reader that may be slow: the newest item wins, what it
/// replaces is gone and counted. Memory is one item, whatever the reader does.
/// </summary>
/// <typeparam name="T">The item, shared by all mailboxes it is put into: it must be immutable.</typeparam>
public sealed class Mailbox<T> : IValueTaskSource<T?>
    where T : class
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<T?> _waiter = new() { RunContinuationsAsynchronously = true };
    private T? _item;
    private bool _waiting;
    private bool _closed;
    private long _replaced;

    /// <summary>How many items were replaced before the reader took them.</summary>
    public long Replaced => Interlocked.Read(ref _replaced);

    /// <summary>Leaves an item for the reader. Never waits; after <see cref="Close"/> it does nothing.</summary>
    /// <returns>False when an item that the reader had not taken was replaced.</returns>
    public bool Put(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_lock)
        {
            if (_closed)
            {
                return true;
            }

            if (!_waiting)
            {
                var replaced = _item is not null;
                _item = item;
                _replaced += replaced ? 1 : 0;
                return !replaced;
            }

            _waiting = false;
        }

        _waiter.SetResult(item);
        return true;
    }

    /// <summary>Takes the item, or waits for one. One reader at a time.</summary>
    /// <returns>The item, or <c>null</c> once the mailbox is closed.</returns>
    /// <exception cref="InvalidOperationException">Another take is waiting: BUG of the caller.</exception>
    public ValueTask<T?> TakeAsync()
    {
        lock (_lock)
        {
            if (_waiting)
            {
                throw new InvalidOperationException("BUG: a mailbox has one reader, and it is waiting already.");
            }

            if (_closed)
            {
                return new ValueTask<T?>((T?)null);
            }

            if (_item is not null)
            {
                var item = _item;
                _item = null;
                return new ValueTask<T?>(item);
            }

            _waiter.Reset();
            _waiting = true;
            return new ValueTask<T?>(this, _waiter.Version);
        }
    }

    /// <summary>Ends the mailbox: a waiting reader gets <c>null</c>, an untaken item is dropped.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _item = null;
            if (!_waiting)
            {
                return;
            }

            _waiting = false;
        }

        _waiter.SetResult(null);
    }

    T? IValueTaskSource<T?>.GetResult(short token) => _waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T?>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<T?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);
}
