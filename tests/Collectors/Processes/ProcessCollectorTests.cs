using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: the table says how complete and how old it is. Method: ticks of the collector over a fake /proc and a CPU
/// clock of the test's.
/// </summary>
public sealed class ProcessCollectorTests : IDisposable
{
    private readonly FakeProcesses _proc = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FrameBuilder _builder = new();
    private readonly CollectorContext _context;
    private readonly ProcessCollector _collector;
    private TimeSpan _cpu;
    private TimeSpan _costOfScan;
    private bool _isSecondReading;
    private long _sequence;

    public ProcessCollectorTests()
    {
        _context = new CollectorContext(new HostRoots(), _builder, _time, _proc);
        _collector = new ProcessCollector(_context, new ProcessOptions { CpuTime = ReadCpuClock });
        _proc.Add(1);
        _proc.Add(42, p => p.Threads = 3);
    }

    public void Dispose()
    {
        _context.Dispose();
        Assert.Equal(0, _proc.OpenCount);
    }

    [Fact]
    public void A_dear_scan_is_made_in_fewer_ticks_and_the_table_says_so()
    {
        _costOfScan = TimeSpan.FromMilliseconds(700);
        var fresh = new List<bool>();
        for (var tick = 0; tick < 11; tick++)
        {
            Tick();
            fresh.Add(_collector.IsFresh);
        }

        Assert.Equal([true, true, false, false, true, false, false, true, false, false, true], fresh);
        Assert.Equal(3, _collector.Table.IntervalTicks);
    }

    [Fact]
    public void A_table_has_the_times_of_its_scan()
    {
        _time.Advance(TimeSpan.FromSeconds(5));
        Tick();
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), _collector.Table.UnixMs);
        var first = _collector.Table.MonotonicNs;
        _time.Advance(TimeSpan.FromSeconds(1));
        Tick();
        Assert.Equal(1_000_000_000, _collector.Table.MonotonicNs - first);
    }

    [Fact]
    public void Processes_are_counted_by_the_states_that_the_kernel_does_not_count()
    {
        _proc.Add(50, p => p.State = "Z");
        _proc.Add(51, p => p.State = "T");
        _proc.Add(52, p => p.State = "I");
        _proc.Add(53, p => p.State = "R");
        var frame = Tick();
        string[] states = ["sleeping", "defunct", "stopped", "idle"];
        Assert.Equal([2, 1, 1, 1], states.Select(state => Count(frame, state)));
        Assert.DoesNotContain(frame.Schema.Series.ToArray(), series => series.LabelValues.Contains("running"));
    }

    [Theory]
    [InlineData("rw", 0)]
    [InlineData("rw,hidepid=0", 0)]
    [InlineData("rw,gid=5,hidepid=off", 0)]
    public void Nothing_is_hidden_where_the_mount_hides_nothing(string options, long hidden)
    {
        Mount(options);
        Tick();
        Assert.Equal(hidden, _collector.Table.Hidden);
    }

    [Theory]
    [InlineData("rw,hidepid=2")]
    [InlineData("rw,hidepid=invisible")]
    [InlineData("rw,hidepid=ptraceable,gid=7")]
    public void Hidden_tasks_are_those_that_the_kernel_counts_and_we_do_not_see(string options)
    {
        Mount(options);
        _proc.Processes.Remove(1);
        _proc.Links["/proc/self/ns/pid"] = "pid:[4026531836]";
        var result = Collect();
        Assert.Equal(86, _collector.Table.Hidden);
        Assert.Equal(CollectStatus.Unavailable, result.Status);
        Assert.Contains("hidepid", result.Reason, StringComparison.Ordinal);
        Assert.Contains("gid=", result.Remedy, StringComparison.Ordinal);
        Assert.True(_collector.IsFresh);
    }

    [Fact]
    public void Whoever_sees_the_first_process_sees_all()
    {
        Mount("rw,hidepid=2");
        Assert.Equal(CollectResult.Ok, Collect());
        Assert.Equal(0, _collector.Table.Hidden);
    }

    [Fact]
    public void In_a_container_the_number_of_hidden_tasks_cannot_be_told()
    {
        Mount("rw,hidepid=2");
        _proc.Processes.Remove(1);
        _proc.Links["/proc/self/ns/pid"] = "pid:[4026532222]";
        Tick();
        Assert.Equal(Frame.Absent, _collector.Table.Hidden);
    }

    [Fact]
    public void Processes_that_are_listed_and_refuse_are_counted_exactly()
    {
        Mount("rw,hidepid=noaccess");
        _proc.Add(70, p => p.StatError = Errno.NotPermitted);
        _proc.Add(71, p => p.StatError = Errno.NotPermitted);
        Assert.Equal(CollectStatus.Unavailable, Collect().Status);
        Assert.Equal(2, _collector.Table.Hidden);
        Assert.Equal(2, _collector.Table.Count);
    }

    [Fact]
    public void Refused_io_is_a_capability_of_its_own()
    {
        Tick();
        Assert.Equal(CollectResult.Ok, _collector.Io.Collect());
        _proc.Add(70, p => p.IoError = Errno.Access);
        Tick();
        var result = _collector.Io.Collect();
        Assert.Equal(CollectStatus.Unavailable, result.Status);
        Assert.Contains("CAP_SYS_PTRACE", result.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void At_rest_nothing_is_open_and_afterwards_everything_is_there_again()
    {
        Tick();
        Assert.Equal(4, _proc.OpenCount - OtherFiles);
        _collector.Rest();
        Assert.Equal(OtherFiles, _proc.OpenCount);
        Assert.False(_collector.IsFresh);
        Tick();
        Assert.Equal(2, _collector.Table.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void A_share_outside_of_its_range_is_refused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new ProcessCollector(_context, new ProcessOptions { CpuShare = share }));

    /// <summary>mountinfo stays open.</summary>
    private static int OtherFiles => 1;

    private void Mount(string options) => _proc.Files["/proc/self/mountinfo"] = System.Text.Encoding.ASCII.GetBytes(
        $"22 27 0:21 / /proc rw,nosuid shared:1 - proc proc {options}\n27 1 254:0 / / rw - ext4 /dev/vda rw\n");

    private TimeSpan ReadCpuClock()
    {
        _cpu += _isSecondReading ? _costOfScan : TimeSpan.Zero;
        _isSecondReading = !_isSecondReading;
        return _cpu;
    }

    private CollectResult Collect()
    {
        _builder.Begin();
        return _collector.Collect();
    }

    private Frame Tick()
    {
        Collect();
        _sequence++;
        return _builder.Build(_sequence, 0, _sequence);
    }

    private static long Count(Frame frame, string state) => frame.ValueOf(
        frame.Schema.Series.ToArray().Single(series => series.LabelValues.Contains(state)).Id);
}
