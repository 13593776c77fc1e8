using Hostscope.Gateway.Prometheus;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: the largest have the places, and names change so seldom that nobody who scrapes us can be flooded. Method:
/// candidates by hand, an hour in steps.
/// </summary>
public sealed class TopNTests
{
    private static readonly long HoldNs = TopN<Candidate>.Hold.Ticks * 100;
    private static readonly long LeastHoldNs = TopN<Candidate>.LeastHold.Ticks * 100;

    [Fact]
    public void Places_go_to_the_first_by_cpu_and_the_first_by_memory()
    {
        var top = new TopN<Candidate>(2);
        top.Assign([new("idle", 0, 0), new("busy", 9, 0), new("large", 0, 9), new("both", 1, 1)], 0);
        Assert.Equal(["busy", "large"], top.Holders.Select(holder => holder.Name));
    }

    [Fact]
    public void What_is_suddenly_large_is_seen_at_once_and_takes_the_place_of_the_smallest()
    {
        var top = new TopN<Candidate>(2);
        List<Candidate> all = [new("a", 1, 1), new("b", 2, 2)];
        top.Assign(all, 0);
        all.Add(new("c", 3, 3));
        top.Assign(all, LeastHoldNs - 1);
        Assert.Equal(["a", "b"], top.Holders.Select(holder => holder.Name));
        top.Assign(all, LeastHoldNs);
        Assert.Equal(["b", "c"], top.Holders.Select(holder => holder.Name));
    }

    [Fact]
    public void Who_ended_keeps_its_place_for_the_hold_unless_somebody_needs_it()
    {
        var top = new TopN<Candidate>(2);
        var job = new Candidate("job", 1, 1);
        top.Assign([job], 0);
        job.IsAlive = false;
        top.Assign([job], HoldNs - 1);
        Assert.True(top.Holds(job));
        top.Assign([job, new("a", 1, 1), new("b", 1, 1)], HoldNs - 1);
        Assert.Equal(["a", "b"], top.Holders.Select(holder => holder.Name));
    }

    [Fact]
    public void Who_ended_leaves_after_the_hold()
    {
        var top = new TopN<Candidate>(2);
        var job = new Candidate("job", 1, 1);
        top.Assign([job], 0);
        job.IsAlive = false;
        top.Assign([job], HoldNs);
        Assert.Empty(top.Holders);
    }

    [Fact]
    public void What_uses_nothing_has_no_place()
    {
        var top = new TopN<Candidate>(2);
        top.Assign([new("cpuhp/0", 0, 0), new("sh", 0, 1)], 0);
        Assert.Equal(["sh"], top.Holders.Select(holder => holder.Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_names_of_an_hour_are_bounded_and_the_places_are_never_exceeded(bool end)
    {
        const int Places = 5;
        var top = new TopN<Candidate>(Places);
        var seen = new HashSet<string>();
        List<Candidate> all = [];
        for (var second = 0L; second < 3600; second++)
        {
            all.RemoveAll(candidate => !top.Holds(candidate));
            all.ForEach(candidate => candidate.IsAlive &= !end);
            all.AddRange(Enumerable.Range(0, 100).Select(i => new Candidate($"{second}-{i}", second + 1, second)));
            top.Assign(all, second * 1_000_000_000);
            Assert.True(top.Holders.Count() <= Places);
            seen.UnionWith(top.Holders.Select(holder => holder.Name));
        }

        Assert.InRange(seen.Count, Places, Places * (2 + 6));
    }

    private sealed class Candidate(string name, double cpu, double memory) : IRanked
    {
        public string Name => name;

        public bool IsAlive { get; set; } = true;

        public double RecentCpu => cpu;

        public double Memory => memory;
    }
}
