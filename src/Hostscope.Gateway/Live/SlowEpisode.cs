namespace Hostscope.Gateway.Live;

/// <summary>
/// Tells when a viewer becomes slow, once an episode: it begins with several frames replaced in a row and ends when
/// many in a row were taken, so that a viewer on the edge does not fill the log.
/// </summary>
internal struct SlowEpisode
{
    /// <summary>Replaced in a row that begin an episode: one may be a hiccup of the network, three are not.</summary>
    public const int BeginAfter = 3;

    /// <summary>Taken in a row that end it: half a minute at 1 Hz.</summary>
    public const int EndAfter = 30;

    private int _inRow;

    /// <summary>Whether the viewer is slow now.</summary>
    public bool IsSlow { get; private set; }

    /// <summary>Notes how the last frame fared.</summary>
    /// <returns>True when an episode begins with it.</returns>
    public bool Note(bool replaced)
    {
        // One counter: it grows with what speaks against the present state and starts anew with what speaks for it.
        _inRow = replaced != IsSlow ? _inRow + 1 : 0;
        if (_inRow < (IsSlow ? EndAfter : BeginAfter))
        {
            return false;
        }

        _inRow = 0;
        IsSlow = !IsSlow;
        return IsSlow;
    }
}
