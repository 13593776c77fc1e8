using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>Looks into a frame by the names that people use.</summary>
internal static class Values
{
    /// <summary>The raw value of a series; <see cref="Frame.Absent"/> when it has none or is not there.</summary>
    public static long Raw(this Frame frame, Metric metric, params string[] labels)
    {
        var key = Series.MakeKey(metric, labels);
        for (var i = 0; i < frame.Schema.Count; i++)
        {
            if (frame.Schema.Series[i].Metric == metric && frame.Schema.Series[i].Key == key)
            {
                return frame.Values[i];
            }
        }

        return Frame.Absent;
    }

    /// <summary>All raw values by the name of their series.</summary>
    public static Dictionary<string, long> All(this Frame frame)
    {
        var values = new Dictionary<string, long>();
        for (var i = 0; i < frame.Schema.Count; i++)
        {
            values[frame.Schema.Series[i].Key] = frame.Values[i];
        }

        return values;
    }
}
