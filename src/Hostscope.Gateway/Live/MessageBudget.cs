namespace Hostscope.Gateway.Live;

/// <summary>Counts what a viewer sends within a second.</summary>
/// <param name="time">The clock.</param>
/// <param name="mostPerSecond">Messages allowed in a second.</param>
internal struct MessageBudget(TimeProvider time, int mostPerSecond)
{
    private long _secondBegan = time.GetTimestamp();
    private int _count;

    /// <summary>Takes one message from the budget; false when the second's is used up.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_secondBegan, now) >= TimeSpan.FromSeconds(1))
        {
            _secondBegan = now;
            _count = 0;
        }

        return ++_count <= mostPerSecond;
    }
}
