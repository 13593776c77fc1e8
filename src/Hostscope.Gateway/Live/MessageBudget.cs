namespace Hostscope.Gateway.Live;

/// <summary>Counts what a viewer sends: messages within a second, and bytes, of which some may come at once.</summary>
/// <param name="time">The clock.</param>
/// <param name="options">The limits.</param>
internal struct MessageBudget(TimeProvider time, GatewayOptions options)
{
    private long _secondBegan = time.GetTimestamp();
    private int _count;
    private long _filledAt = time.GetTimestamp();
    private double _bytes = options.MaxBytesAtOnce;

    /// <summary>Takes one message from the budget; false when the second's is used up.</summary>
    public bool TryTakeMessage()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_secondBegan, now) >= TimeSpan.FromSeconds(1))
        {
            _secondBegan = now;
            _count = 0;
        }

        return ++_count <= options.MaxMessagesPerSecond;
    }

    /// <summary>Takes bytes as they came, frames of every kind and their heads; false when they are too many.</summary>
    public bool TryTakeBytes(int count)
    {
        var now = time.GetTimestamp();
        var earned = time.GetElapsedTime(_filledAt, now).TotalSeconds * options.MaxBytesPerSecond;
        _filledAt = now;
        _bytes = Math.Min(_bytes + earned, options.MaxBytesAtOnce) - count;
        return _bytes >= 0;
    }
}
