using CsCheck;
using Hostscope.Collectors.Processes;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: scanning stays within its share of a CPU, whatever a scan costs, and is as frequent as that allows.
/// Method: costs by hand, and any sequence of costs against the share.
/// </summary>
public sealed class ScanBudgetTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ScanBudget _budget = new(Tick, 0.25);

    [Fact]
    public void A_cheap_scan_is_made_in_every_tick()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_budget.NextTick());
            _budget.Record(TimeSpan.FromMilliseconds(240));
        }

        Assert.Equal(1, _budget.IntervalTicks);
    }

    [Fact]
    public void One_dear_scan_changes_nothing_and_two_in_a_row_make_scans_rarer()
    {
        Scan(900);
        Assert.Equal(1, _budget.IntervalTicks);
        Scan(5);
        Scan(600);
        Assert.Equal(1, _budget.IntervalTicks);
        Scan(600);
        Assert.Equal(3, _budget.IntervalTicks);
        Assert.Equal([false, false, true], Ticks(3));
    }

    [Fact]
    public void Three_cheap_scans_bring_every_tick_back()
    {
        Scan(600);
        Scan(600);
        Scan(10);
        Scan(10);
        Assert.Equal(3, _budget.IntervalTicks);
        Scan(10);
        Assert.Equal(1, _budget.IntervalTicks);
    }

    [Fact]
    public void A_scan_of_any_cost_is_made_once_in_sixty_ticks()
    {
        Scan(1_000_000);
        Scan(1_000_000);
        Assert.Equal(ScanBudget.MaxIntervalTicks, _budget.IntervalTicks);
        Assert.Equal(1, Ticks(60).Count(isScan => isScan));
    }

    [Fact]
    public void In_the_long_run_a_steady_cost_stays_within_the_share() => Gen.Int[1, 14_000].Sample(costMs =>
    {
        var budget = new ScanBudget(Tick, 0.25);
        var scans = 0;
        for (var tick = 0; tick < 600; tick++)
        {
            if (budget.NextTick())
            {
                scans++;
                budget.Record(TimeSpan.FromMilliseconds(costMs));
            }
        }

        // The first two are spent on learning the cost, and the last may stand at the end of the time.
        return (scans - 3) * costMs <= 0.25 * 600_000;
    });

    private void Scan(int costMs)
    {
        while (!_budget.NextTick())
        {
        }

        _budget.Record(TimeSpan.FromMilliseconds(costMs));
    }

    private bool[] Ticks(int count) => [.. Enumerable.Range(0, count).Select(_ => _budget.NextTick())];
}
