using Hostscope.Gateway.Prometheus;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: the largest have the places, and names change so seldom that nobody who scrapes us can be flooded. Method:
/// candidates by hand, an hour in steps.
/// </summary>
public sealed class TopNTests
{
    private static readonly long HoldNs = TopN<Candidate>.Hold.Ticks * 100;

    [Fact]
    public void Places_go_to_the_first_by_cpu_and_the_first_by_memory()
    {
        var top = new TopN<Candidate>(2);
        top.Assign([new("idle", 0, 0), new("busy", 9, 0), new("large", 0, 9), new("both", 1, 1)], 0);
        Assert.Equal(["busy", "large"], top.Holders.Select(holder => holder.Name));
    }

    [Fact]
    public void A_free_place_is_given_at_once_a_taken_one_after_the_hold()
    {
        var top = new TopN<Candidate>(2);
        List<Candidate> all = [new("a", 1, 1)];
        top.Assign(all, 0);
        all.Add(new("b", 2, 2));
        top.Assign(all, 1);
        Assert.Equal(["a", "b"], top.Holders.Select(holder => holder.Name));
        all.Add(new("c", 3, 3));
        top.Assign(all, HoldNs - 1);
        Assert.Equal(["a", "b"], top.Holders.Select(holder => holder.Name));
        top.Assign(all, HoldNs);
        Assert.Equal(["b", "c"], top.Holders.Select(holder => holder.Name));
    }

    [Fact]
    public void Who_ended_keeps_its_place_for_the_hold()
    {
        var top = new TopN<Candidate>(1);
        var job = new Candidate("job", 1, 1);
        top.Assign([job], 0);
        job.IsAlive = false;
        top.Assign([job], HoldNs - 1);
        Assert.True(top.Holds(job));
        top.Assign([job], HoldNs);
        Assert.Empty(top.Holders);
    }

    [Fact]
    public void The_names_of_an_hour_are_bounded()
    {
        const int Places = 5;
        var top = new TopN<Candidate>(Places);
        var seen = new HashSet<string>();
        for (var second = 0L; second < 3600; second++)
        {
            top.Assign([.. Enumerable.Range(0, 100).Select(i => new Candidate($"{second}-{i}", second, second))],
                second * 1_000_000_000);
            seen.UnionWith(top.Holders.Select(holder => holder.Name));
        }

        Assert.True(seen.Count <= Places * (1 + 6), $"{seen.Count} names in an hour");
    }

    private sealed class Candidate(string name, double cpu, double memory) : IRanked
    {
        public string Name => name;

        public bool IsAlive { get; set; } = true;

        public double RecentCpu => cpu;

        public double Memory => memory;
    }
}
