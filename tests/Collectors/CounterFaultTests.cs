using System.Text;
using CsCheck;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: no fault of a counter becomes traffic that was not there. Method: an interface of 1 Gbit/s whose counter is
/// reset, flickers to 0, wraps at 32 bits or goes away and comes again, in any order, from the file to the rate; a CPU
/// that does the same.
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
                var rate = RateOf(before, after, Metrics.NetworkIo, "eth0", "receive");
                Assert.True(double.IsNaN(rate) || rate is >= 0 and <= LinkBytesPerSecond, $"{step}: {rate} bytes/s");
                gaps += double.IsNaN(rate) ? 1 : 0;
                before = after;
            }

            Assert.True(gaps <= 2 * faults, $"{gaps} gaps for {faults} faults.");
        },
        iter: 300,
        threads: 1);

    [Fact]
    public void A_cpu_that_goes_and_returns_with_other_counters_is_never_busier_than_a_cpu() => Gen.Select(
        Gen.Enum<Step>(), Gen.Int[0, 50], Gen.Int[0, 50]).Array[1, 60].Sample(
        steps =>
        {
            var files = new FakeFiles();
            using var host = new FakeHost(files, "cpu");
            var (user, idle) = (7_000_000L, 9_000_000L);
            var said = (User: user, Idle: idle);
            SayCpu(files, user, idle, isOnline: true);
            var before = host.Tick();
            foreach (var (step, busyTicks, idleTicks) in steps)
            {
                // Reset and Wrap: it was taken out and put back between two looks, and counts from a lower number.
                user = step is Step.Reset or Step.Wrap ? user % 1_000 : user + busyTicks;
                idle = step == Step.Reset ? 0 : idle + idleTicks;
                // Whoever says 0 twice means it.
                var isFlicker = step == Step.Flicker && said.User > 0 && said.Idle > 0;
                said = step == Step.Gone ? said : isFlicker ? (0, 0) : (user, idle);
                SayCpu(files, said.User, said.Idle, step != Step.Gone);
                host.Time.Advance(TimeSpan.FromSeconds(1));
                var after = host.Tick();
                foreach (var mode in (string[])["user", "idle"])
                {
                    var rate = RateOf(before, after, Metrics.CoreTime, "7", mode);
                    Assert.True(double.IsNaN(rate) || rate is >= 0 and <= 1, $"{step}: {rate} CPUs of {mode}");
                    Assert.True(double.IsNaN(rate) || step != Step.Gone, $"{step}: {rate}");
                }

                before = after;
            }
        },
        iter: 300,
        threads: 1);

    private static void SayCpu(FakeFiles files, long user, long idle, bool isOnline) =>
        files.Contents["/host/proc/stat"] = Encoding.ASCII.GetBytes(FormattableString.Invariant(
            $"cpu 1 0 1 1\ncpu0 1 0 1 1\n{(isOnline ? $"cpu7 {user} 0 1 {idle}\n" : "")}ctxt 1\n"));

    private static long Next(Step step, long bytes) => step switch
    {
        Step.Grow => bytes + 1_500,
        Step.GrowMuch => bytes + (long)LinkBytesPerSecond,
        Step.Reset => bytes % 1_000,
        Step.Wrap => bytes % (1L << 32),
        _ => bytes,
    };

    private static double RateOf(Frame before, Frame after, Metric metric, params string[] labels)
    {
        var values = new double[after.Schema.Count];
        Derive.Values(before, after, values);
        var key = Series.MakeKey(metric, labels);
        var slot = Array.FindIndex(after.Schema.Series.ToArray(), series => series.Key == key);
        return slot < 0 ? double.NaN : values[slot];
    }

    private static void Say(FakeFiles files, long? bytes) => files.Contents["/host/proc/net/dev"] =
        Encoding.ASCII.GetBytes(
            "Inter-|   Receive                            |  Transmit\n face |bytes    packets\n"
            + "    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
            + (bytes is null ? "" : FormattableString.Invariant($"  eth0: {bytes} 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n")));
}
