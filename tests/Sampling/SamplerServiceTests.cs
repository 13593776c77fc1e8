using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Model;

namespace Hostscope.Sampling.Tests;

/// <summary>
/// Goal: the sampling thread as it runs in the product: one thread of its own, no allocation, an end when asked.
/// Method: the real collectors on this machine's /proc, the real clock at ten ticks a second, and a bus that looks at
/// the thread that publishes.
/// </summary>
public sealed class SamplerServiceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_tick_allocates_nothing_after_warm_up_and_belongs_to_one_thread()
    {
        const int WarmUp = 15;
        const int Measured = 20;
        var bus = new MeasuringBus(WarmUp + Measured);
        var context = Context();
        var collectors = Registry.Create(context)
            .Select(collector => new MeasuringCollector(collector, WarmUp)).ToList();
        using var service = Service(bus, collectors, context);
        await service.StartAsync(TestContext.Current.CancellationToken);
        await bus.Full.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        await service.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["sampler"], bus.Threads.Select(thread => thread.Name).Distinct());
        Assert.Single(bus.Threads.Distinct());
        Assert.False(bus.OnThreadPool);
        var culprits = string.Join(", ", collectors.Where(collector => collector.Allocated > 0)
            .Select(collector => $"{collector.Name} {collector.Allocated} B over all ticks"));
        for (var i = WarmUp; i < WarmUp + Measured; i++)
        {
            // A device that comes or goes in the middle makes a new schema, which is not what is measured.
            if (bus.SchemaVersions[i] == bus.SchemaVersions[i - 1])
            {
                Assert.True(bus.Allocated[i] == bus.Allocated[i - 1],
                    $"tick {i} allocated {bus.Allocated[i] - bus.Allocated[i - 1]} bytes; collectors: {culprits}");
            }
        }
    }

    [Fact]
    public async Task The_host_is_known_before_its_first_frame_and_no_frame_follows_the_stop()
    {
        var bus = new MeasuringBus(3);
        var context = Context();
        using var service = Service(bus, [], context);
        await service.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(bus.AnnouncedBeforeFrame);
        await bus.Full.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ThreadState.Stopped, bus.Threads[0].ThreadState & ThreadState.Stopped);
    }

    [Fact]
    public async Task A_collector_that_hangs_does_not_keep_the_process_from_ending()
    {
        using var release = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var hangs = new ScriptedCollector("hangs", () =>
        {
            entered.Set();
            release.Wait(Deadline);
            return CollectResult.Ok;
        });
        var logger = new RecordingLogger();
        using var service = Service(new MeasuringBus(1), [hangs], logger: logger);
        await service.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(entered.Wait(Deadline, TestContext.Current.CancellationToken));
        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Contains(1002, logger.Lines.Select(line => line.Id));
        release.Set();
    }

    private static CollectorContext Context() => new(new HostRoots(), new FrameBuilder(), TimeProvider.System);

    private static SamplerService Service(
        IFrameBus bus,
        IReadOnlyList<ICollector> collectors,
        CollectorContext? context = null,
        RecordingLogger? logger = null)
    {
        context ??= Context();
        return new SamplerService(
            new HostInfo { Id = "host", Name = "Host" },
            context,
            collectors.Count > 0 ? collectors : Registry.Create(context),
            new SamplingOptions { Interval = SamplingOptions.MinInterval },
            bus,
            TimeProvider.System,
            logger ?? new RecordingLogger());
    }

    /// <summary>Says which collector it was, if one allocates.</summary>
    private sealed class MeasuringCollector(ICollector inner, int warmUp) : ICollector
    {
        private int _calls;

        public string Name => inner.Name;

        public long Allocated { get; private set; }

        public CollectResult Collect()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = inner.Collect();
            Allocated += ++_calls > warmUp ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
            return result;
        }
    }

    /// <summary>Notes of each tick what its thread has allocated so far, without allocating itself.</summary>
    private sealed class MeasuringBus(int ticks) : IFrameBus
    {
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Full => _full.Task;

        public long[] Allocated { get; } = new long[ticks];

        public int[] SchemaVersions { get; } = new int[ticks];

        public Thread[] Threads { get; } = new Thread[ticks];

        public bool OnThreadPool { get; private set; }

        public bool AnnouncedBeforeFrame { get; private set; }

        public IReadOnlyList<HostState> Hosts => [];

        public void Announce(HostState host) => AnnouncedBeforeFrame |= _count == 0;

        public void Publish(string hostId, Frame frame)
        {
            if (_count == Allocated.Length)
            {
                return;
            }

            Allocated[_count] = GC.GetAllocatedBytesForCurrentThread();
            SchemaVersions[_count] = frame.Schema.Version;
            Threads[_count] = Thread.CurrentThread;
            OnThreadPool |= Thread.CurrentThread.IsThreadPoolThread;
            if (++_count == Allocated.Length)
            {
                _full.SetResult();
            }
        }

        public void Publish(string hostId, ProcessTable processes) => throw new NotSupportedException();

        public void Publish(string hostId, CgroupTable cgroups) => throw new NotSupportedException();

        public Topics Wanted(string hostId) => Topics.System | Topics.Cores;

        public IDisposable Subscribe(string hostId, IFrameReader reader) => throw new NotSupportedException();
    }
}
