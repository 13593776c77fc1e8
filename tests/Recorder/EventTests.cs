using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Events;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: what happens on a host is told once, at the right time and in words; what does not matter is not. Method:
/// small made-up machines, tick by tick, through the detector as the recorder uses it.
/// </summary>
public sealed class EventTests
{
    private readonly FrameBuilder _builder = new();
    private readonly EventDetector _detector = new(1000);
    private readonly TickEncoder _encoder = new();
    private readonly List<HistoryEvent> _told = [];
    private readonly SortedDictionary<int, ProcessSample> _processes = [];
    private readonly SortedDictionary<string, CgroupSample> _cgroups = new(StringComparer.Ordinal);
    private readonly TickCopy _copy = new();
    private long _sequence;
    private long _unixMs = 1_764_000_000_000;
    private long _monotonicNs = 1_000_000_000;

    [Fact]
    public void A_clock_that_is_set_is_told_with_how_far_and_one_that_is_slewed_is_not()
    {
        Tick();
        _unixMs += 400;
        Tick();
        _unixMs -= 3_600_000;
        Tick();
        _unixMs += 7_200_000;
        Tick();
        Assert.Equal([HistoryEventKind.ClockStep, HistoryEventKind.ClockStep], _told.Select(item => item.Kind));
        Assert.Equal("The wall clock was set back by 1 h 0 min.", _told[0].Text);
        Assert.Equal(7_200_000, _told[1].Facts[0].Value);
        Assert.Contains("ahead", _told[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_minute_without_a_sample_is_a_gap_and_three_seconds_are_not()
    {
        Tick();
        Tick(3000);
        Assert.Empty(_told);
        Tick(60_000);
        Assert.Equal("There was no sample for 1 min 0 s: the program or the machine stood still.", _told.Single().Text);
    }

    [Fact]
    public void Processes_are_told_of_when_they_lived_long_worked_or_moved_much_and_only_then()
    {
        Process(1, 0);
        Tick();
        Process(100, 1000);
        Process(200, 1000);
        Process(300, 1000);
        Tick();
        _processes.Remove(300);
        Change(100, row => row with { UserTicks = 250, WriteBytes = 3 << 20 });
        Tick();
        var start = _told.Single();
        Assert.Equal((HistoryEventKind.ProcessStarted, "p100"), (start.Kind, start.Subject));
        Assert.Equal(_unixMs - 1980, start.UnixMs);
        _processes.Remove(100);
        Change(200, row => row with { ReadBytes = 100L << 20 });
        Tick();
        var exit = _told.Single(item => item.Kind == HistoryEventKind.ProcessExited);
        Assert.Equal("p100 (100) ended after 3 s: 2.5 s of CPU, 3 MiB read and written.", exit.Text);
        Assert.Contains(_told, item => item.Kind == HistoryEventKind.ProcessStarted && item.Subject == "p200");
        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public void What_was_there_before_the_first_tick_did_not_begin()
    {
        Process(1, 0);
        Change(1, row => row with { UserTicks = 99_999 });
        Cgroup("/system.slice/a.service");
        Tick();
        Tick();
        Assert.Empty(_told);
    }

    [Fact]
    public void Births_and_exits_at_the_border_of_two_blocks_are_told_as_well()
    {
        Process(1, 0);
        Process(2, 0);
        Change(2, row => row with { UserTicks = 500 });
        Tick();
        _processes.Remove(2);
        Tick(startBlock: true);
        Assert.Equal("p2", _told.Single().Subject);
    }

    [Fact]
    public void A_kill_for_want_of_memory_names_the_cgroup_and_the_largest_process_that_went()
    {
        Cgroup("/system.slice/web.service");
        Process(10, 0);
        Process(20, 0);
        Change(10, row => row with { RssBytes = 900L << 20 });
        Tick();
        _processes.Remove(20);
        _kills = 1;
        Cgroup("/system.slice/web.service", oomKills: 1);
        Tick();
        var killedAt = _unixMs;
        _processes.Remove(10);
        Tick();
        Tick();
        var kill = _told.Single(item => item.Kind == HistoryEventKind.OomKill);
        Assert.Equal(killedAt, kill.UnixMs);
        Assert.Equal("p10", kill.Subject);
        Assert.Equal(
            "The kernel killed a process in web.service because memory ran out, by all signs p10 (10) with 900 MiB.",
            kill.Text);
    }

    [Fact]
    public void Services_that_appear_and_go_are_told()
    {
        Tick();
        Cgroup("/system.slice/a.service");
        Tick();
        _cgroups.Clear();
        Tick();
        Assert.Equal(
            [
                (HistoryEventKind.CgroupAppeared, "a.service appeared."),
                (HistoryEventKind.CgroupGone, "a.service is gone."),
            ],
            _told.Select(item => (item.Kind, item.Text)));
    }

    [Fact]
    public void A_file_system_that_fills_is_told_at_each_level_once_and_again_after_it_was_emptied()
    {
        foreach (var used in new[] { 50, 89, 90, 91, 90, 95, 99, 99, 97, 85, 92 })
        {
            _used = used;
            Tick();
        }

        Assert.Equal(
            [90, 95, 99, 92],
            _told.Where(item => item.Kind == HistoryEventKind.FilesystemFilling).Select(item => item.Facts[0].Value));
        Assert.Equal("/data is 90 % full: 10 B are left.", _told[0].Text);
    }

    [Fact]
    public void A_link_that_goes_down_and_comes_up_is_told_and_one_that_was_up_is_not()
    {
        foreach (var up in new long?[] { 1, 1, 0, 0, 1 })
        {
            _link = up;
            Tick();
        }

        Assert.Equal([HistoryEventKind.LinkDown, HistoryEventKind.LinkUp], _told.Select(item => item.Kind));
        _link = null;
        for (var i = 0; i <= FrameBuilder.DepartAfterTicks; i++)
        {
            Tick();
        }

        Assert.Equal("eth0 is gone.", _told[^1].Text);
    }

    private int _used = 10;
    private long _kills;
    private long? _link;

    private void Tick(long stepMs = 1000, bool startBlock = false)
    {
        _sequence++;
        _unixMs += stepMs;
        _monotonicNs += stepMs * 1_000_000;
        _builder.Begin();
        _builder.Define(Metrics.Uptime).Set(1000 + (_monotonicNs / 10_000_000));
        _builder.Define(Metrics.OomKills).Set(_kills);
        _builder.Define(Metrics.FilesystemUsage, "sda", "/data", "ext4", "used").Set(_used);
        _builder.Define(Metrics.FilesystemUsage, "sda", "/data", "ext4", "free").Set(100 - _used);
        if (_link is { } up)
        {
            _builder.Define(Metrics.LinkUp, "eth0").Set(up);
        }

        _copy.Frame.CopyFrom(_builder.Build(_sequence, _unixMs, _monotonicNs));
        Fill();
        _detector.Begin(_copy, Sink);
        var ids = Enumerable.Range(0, _copy.Frame.Schema.Count).ToArray();
        var view = new TickView
        {
            Sequence = _sequence,
            UnixMs = _unixMs,
            MonotonicNs = _monotonicNs,
            Values = _copy.Frame.Values,
            Processes = _copy.Processes,
            Cgroups = _copy.Cgroups,
        };
        var place = new TickPlace(1, startBlock || _sequence == 1 ? 0 : (int)_sequence, 1);
        _encoder.Write(new ByteWriter(), place, view, ids, _detector.Observers);
        _detector.End(_copy, Sink);
    }

    private void Fill()
    {
        _copy.HasProcesses = _copy.HasCgroups = true;
        _copy.Processes.Clear();
        _copy.Cgroups.Clear();
        (_copy.Processes.UnixMs, _copy.Cgroups.UnixMs) = (_unixMs, _unixMs);
        foreach (var row in _processes.Values)
        {
            _copy.Processes.Add() = row;
        }

        foreach (var row in _cgroups.Values)
        {
            _copy.Cgroups.Add(row);
        }
    }

    private void Sink(
        long unixMs, HistoryEventKind kind, string subject, string text, params IReadOnlyList<HistoryFact> facts) =>
        _told.Add(new HistoryEvent(_told.Count, unixMs, kind, subject, text, facts));

    private void Process(int pid, long startOffsetMs) => _processes[pid] = new ProcessSample
    {
        Info = new ProcessInfo
        {
            Pid = pid,
            StartTicks = startOffsetMs == 0 ? 0 : 1000 + (_monotonicNs / 10_000_000) + 2,
            Name = $"p{pid}",
            Cgroup = "/system.slice/web.service",
        },
        State = 'S',
        RssBytes = 4096,
        ReadBytes = Frame.Absent,
        WriteBytes = 0,
    };

    private void Change(int pid, Func<ProcessSample, ProcessSample> change) =>
        _processes[pid] = change(_processes[pid]);

    private void Cgroup(string path, long oomKills = 0) => _cgroups[path] = CgroupSample.AllAbsent(
        new CgroupInfo(path, path[(path.LastIndexOf('/') + 1)..], CgroupKind.Unit)) with
    { OomKills = oomKills };
}
