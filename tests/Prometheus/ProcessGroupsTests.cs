using CsCheck;
using Hostscope.Gateway.Prometheus;
using Hostscope.Model;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: the totals of a group never fall, whatever processes come and go, and add up to what the processes used.
/// Method: scans made by hand, and random lives of processes against a sum that is kept beside.
/// </summary>
public sealed class ProcessGroupsTests
{
    private readonly ProcessGroups _groups = new(places: 50);
    private long _nowNs = 1_000_000_000;

    [Fact]
    public void Processes_of_one_name_add_up()
    {
        Scan(
            Process(1, "nginx", user: 10, rss: 1000),
            Process(2, "nginx", user: 5, rss: 500),
            Process(3, "sh", user: 1));
        var nginx = Group("nginx");
        Assert.Equal((2, 15, 1500), (nginx.Processes, nginx.Totals.UserTicks, nginx.RssBytes));
        Assert.Equal(2, _groups.Count);
    }

    [Fact]
    public void What_an_ended_process_used_stays_in_its_group()
    {
        Scan(Process(1, "nginx", user: 10), Process(2, "nginx", user: 5));
        Scan(Process(1, "nginx", user: 12));
        Assert.Equal((1, 17), (Group("nginx").Processes, Group("nginx").Totals.UserTicks));
        Scan();
        Assert.Equal((0, 17), (Group("nginx").Processes, Group("nginx").Totals.UserTicks));
    }

    [Fact]
    public void A_pid_with_another_start_time_is_another_process()
    {
        Scan(Process(1, "nginx", user: 10));
        Scan(Process(1, "nginx", user: 3, start: 200));
        Assert.Equal(13, Group("nginx").Totals.UserTicks);
    }

    [Fact]
    public void After_exec_the_process_counts_for_its_new_name_from_then_on()
    {
        Scan(Process(1, "sh", user: 10));
        Scan(Process(1, "java", user: 25));
        Assert.Equal(15, Group("java").Totals.UserTicks);
        Assert.Equal((0, 10), (Group("sh").Processes, Group("sh").Totals.UserTicks));
    }

    [Fact]
    public void A_value_that_goes_back_or_is_absent_adds_nothing_and_is_made_up_for()
    {
        Scan(Process(1, "a", user: 10, read: 100));
        Scan(Process(1, "a", user: 9, read: Frame.Absent));
        Scan(Process(1, "a", user: 11, read: 150));
        Assert.Equal((11, 150), (Group("a").Totals.UserTicks, Group("a").Totals.ReadBytes));
    }

    [Fact]
    public void Io_that_could_never_be_read_is_absent()
    {
        Scan(Process(1, "a", read: Frame.Absent), Process(2, "b", read: 0));
        Assert.False(Group("a").HasIo);
        Assert.True(Group("b").HasIo);
    }

    [Fact]
    public void Totals_never_fall_and_are_what_was_seen() => Gen.Select(
        Gen.Int[1, 6], Gen.Int[0, 2], Gen.Int[0, 50], Gen.Bool).Array[5, 60].Array[1, 8].Sample(scans =>
    {
        var groups = new ProcessGroups(places: 50);
        var alive = new SortedDictionary<int, (string Name, long Start, long Ticks)>();
        var used = new Dictionary<string, long>();
        var starts = 0L;
        var scanNs = 0L;
        foreach (var steps in scans)
        {
            foreach (var (pid, name, ticks, ends) in steps)
            {
                if (ends)
                {
                    alive.Remove(pid);
                }
                else
                {
                    var process = alive.GetValueOrDefault(pid, (Name: $"p{name}", Start: ++starts, Ticks: 0));
                    alive[pid] = process with { Ticks = process.Ticks + ticks };
                }
            }

            var before = groups.Shown.ToDictionary(group => group.Name, group => group.Totals.UserTicks);
            groups.Add(Table(scanNs += 1_000_000_000,
                [.. alive.Select(p => Process(p.Key, p.Value.Name, user: p.Value.Ticks, start: p.Value.Start))]));
            Assert.All(groups.Shown, group =>
                Assert.True(group.Totals.UserTicks >= before.GetValueOrDefault(group.Name)));
            foreach (var group in groups.Shown)
            {
                Assert.Equal(alive.Values.Count(p => p.Name == group.Name), group.Processes);
            }
        }
    });

    [Fact]
    public void However_many_names_there_are_only_so_many_are_shown()
    {
        var groups = new ProcessGroups(places: 10);
        var names = new HashSet<string>();
        for (var scan = 1; scan <= 20; scan++)
        {
            groups.Add(Table(scan * 1_000_000_000L,
                [.. Enumerable.Range(1, 2000).Select(pid => Process(pid, $"{scan}-{pid}", rss: pid, start: scan))]));
            Assert.Equal(10, groups.Shown.Count());
            names.UnionWith(groups.Shown.Select(group => group.Name));
        }

        // Twenty seconds of 2,000 names that are new every second.
        Assert.True(names.Count <= 21, $"{names.Count} names");
        Assert.Equal(2000, groups.Count);
    }

    private void Scan(params ProcessSample[] rows) => _groups.Add(Table(_nowNs += 1_000_000_000, rows));

    private ProcessGroup Group(string name) => _groups.Shown.Single(group => group.Name == name);

    internal static ProcessTable Table(long nowNs, params ProcessSample[] rows)
    {
        var table = new ProcessTable { MonotonicNs = nowNs, Hidden = 0 };
        foreach (var row in rows)
        {
            table.Add() = row;
        }

        return table;
    }

    internal static ProcessSample Process(
        int pid, string name, long user = 0, long rss = 1, long read = 0, long start = 100) => new()
        {
            Info = new ProcessInfo { Pid = pid, StartTicks = start, Name = name },
            UserTicks = user,
            SystemTicks = 0,
            RssBytes = rss,
            ReadBytes = read,
            WriteBytes = read,
            Threads = 1,
        };
}
