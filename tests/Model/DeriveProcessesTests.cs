using CsCheck;

namespace Hostscope.Model.Tests;

/// <summary>
/// Goal: what a process did is never another one's doing, and what no process accounts for is said.
/// Method: tables by hand, and generated ones against a search without order.
/// </summary>
public sealed class DeriveProcessesTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_process_has_the_rates_of_its_own_counters()
    {
        var before = Table(0, (7, 100, 50, 1000));
        var after = Table(2 * Second, (7, 100, 350, 5000));
        Assert.Equal(new ProcessRates(1.5, 2000, 2000), Rates(before, after)[0]);
    }

    [Fact]
    public void Without_an_earlier_table_there_are_no_rates() =>
        Assert.All(Rates(null, Table(Second, (7, 100, 50, 10))), rate => Assert.True(double.IsNaN(rate.Cpu)));

    [Fact]
    public void A_process_that_was_born_since_has_used_all_it_has_used_in_the_interval()
    {
        var before = Table(0, (1, 5, 900, 0), (300, 10_000, 5, 0));
        var after = Table(Second, (1, 5, 900, 0), (300, 10_000, 5, 0), (301, 10_040, 60, 4096));
        Assert.Equal(new ProcessRates(0.6, 4096, 4096), Rates(before, after)[2]);
    }

    [Fact]
    public void A_process_that_is_older_and_only_now_visible_has_no_rates_the_first_time()
    {
        var before = Table(0, (300, 10_000, 5, 0));
        var after = Table(Second, (200, 700, 999_999, 1 << 30), (300, 10_000, 5, 0));
        Assert.True(double.IsNaN(Rates(before, after)[0].Cpu));
        Assert.True(double.IsNaN(Rates(before, after)[0].ReadBytes));
    }

    [Fact]
    public void A_process_id_that_was_given_again_is_another_process()
    {
        var before = Table(0, (7, 100, 500, 90_000), (8, 10_000, 0, 0));
        var after = Table(Second, (7, 10_050, 20, 10), (8, 10_000, 0, 0));
        Assert.Equal(0.2, Rates(before, after)[0].Cpu, 9);
    }

    [Fact]
    public void A_counter_that_went_back_or_is_missing_is_absent_on_its_own()
    {
        var before = Table(0, (7, 100, 500, 1000));
        var after = Table(Second, (7, 100, 400, 2000));
        var rates = Rates(before, after)[0];
        Assert.True(double.IsNaN(rates.Cpu));
        Assert.Equal(1000, rates.ReadBytes);

        var noIo = Table(Second, (7, 100, 600, Frame.Absent));
        Assert.True(double.IsNaN(Rates(before, noIo)[0].ReadBytes));
        Assert.Equal(1, Rates(before, noIo)[0].Cpu, 9);
    }

    [Fact]
    public void The_merge_finds_what_a_search_finds() =>
        Gen.Select(Rows, Rows).Sample((left, right) =>
        {
            var before = Table(0, left);
            var after = Table(Second, right);
            var rates = Rates(before, after);
            var youngest = left.Length == 0 ? 0 : left.Max(row => row.Start);
            for (var i = 0; i < right.Length; i++)
            {
                var row = right[i];
                var same = left.Where(old => old.Pid == row.Pid && old.Start == row.Start).ToList();
                var isBorn = same.Count == 0 && row.Start >= youngest - 100;
                var used = same.Count > 0 ? row.Cpu - same[0].Cpu : isBorn ? row.Cpu : -1;
                Assert.Equal(used >= 0, !double.IsNaN(rates[i].Cpu));
                Assert.True(used < 0 || Math.Abs(rates[i].Cpu - (used / 100.0)) < 1e-9);
            }
        });

    [Fact]
    public void What_no_process_accounts_for_is_the_rest_of_the_hosts_time_and_never_negative()
    {
        var ticks = new Ticks();
        var first = ticks.Next(("user", 1000), ("system", 500), ("idle", 9000), ("guest", 100), ("steal", 0));
        var second = ticks.Next(("user", 1100), ("system", 520), ("idle", 9080), ("guest", 200), ("steal", 70));
        Assert.Equal(1.2, DeriveProcesses.BusyCpus(first, second), 9);
        ProcessRates[] rates = [new(0.7, 0, 0), new(double.NaN, 0, 0), new(0.3, 0, 0)];
        Assert.Equal(0.2, DeriveProcesses.Unattributed(first, second, rates), 9);
        rates = [new(1.21, 0, 0)];
        Assert.Equal(0, DeriveProcesses.Unattributed(first, second, rates));
        Assert.True(double.IsNaN(DeriveProcesses.Unattributed(null, second, rates)));
    }

    [Fact]
    public void Short_lived_ones_are_those_created_less_those_that_came_to_stay()
    {
        var ticks = new Ticks();
        var first = ticks.Created(100);
        var second = ticks.Created(130);
        var before = Table(0, (1, 5, 0, 0));
        var after = Table(Second, (1, 5, 0, 0), (50, 900, 0, 0), (51, 901, 0, 0));
        Assert.Equal(28, DeriveProcesses.ShortLived(first, second, before, after));
        Assert.Equal(0, DeriveProcesses.ShortLived(second, second, before, after));
        Assert.Equal(Frame.Absent, DeriveProcesses.ShortLived(null, second, before, after));
        Assert.Equal(Frame.Absent, DeriveProcesses.ShortLived(first, second, null, after));
    }

    private static Gen<(int Pid, long Start, long Cpu, long Read)[]> Rows =>
        Gen.Select(Gen.Int[1, 30], Gen.Long[0, 400].Select(s => s / 100 * 100), Gen.Long[0, 200])
            .Select(t => (Pid: t.Item1, Start: t.Item2, Cpu: t.Item3, Read: 0L)).Array[0, 25]
            .Select(rows => rows.DistinctBy(row => row.Pid).OrderBy(row => row.Pid).ToArray());

    private static ProcessTable Table(long monotonicNs, params (int Pid, long Start, long Cpu, long Read)[] rows)
    {
        var table = new ProcessTable { MonotonicNs = monotonicNs };
        foreach (var (pid, start, cpu, read) in rows)
        {
            ref var row = ref table.Add();
            row = new ProcessSample
            {
                Info = new ProcessInfo { Pid = pid, StartTicks = start, Name = "x" },
                UserTicks = cpu,
                Threads = 1,
                ReadBytes = read,
                WriteBytes = read,
            };
        }

        return table;
    }

    private static ProcessRates[] Rates(ProcessTable? before, ProcessTable after)
    {
        var rates = new ProcessRates[after.Count];
        DeriveProcesses.Rates(before, after, rates);
        return rates;
    }

    private sealed class Ticks
    {
        private readonly FrameBuilder _builder = new();
        private long _sequence;

        public Frame Next(params (string Mode, long Value)[] modes) => Build(() =>
        {
            foreach (var (mode, value) in modes)
            {
                _builder.Define(Metrics.CpuTime, mode).Set(value);
            }
        });

        public Frame Created(long count) => Build(() => _builder.Define(Metrics.ProcessCreated).Set(count));

        private Frame Build(Action set)
        {
            _builder.Begin();
            set();
            _sequence++;
            var frame = new Frame();
            frame.CopyFrom(_builder.Build(_sequence, 0, _sequence * Second));
            return frame;
        }
    }
}
