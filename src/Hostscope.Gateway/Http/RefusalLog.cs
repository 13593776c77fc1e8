namespace Hostscope.Gateway.Http;

/// <summary>
/// Lets one line a minute through for a cause that anybody on the network can repeat, with the count.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RefusalLog(TimeProvider time)
{
    private const int MaxTextLength = 100;

    private readonly Lock _lock = new();
    private long _loggedAt;
    private bool _hasLogged;
    private long _count;

    /// <summary>Counts one; true when a line is due.</summary>
    /// <param name="count">How many there were since the last line.</param>
    public bool Note(out long count)
    {
        lock (_lock)
        {
            count = ++_count;
            var now = time.GetTimestamp();
            if (_hasLogged && time.GetElapsedTime(_loggedAt, now) < TimeSpan.FromMinutes(1))
            {
                return false;
            }

            _hasLogged = true;
            _loggedAt = now;
            _count = 0;
            return true;
        }
    }

    /// <summary>A text from the network as it may stand in a log: short, one line, no control characters.</summary>
    public static string Clean(string text)
    {
        var shortened = text.Length > MaxTextLength ? text[..MaxTextLength] : text;
        return string.Create(shortened.Length, shortened, static (clean, source) =>
        {
            for (var i = 0; i < clean.Length; i++)
            {
                clean[i] = source[i] is >= ' ' and < '\x7f' ? source[i] : '?';
            }
        });
    }
}
