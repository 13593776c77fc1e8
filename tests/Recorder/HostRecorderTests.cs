using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: the recorder never holds up who publishes, keeps what it was given, and says in words what is wrong. Method: a
/// real recorder with its thread on a real bus; disks that stall, refuse or are somebody else's.
/// </summary>
public sealed class HostRecorderTests : IDisposable
{
    private readonly string _directory = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "hostscope-" + Guid.NewGuid().ToString("N"));

    private readonly InProcessBus _bus = new();
    private readonly SimulatedHost _host = new(17);
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_764_000_000_000));

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_published_is_recorded_and_still_there_after_a_restart()
    {
        using (var recorder = await StartAsync())
        {
            Assert.Equal(Topics.System | Topics.Cores | Topics.Processes | Topics.Cgroups, _bus.Wanted("h"));
            await PublishAsync(recorder, 400);
            Assert.Null(recorder.Mark("deploy 42", "ops"));
            await PublishAsync(recorder, 1);
            await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
            Assert.Equal(RecordingState.Ended, (await recorder.History.StatusAsync(None)).State);
        }

        using var again = await StartAsync();
        var moment = (await again.History.MomentAsync(_host.UnixMs, None)).Value!;
        Assert.Equal(_host.UnixMs, moment.UnixMs);
        AssertTable.Same(_host.Processes, moment.Processes);
        var events = await EventsAsync(again);
        Assert.Equal(
            [HistoryEventKind.RecorderStarted, HistoryEventKind.Mark, HistoryEventKind.RecorderStopped],
            events.Where(item => item.Kind is HistoryEventKind.RecorderStarted or HistoryEventKind.RecorderStopped
                or HistoryEventKind.Mark).Select(item => item.Kind).Take(3));
        Assert.Contains(events, item => item.Text == "deploy 42" && item.Subject == "ops");
        await again.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public async Task A_disk_that_stalls_holds_up_nobody_and_what_did_not_fit_is_a_gap()
    {
        using var stall = new StallingDisk(new StoreDisk(_directory));
        using var recorder = await StartAsync(stall);
        await PublishAsync(recorder, 5);
        stall.Stall();
        for (var i = 0; i < 40; i++)
        {
            Publish();
        }

        Assert.Equal(0, _bus.ReaderFailures);
        stall.Release();
        await UntilAsync(async () => (await StatusAsync(recorder)).TicksRecorded >= 35);
        await PublishAsync(recorder, 1);
        var status = await StatusAsync(recorder);
        Assert.Equal(46, status.TicksRecorded + status.TicksLost);
        Assert.InRange(status.TicksLost, 9, 10);
        var gap = Assert.Single(await EventsAsync(recorder), item => item.Kind == HistoryEventKind.Gap);
        Assert.Equal(status.TicksLost, gap.Facts.Single(fact => fact.Name == "ticks").Value);
        await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public async Task A_second_recorder_on_the_directory_is_refused_in_one_line()
    {
        using var first = await StartAsync();
        await PublishAsync(first, 3);
        using var second = new HostRecorder(Options(), Info(), _clock, NullLogger<HostRecorder>.Instance);
        second.Start();
        await UntilAsync(async () => (await StatusAsync(second)).State == RecordingState.Refused);
        var reason = (await StatusAsync(second)).Reason!;
        Assert.Contains("Another Hostscope records into", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
        Assert.Equal(Topics.None, second.Wanted);
        Assert.NotNull(second.Mark("x", null));
        await second.StopAsync(TimeSpan.FromMinutes(1), None);
        await PublishAsync(first, 3);
        await first.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public async Task Where_nothing_can_be_written_the_state_says_so_and_recording_begins_once_it_can()
    {
        // A file in the way of the directory: true for root as well, whom permissions do not stop.
        await File.WriteAllTextAsync(_directory, "in the way", None);
        using var recorder = await StartAsync(until: RecordingState.Paused);
        Assert.NotNull((await StatusAsync(recorder)).Reason);
        Publish();
        await UntilAsync(async () => (await StatusAsync(recorder)).TicksLost == 1);
        File.Delete(_directory);
        _host.MonotonicNs += 11_000_000_000;
        await PublishAsync(recorder, 2, lost: 1);
        Assert.Equal(RecordingState.Recording, (await StatusAsync(recorder)).State);
        await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public async Task A_new_boot_is_an_event_and_the_same_one_is_not()
    {
        foreach (var (boot, boots) in new[] { ("a", 0), ("a", 0), ("b", 1) })
        {
            using var recorder = await StartAsync(boot: boot);
            await PublishAsync(recorder, 2);
            Assert.Equal(boots, (await EventsAsync(recorder)).Count(item => item.Kind == HistoryEventKind.Boot));
            await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
        }
    }

    [Fact]
    public async Task Listeners_hear_of_events_as_they_are_recorded_until_they_leave_and_may_fail()
    {
        using var recorder = await StartAsync();
        var heard = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var failing = recorder.Subscribe(_ => throw new InvalidOperationException("a listener's bug"));
        var listening = recorder.Subscribe(item => heard.Enqueue(item.Text));
        Assert.Null(recorder.Mark("one", null));
        await PublishAsync(recorder, 1);
        listening.Dispose();
        Assert.Null(recorder.Mark("two", null));
        await PublishAsync(recorder, 1);
        Assert.Contains("one", heard);
        Assert.DoesNotContain("two", heard);
        await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public async Task Marks_that_say_nothing_or_too_much_are_refused()
    {
        using var recorder = await StartAsync();
        Assert.NotNull(recorder.Mark("", null));
        Assert.NotNull(recorder.Mark("two\nlines", null));
        Assert.NotNull(recorder.Mark(new string('x', 201), null));
        await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    [Fact]
    public void Options_that_cannot_be_are_named()
    {
        var wrong = Options() with
        {
            BudgetBytes = 1,
            SyncInterval = TimeSpan.FromHours(1),
            SecondsMaxAge = TimeSpan.Zero,
        };
        Assert.Equal(3, wrong.Problems().Count);
        var refusal = Assert.Throws<ArgumentException>(() =>
            new HostRecorder(wrong, Info(), _clock, NullLogger<HostRecorder>.Instance));
        Assert.Contains("64 MiB", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Taking_a_tick_allocates_nothing_once_it_is_warm()
    {
        using var recorder = await StartAsync();
        await PublishAsync(recorder, 30);
        Take(recorder);
        await UntilAsync(async () => (await StatusAsync(recorder)).TicksRecorded == 31);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Take(recorder);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        await recorder.StopAsync(TimeSpan.FromMinutes(1), None);
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private void Take(HostRecorder recorder)
    {
        recorder.OnProcesses(_host.Processes);
        recorder.OnCgroups(_host.Cgroups);
        recorder.OnFrame(_host.Frame);
    }

    private static HostInfo Info() => new() { Id = "h", Name = "h" };

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            var waited = TimeProvider.System.GetElapsedTime(deadline);
            Assert.True(waited < TimeSpan.FromSeconds(30), "It did not happen within 30 s.");
            await Task.Yield();
        }
    }

    private static async Task<HistoryStatus> StatusAsync(HostRecorder recorder) =>
        await recorder.History.StatusAsync(None);

    private static async Task<IReadOnlyList<HistoryEvent>> EventsAsync(HostRecorder recorder) =>
        (await recorder.History.EventsAsync(new EventQuery(0, 4_000_000_000_000), None)).Value!.Events;

    private RecorderOptions Options() => new()
    {
        Directory = _directory,
        FreeFloorBytes = 0,
        BudgetBytes = 256L << 20,
        BootId = "boot",
    };

    private async Task<HostRecorder> StartAsync(
        IStoreDisk? disk = null, string boot = "boot", RecordingState until = RecordingState.Recording)
    {
        var recorder = new HostRecorder(
            Options() with { BootId = boot }, Info(), _clock, NullLogger<HostRecorder>.Instance,
            disk ?? new StoreDisk(_directory));
        _bus.Subscribe("h", recorder);
        recorder.Start();
        await UntilAsync(async () => (await StatusAsync(recorder)).State == until);
        return recorder;
    }

    private void Publish()
    {
        var frame = _host.Tick();
        _bus.Publish("h", _host.Processes);
        _bus.Publish("h", _host.Cgroups);
        _bus.Publish("h", frame);
        _clock.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task PublishAsync(HostRecorder recorder, int ticks, long lost = 0)
    {
        var before = (await StatusAsync(recorder)).TicksRecorded;
        for (var i = 1; i <= ticks; i++)
        {
            Publish();
            await UntilAsync(async () => (await StatusAsync(recorder)) is var status
                && status.TicksRecorded >= before + i && status.TicksLost >= lost);
        }
    }

    /// <summary>A disk whose writes can be held up.</summary>
    private sealed class StallingDisk(IStoreDisk disk) : IStoreDisk, IDisposable
    {
        private readonly ManualResetEventSlim _open = new(true);

        public string Directory => disk.Directory;

        public void Stall() => _open.Reset();

        public void Release() => _open.Set();

        public void CreateDirectory() => disk.CreateDirectory();

        public IDisposable? TryLock(string name, string content) => disk.TryLock(name, content);

        public IReadOnlyList<StoreFile> List() => disk.List();

        public byte[] ReadStart(string name, int count) => disk.ReadStart(name, count);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void Delete(string name) => disk.Delete(name);

        public void Sync() => disk.Sync();

        public void SyncData(string name) => disk.SyncData(name);

        public void Grow(string name, long bytes) => disk.Grow(name, bytes);

        public (long Free, long Total) Space() => disk.Space();

        public void Before(DatabaseStep step, string name)
        {
            if (step == DatabaseStep.Commit)
            {
                _open.Wait();
            }
        }

        public void Dispose() => _open.Dispose();
    }
}
