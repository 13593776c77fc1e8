using System.Text;
using CsCheck;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: no fault of a counter becomes traffic that was not there. Method: an interface of 1 Gbit/s whose counter is
/// reset, flickers to 0, wraps at 32 bits or goes away and comes again, in any order, from the file to the rate.
/// </summary>
public sealed class CounterFaultTests
{
    private const double LinkBytesPerSecond = 125_000_000;

    private enum Step
    {
        Grow,
        GrowMuch,
        Reset,
        Flicker,
        Wrap,
        Gone,
    }

    [Fact]
    public void Each_fault_is_a_gap_and_none_is_a_rate() => Gen.Select(
        Gen.Enum<Step>().Array[1, 60], Gen.Long[0, 1L << 40]).Sample(
        (steps, start) =>
        {
            var files = new FakeFiles();
            using var host = new FakeHost(files, "network");
            var bytes = start;
            Say(files, bytes);
            var before = host.Tick();
            var (gaps, faults) = (0, 0);
            long? said = bytes;
            foreach (var wanted in steps)
            {
                // Whoever says 0 twice means it.
                var step = wanted == Step.Flicker && said == 0 ? Step.Grow : wanted;
                bytes = Next(step, bytes);
                faults += step is Step.Grow or Step.GrowMuch ? 0 : 1;
                said = step switch { Step.Flicker => 0, Step.Gone => said, _ => bytes };
                Say(files, step == Step.Gone ? null : said);
                host.Time.Advance(TimeSpan.FromSeconds(1));
                var after = host.Tick();
                var rate = RateOf(before, after);
                Assert.True(double.IsNaN(rate) || rate is >= 0 and <= LinkBytesPerSecond, $"{step}: {rate} bytes/s");
                gaps += double.IsNaN(rate) ? 1 : 0;
                before = after;
            }

            Assert.True(gaps <= 2 * faults, $"{gaps} gaps for {faults} faults.");
        },
        iter: 300,
        threads: 1);

    private static long Next(Step step, long bytes) => step switch
    {
        Step.Grow => bytes + 1_500,
        Step.GrowMuch => bytes + (long)LinkBytesPerSecond,
        Step.Reset => bytes % 1_000,
        Step.Wrap => bytes % (1L << 32),
        _ => bytes,
    };

    private static double RateOf(Frame before, Frame after)
    {
        var values = new double[after.Schema.Count];
        Derive.Values(before, after, values);
        var key = Series.MakeKey(Metrics.NetworkIo, ["eth0", "receive"]);
        var slot = Array.FindIndex(after.Schema.Series.ToArray(), series => series.Key == key);
        return slot < 0 ? double.NaN : values[slot];
    }

    private static void Say(FakeFiles files, long? bytes) => files.Contents["/host/proc/net/dev"] =
        Encoding.ASCII.GetBytes(
            "Inter-|   Receive                            |  Transmit\n face |bytes    packets\n"
            + "    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
            + (bytes is null ? "" : FormattableString.Invariant($"  eth0: {bytes} 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n")));
}
