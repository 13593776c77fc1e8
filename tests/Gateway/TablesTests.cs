using System.Text.Json;
using CsCheck;
using Hostscope.Gateway.Live.Tables;
using Hostscope.Model;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: whoever applies the messages of a table holds the table, whatever came and went, and nothing is scanned for
/// nobody. Method: a real server and viewer for the flow, generated tables for the arithmetic of changes.
/// </summary>
public sealed class TablesTests
{
    private static readonly ProcessInfo[] Nginx = [Process(7, 100, "nginx")];

    [Fact]
    public async Task Tables_are_sent_only_to_those_who_subscribed_and_wanted_only_while_somebody_does()
    {
        await using var server = await Server.StartAsync();
        using var other = await server.WatchAsync();
        using var viewer = await server.WatchAsync();
        await NextAsync(other, "hello");
        await NextAsync(viewer, "hello");
        Assert.Equal(Topics.System | Topics.Cores, server.Bus.Wanted("web-1"));

        await viewer.SendAsync("""{"type":"subscribe","topics":["system","processes"]}""");
        await NextAsync(viewer, "schema");
        Assert.Equal(Topics.System | Topics.Cores | Topics.Processes, server.Bus.Wanted("web-1"));
        server.Host.TickProcesses(table => Add(table, Nginx[0], 10, 4096));
        var message = await NextAsync(viewer, "processes");
        Assert.True(message.GetProperty("full").GetBoolean());
        Assert.Equal(
            """[7,100,1,"nginx","-g off","www-data","/system.slice/nginx.service",false]""",
            message.GetProperty("info")[0].GetRawText());
        Assert.Equal("""[7,"S",null,4096,null,null,1,0,20]""", message.GetProperty("rows")[0].GetRawText());
        Assert.Equal(0, message.GetProperty("hidden").GetInt64());

        server.Host.TickProcesses(table => Add(table, Nginx[0], 60, 4096, read: 1000));
        message = await NextAsync(viewer, "processes");
        Assert.False(message.GetProperty("full").GetBoolean());
        Assert.Equal(0, message.GetProperty("info").GetArrayLength());
        Assert.Equal("""[7,"S",0.5,4096,null,null,1,0,20]""", message.GetProperty("rows")[0].GetRawText());
        await NextAsync(other, "frame");

        await viewer.SendAsync("""{"type":"subscribe","topics":["system"]}""");
        await NextAsync(viewer, "schema");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 70, 4096));
        await NextAsync(viewer, "frame");
        Assert.Equal(Topics.System | Topics.Cores, server.Bus.Wanted("web-1"));
    }

    [Fact]
    public async Task A_viewer_that_comes_later_gets_the_whole_table_and_the_one_before_only_the_changes()
    {
        await using var server = await Server.StartAsync();
        using var first = await server.WatchAsync("/api/v1/hosts/local/live?topics=processes");
        await NextAsync(first, "hello");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 10, 4096));
        await NextAsync(first, "schema");
        await NextAsync(first, "frame");
        Assert.True((await NextAsync(first, "processes")).GetProperty("full").GetBoolean());

        using var second = await server.WatchAsync("/api/v1/hosts/local/live?topics=processes");
        await NextAsync(second, "hello");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 10, 4096));
        await NextAsync(first, "frame");
        var changes = await NextAsync(first, "processes");
        Assert.False(changes.GetProperty("full").GetBoolean());
        await NextAsync(second, "frame");
        var whole = await NextAsync(second, "processes");
        Assert.True(whole.GetProperty("full").GetBoolean());
        Assert.Equal(1, whole.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task After_a_hello_that_was_asked_for_tables_begin_with_the_whole()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync("/api/v1/hosts/local/live?topics=system,processes");
        await NextAsync(viewer, "hello");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 10, 4096));
        Assert.True((await NextAsync(viewer, "processes")).GetProperty("full").GetBoolean());
        await viewer.SendAsync("{\"type\":\"resync\"}");
        await NextAsync(viewer, "hello");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 20, 4096));
        Assert.True((await NextAsync(viewer, "processes")).GetProperty("full").GetBoolean());
    }

    [Fact]
    public async Task A_table_that_was_given_up_for_a_moment_begins_with_the_whole()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync("/api/v1/hosts/local/live?topics=system,processes");
        await NextAsync(viewer, "hello");
        server.Host.TickProcesses(table => Add(table, Nginx[0], 10, 4096));
        Assert.True((await NextAsync(viewer, "processes")).GetProperty("full").GetBoolean());
        await viewer.SendAsync("{\"type\":\"subscribe\",\"topics\":[\"system\"]}");
        await viewer.SendAsync("{\"type\":\"subscribe\",\"topics\":[\"system\",\"processes\"]}");
        await viewer.SendAsync("{\"type\":\"subscribe\",\"topics\":[\"system\",\"processes\",\"cores\"]}");

        // A schema may stand for one subscription or for several; with the second comes the table of the tick before.
        var messages = new List<JsonElement>();
        do
        {
            messages.Add(WebSocketClient.Parse(await viewer.ReceiveBytesAsync()));
        }
        while (!(messages[^1].TryGetProperty("topics", out var topics) && topics.GetArrayLength() == 3));

        server.Host.TickProcesses(table => Add(table, Nginx[0], 20, 4096));
        messages.Add(await NextAsync(viewer, "processes"));
        Assert.True(messages.First(message => message.GetProperty("type").GetString() == "processes")
            .GetProperty("full").GetBoolean());
    }

    [Fact]
    public async Task Cgroups_carry_rates_limits_and_stalls_under_small_numbers()
    {
        await using var server = await Server.StartAsync();
        using var viewer = await server.WatchAsync("/api/v1/hosts/local/live?topics=cgroups");
        await NextAsync(viewer, "hello");
        var info = new CgroupInfo("/system.slice/api.service", "api.service", CgroupKind.Unit);
        var sample = CgroupSample.AllAbsent(info) with
        {
            CpuUsageUs = 1_000_000,
            MemoryBytes = 100,
            CpuLimitMilli = 1500,
        };
        server.Host.TickCgroups(sample);
        await NextAsync(viewer, "schema");
        await NextAsync(viewer, "frame");
        var message = await NextAsync(viewer, "cgroups");
        Assert.Equal(
            """[1,"/system.slice/api.service","api.service","unit"]""", message.GetProperty("info")[0].GetRawText());
        Assert.Equal(
            "[1,null,null,1.5,100,null,null,null,null,null,null,null,null]",
            message.GetProperty("rows")[0].GetRawText());

        server.Host.TickCgroups(sample with { CpuUsageUs = 1_250_000, OomKills = 2 });
        await NextAsync(viewer, "frame");
        message = await NextAsync(viewer, "cgroups");
        Assert.Equal(
            "[1,0.25,null,1.5,100,null,null,null,null,null,null,null,2]",
            message.GetProperty("rows")[0].GetRawText());

        server.Host.TickCgroups(sample with { Info = info with { Name = "api" } });
        await NextAsync(viewer, "frame");
        message = await NextAsync(viewer, "cgroups");
        Assert.Equal("""[1,"/system.slice/api.service","api","unit"]""", message.GetProperty("info")[0].GetRawText());

        server.Host.TickCgroups();
        await NextAsync(viewer, "frame");
        Assert.Equal("[1]", (await NextAsync(viewer, "cgroups")).GetProperty("gone").GetRawText());
    }

    [Fact]
    public void Whoever_applies_the_changes_holds_the_table() => Gen.Select(
            Gen.Int[1, 12], Gen.Long[100, 101], Gen.Int[0, 3])
        .List[0, 12].List[1, 12].Sample(tables =>
        {
            using var writer = new TableWriter();
            var feed = new ProcessFeed(writer);
            var held = new SortedDictionary<int, string>();
            var sequence = 0L;
            foreach (var rows in tables)
            {
                var table = new ProcessTable { Sequence = ++sequence, MonotonicNs = sequence * 1_000_000_000 };
                foreach (var (pid, start, cpu) in rows.DistinctBy(row => row.Item1).OrderBy(row => row.Item1))
                {
                    Add(table, Process(pid, start, "p"), cpu * sequence, 4096 * cpu);
                }

                var updates = feed.Take(ref table, new FrameBuilder().Build(sequence, 0, 0));
                Apply(held, updates.For(withDetails: true).Changes.Payload);
                var whole = new SortedDictionary<int, string>();
                Apply(whole, feed.Snapshot(withDetails: true).Payload);
                Assert.Equal(whole, held);
            }
        });

    [Fact]
    public void Of_very_many_processes_the_largest_are_sent_and_it_says_so()
    {
        using var writer = new TableWriter();
        var feed = new ProcessFeed(writer);
        for (var tick = 1; tick <= 2; tick++)
        {
            var table = new ProcessTable { Sequence = tick, MonotonicNs = tick * 1_000_000_000L };
            for (var pid = 1; pid <= 5000; pid++)
            {
                Add(table, Process(pid, 1, "p"), pid == 3 ? tick * 50 : 0, pid);
            }

            feed.Take(ref table, new FrameBuilder().Build(tick, 0, 0));
        }

        var bytes = feed.Snapshot(withDetails: true).Payload;
        var message = JsonDocument.Parse(bytes).RootElement;
        Assert.Equal(5000, message.GetProperty("total").GetInt32());
        Assert.Equal(ProcessFeed.MaxRows, message.GetProperty("sent").GetInt32());
        Assert.Equal(3, message.GetProperty("rows")[0][0].GetInt32());
        Assert.Equal(4002, message.GetProperty("rows")[1][0].GetInt32());
        Assert.True(bytes.Length < 1 << 20);
    }

    [Fact]
    public void After_a_time_in_which_nothing_was_scanned_rates_begin_anew()
    {
        using var writer = new TableWriter();
        var feed = new ProcessFeed(writer);
        foreach (var sequence in new[] { 1, 2, 60 })
        {
            var table = new ProcessTable { Sequence = sequence, MonotonicNs = sequence * 1_000_000_000L };
            Add(table, Nginx[0], sequence * 10, 4096);
            feed.Take(ref table, new FrameBuilder().Build(sequence, 0, 0));
            var snapshot = feed.Snapshot(withDetails: true).Payload;
            var cpu = JsonDocument.Parse(snapshot).RootElement.GetProperty("rows")[0][2];
            Assert.Equal(sequence == 2 ? "0.1" : "null", cpu.GetRawText());
        }
    }

    /// <summary>The next message of a type; those of other types before it are passed over.</summary>
    private static async Task<JsonElement> NextAsync(WebSocketClient viewer, string type)
    {
        while (true)
        {
            var message = WebSocketClient.Parse(await viewer.ReceiveBytesAsync());
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }
    }

    private static void Apply(SortedDictionary<int, string> held, ReadOnlyMemory<byte> utf8)
    {
        var message = JsonDocument.Parse(utf8).RootElement;
        if (message.GetProperty("full").GetBoolean())
        {
            held.Clear();
        }

        foreach (var pid in message.GetProperty("gone").EnumerateArray())
        {
            Assert.True(held.Remove(pid.GetInt32()), "what is gone was there");
        }

        var started = message.GetProperty("info").EnumerateArray()
            .ToDictionary(info => info[0].GetInt32(), info => info[1].GetInt64());
        foreach (var row in message.GetProperty("rows").EnumerateArray())
        {
            held[row[0].GetInt32()] = row.GetRawText();
        }

        Assert.All(started.Keys, pid => Assert.True(held.ContainsKey(pid), "a new process comes with its values"));
    }

    private static ProcessInfo Process(int pid, long start, string name) => new()
    {
        Pid = pid,
        StartTicks = start,
        ParentPid = 1,
        Name = name,
        Arguments = "-g off",
        UserId = 33,
        User = "www-data",
        Cgroup = "/system.slice/nginx.service",
    };

    private static void Add(ProcessTable table, ProcessInfo info, long cpuTicks, long memory, long read = Frame.Absent)
    {
        ref var row = ref table.Add();
        row = new ProcessSample
        {
            Info = info,
            State = 'S',
            Threads = 1,
            Priority = 20,
            UserTicks = cpuTicks,
            RssBytes = memory,
            ReadBytes = read,
            WriteBytes = Frame.Absent,
        };
    }
}
