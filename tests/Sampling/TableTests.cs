using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hostscope.Sampling.Tests;

/// <summary>
/// Goal: processes and cgroups are scanned for those who want them and for nobody else, and come before the frame of
/// their tick. Method: this machine's own /proc, a bus with a reader whose wishes the test changes between ticks.
/// </summary>
public sealed class TableTests
{
    [Fact]
    public void Tables_come_before_the_frame_of_their_tick_and_only_while_somebody_wants_them()
    {
        var bus = new InProcessBus();
        var reader = new Reader();
        using var subscription = bus.Subscribe("host", reader);
        var clock = new SteppingClock();
        var builder = new FrameBuilder();
        using var context = new CollectorContext(new HostRoots(), builder, clock);
        using var processes = new ProcessCollector(context, new ProcessOptions());
        using var cgroups = new CgroupCollector(context);
        var pause = new Wishes(
            clock,
            () => reader.Wanted = Topics.System | Topics.Processes | Topics.Cgroups,
            () => reader.Wanted = Topics.System | Topics.Processes,
            () => reader.Wanted = Topics.System);
        var sampler = new Sampler(
            new HostInfo { Id = "host", Name = "Host" },
            [],
            builder,
            new SamplingOptions(),
            bus,
            clock,
            pause,
            NullLogger.Instance,
            new TableRuns(processes, cgroups, builder, clock, NullLogger.Instance));
        sampler.Run();
        Assert.Equal(
            ["frame 1", "processes 2", "cgroups 2", "frame 2", "processes 3", "frame 3", "frame 4"], reader.Seen);
        Assert.Contains(Environment.ProcessId, reader.Pids);
        Assert.Equal(0, bus.ReaderFailures);
    }

    private sealed class Reader : IFrameReader
    {
        public Topics Wanted { get; set; } = Topics.System;

        public List<string> Seen { get; } = [];

        public List<int> Pids { get; } = [];

        public void OnFrame(Frame frame) => Seen.Add($"frame {frame.Sequence}");

        public void OnCgroups(CgroupTable cgroups) => Seen.Add($"cgroups {cgroups.Sequence}");

        public void OnProcesses(ProcessTable processes)
        {
            Seen.Add($"processes {processes.Sequence}");
            Pids.Clear();
            foreach (var row in processes.Rows)
            {
                Pids.Add(row.Info.Pid);
            }
        }
    }

    /// <summary>Between two ticks a reader changes its mind.</summary>
    private sealed class Wishes(SteppingClock clock, params Action[] changes) : IPause
    {
        private int _next;

        public bool Until(long due)
        {
            if (_next == changes.Length)
            {
                return false;
            }

            clock.Advance(clock.GetElapsedTime(clock.GetTimestamp(), due));
            changes[_next++]();
            return true;
        }

        public void Stop() => throw new InvalidOperationException("The list of changes says when to stop.");
    }
}
