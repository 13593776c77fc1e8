using Hostscope.Model;

namespace Hostscope.Recorder.Tests;

/// <summary>Compares whole tables, field by field.</summary>
internal static class AssertTable
{
    public static void Same(ProcessTable? expected, ProcessTable? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is null || actual is null)
        {
            return;
        }

        Assert.Equal(
            (expected.Sequence, expected.UnixMs, expected.MonotonicNs, expected.Hidden, expected.IntervalTicks),
            (actual.Sequence, actual.UnixMs, actual.MonotonicNs, actual.Hidden, actual.IntervalTicks));
        Assert.Equal(expected.Rows.ToArray(), actual.Rows.ToArray());
    }

    public static void Same(CgroupTable? expected, CgroupTable? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is null || actual is null)
        {
            return;
        }

        Assert.Equal(
            (expected.Sequence, expected.UnixMs, expected.MonotonicNs, expected.IntervalTicks),
            (actual.Sequence, actual.UnixMs, actual.MonotonicNs, actual.IntervalTicks));
        Assert.Equal(expected.Rows.ToArray(), actual.Rows.ToArray());
    }
}
