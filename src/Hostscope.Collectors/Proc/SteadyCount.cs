using Hostscope.Model;

namespace Hostscope.Collectors.Proc;

/// <summary>
/// What a counter of a table said last, to hold back a 0 that may be none: what <see cref="SeriesCell.Set"/> does for
/// series. A counter that falls to 0 is absent in that scan: if it is back in the next one, the years that it has
/// counted were not the work of a second; if it says 0 again, then it is 0.
/// </summary>
internal struct SteadyCount
{
    private long _last;

    /// <summary>The value to show.</summary>
    /// <param name="value">What the kernel says, or <see cref="Frame.Absent"/>.</param>
    public long Take(long value)
    {
        if (value == Frame.Absent)
        {
            return Frame.Absent;
        }

        var hasFallen = value == 0 && _last > 0;
        _last = value;
        return hasFallen ? Frame.Absent : value;
    }
}
