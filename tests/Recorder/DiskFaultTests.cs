using System.Buffers.Binary;
using Hostscope.Bus;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-04. Goal: whatever the disk refuses and whenever, no tick that was acknowledged is lost, none is invented, and
/// recording goes on by itself. Method: the operation with each number fails, once or for a while; afterwards every
/// tick is compared, then once more after a restart. An operation is what the store asks SQLite or the directory for.
/// </summary>
public sealed class DiskFaultTests
{
    /// <summary>Past a block's end, so that tail, fold, events and a new file are all among the operations.</summary>
    private const int Ticks = 345;

    /// <summary>A tick is BEGIN, its row, COMMIT, and the sync of the log.</summary>
    private const int CommitOfTick = 2;

    private const int SyncOfTick = 3;

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.InputOutput)]
    [InlineData(DiskFault.NotWritable)]
    [InlineData(DiskFault.Damaged)]
    public async Task An_operation_that_fails_once_costs_nothing(DiskFault fault)
    {
        // Every operation of the start, and one in forty-three of the many like each other: not a divisor of a tick.
        for (var n = 0L; await RunAsync(n, 1, fault, resumeTicks: 25); n += n < 60 ? 1 : 43)
        {
        }
    }

    [Theory]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.InputOutput)]
    [InlineData(DiskFault.NotWritable)]
    public async Task A_disk_that_fails_for_a_while_costs_nothing_as_long_as_memory_holds_the_ticks(DiskFault fault)
    {
        for (var n = 40L; await RunAsync(n, 12, fault, resumeTicks: 200); n += 53)
        {
        }
    }

    [Fact]
    public async Task A_disk_that_fails_for_too_long_costs_ticks_and_the_history_says_which()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        harness.Tick(100);
        (disk.FailFrom, disk.FailCount, disk.Fault) = (disk.Operations, 1L << 40, DiskFault.Full);
        harness.Tick(1200);
        Assert.Equal("Full", FaultKindOf(harness));
        Assert.True(harness.Store.TicksLost > 0);
        disk.FailFrom = -1;
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        var recorded = harness.Ticks.Skip((int)harness.Store.TicksLost).ToList();
        foreach (var tick in recorded.Where((_, i) => i % 40 == 0))
        {
            var moment = (await harness.History.MomentAsync(tick.Frame.UnixMs, None)).Value!;
            Assert.Equal(tick.Frame.UnixMs, moment.UnixMs);
        }

        var all = new EventQuery(0, long.MaxValue / 100_000);
        var events = (await harness.History.EventsAsync(all, None)).Value!.Events;
        var gaps = events.Where(item => item.Kind == HistoryEventKind.Gap).ToList();
        Assert.Equal(harness.Store.TicksLost, gaps.Sum(gap => gap.Facts.Single(fact => fact.Name == "ticks").Value));
        Assert.All(gaps, gap => Assert.Contains("full", gap.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CommitOfTick, DiskFault.InputOutput)]
    [InlineData(SyncOfTick, DiskFault.InputOutput)]
    [InlineData(SyncOfTick, DiskFault.Full)]
    public void After_a_failed_sync_the_file_is_set_aside_and_never_written_again(int operation, DiskFault fault)
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        harness.Tick(50);
        (disk.FailFrom, disk.Fault) = (disk.Operations + operation, fault);
        harness.Tick();
        Assert.NotNull(harness.Store.Fault);
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.Contains(harness.Disk.List(), file => file.Name == "tail.db.1.bad");
        harness.Crash();
        Assert.Equal(62, harness.Store.View.Memory.Sum(block => block.Count));
    }

    [Fact]
    public void Where_no_file_can_be_opened_for_the_sync_the_tail_is_kept_and_synced_later()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        harness.Tick(50);
        (disk.FailFrom, disk.Fault) = (disk.Operations + SyncOfTick, DiskFault.NoDescriptor);
        harness.Tick();
        Assert.StartsWith("No more files can be opened.", harness.Store.Fault!.Message, StringComparison.Ordinal);
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.DoesNotContain(harness.Disk.List(), file => SegmentName.IsQuarantined(file.Name));
        harness.Crash();
        Assert.Equal(62, harness.Store.View.Memory.Sum(block => block.Count));
    }

    [Fact]
    public void A_tail_that_was_begun_anew_is_synced_at_once_whatever_the_interval()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            4, options => options with { SyncInterval = TimeSpan.FromMinutes(1) }, real => disk = new FaultyDisk(real));
        harness.Tick(70);
        var syncs = disk.DataSyncs;
        (disk.FailFrom, disk.Fault) = (disk.Operations + CommitOfTick, DiskFault.InputOutput);
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.Equal(syncs + 1, disk.DataSyncs);
    }

    [Fact]
    public void Whichever_step_of_the_new_tail_fails_too_nothing_is_lost_and_each_log_stays_with_its_file()
    {
        var k = 0;
        while (MakeTailAgain(k))
        {
            k++;
        }

        Assert.InRange(k, 60, 200);
    }

    [Fact]
    public void What_was_acknowledged_stays_in_the_old_tail_where_the_ring_of_a_new_one_is_too_short_for_all()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            4, wrap: real => disk = new FaultyDisk(real), host: new SimulatedHost(4, processes: 2));
        harness.Tick(200);
        (disk.FailFrom, disk.FailCount, disk.Fault) = (disk.Operations, 1L << 40, DiskFault.InputOutput);
        harness.Tick(Tail.Slots - 200 + 20);
        disk.FailFrom = -1;
        disk.FailOnce = (step, name) => step == DatabaseStep.Commit && name.StartsWith("s1-", StringComparison.Ordinal);
        harness.Tick(11);
        Assert.NotNull(harness.Store.Fault);
        harness.Crash();
        Assert.Equal(harness.Ticks.Take(200).Select(tick => tick.Frame.UnixMs), LabelsOf(harness).Take(200));
    }

    [Fact]
    public void A_log_that_cannot_be_moved_into_the_tail_is_set_aside_with_it()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        (disk.Fault, disk.FailOnce) = (DiskFault.InputOutput, (step, _) => step == DatabaseStep.MoveLog);
        while (harness.Store.Fault is null && harness.Ticks.Count < 1_000)
        {
            harness.Tick();
        }

        Assert.Equal(FaultKind.InputOutput, harness.Store.Fault!.Kind);
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.Contains(harness.Disk.List(), file => file.Name == "tail.db.1.bad");
        Assert.Equal(harness.Ticks.Count, new Past.BlockIndex(harness).Headers(Tier.Second).Sum(block => block.Ticks));
    }

    [Fact]
    public void The_log_that_a_killed_run_left_counts_and_is_moved_with_the_next_sync()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        harness.Tick(290);
        harness.Crash();
        var isMoved = false;
        disk.FailOnce = (step, _) => (isMoved |= step == DatabaseStep.MoveLog) && false;
        harness.Tick();
        Assert.True(isMoved);
        Assert.Null(harness.Store.Fault);
    }

    [Fact]
    public void The_log_of_the_tail_has_its_length_from_the_start_and_keeps_it_however_often_it_is_moved()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            4, wrap: real => disk = new FaultyDisk(real), host: new SimulatedHost(4, processes: 400));
        const long Length = 960 << 10;
        foreach (var begin in new Action[] { () => { }, harness.Restart, () => harness.Crash() })
        {
            begin();
            var used = new List<long>();
            disk.FailOnce = (step, _) =>
            {
                if (step == DatabaseStep.MoveLog)
                {
                    used.Add(UsedOfLog(harness.Options.Directory));
                }

                return false;
            };
            Assert.Equal(Length, LogLength(harness));
            for (var ticks = 0; used.Count < 3 && ticks < 5_000; ticks++)
            {
                harness.Tick();
                Assert.Equal(Length, LogLength(harness));
            }

            // After a kill it is moved at once, however little of it there is.
            Assert.All(used.Skip(1), bytes => Assert.InRange(bytes, 768 << 10, Length));
            Assert.Equal(3, used.Count);
        }
    }

    [Fact]
    public void A_tail_whose_pages_have_another_size_goes_on_with_a_log_of_the_same_length()
    {
        using var harness = new StoreHarness(4, host: new SimulatedHost(4, processes: 400));
        harness.Tick(50);
        harness.Crash(directory =>
        {
            using var tail = Database.Open(new StoreDisk(directory), "tail.db", DatabaseUse.Tail);
            tail.Run("PRAGMA journal_mode=DELETE; PRAGMA page_size=4096; VACUUM");
            Assert.Equal(4096, tail.Number("PRAGMA page_size"));
        });
        Assert.Equal(50, harness.Store.View.Memory.Sum(block => block.Count));
        var used = 0L;
        harness.Wrap = real => new FaultyDisk(real)
        {
            FailOnce = (step, _) =>
            {
                used = step == DatabaseStep.MoveLog ? UsedOfLog(harness.Options.Directory) : used;
                return false;
            },
        };
        harness.Restart();
        while (used == 0 && harness.Ticks.Count < 1_000)
        {
            harness.Tick();
        }

        Assert.InRange(used, 768 << 10, 960 << 10);
    }

    [Fact]
    public void A_disk_without_room_for_the_length_of_the_log_still_opens_and_records()
    {
        using var harness = new StoreHarness(4);
        harness.Tick(50);
        harness.Wrap = real => new FaultyDisk(real) { GrowthFault = new IOException("injected", 28) };
        harness.Crash();
        Assert.Equal(50, harness.Store.View.Memory.Sum(block => block.Count));
        harness.Tick(20);
        Assert.Null(harness.Store.Fault);
        harness.Crash();
        Assert.Equal(harness.Ticks.Select(tick => tick.Frame.UnixMs), LabelsOf(harness));
    }

    [Fact]
    public void After_a_failed_fold_the_segment_is_never_written_again()
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(4, wrap: real => disk = new FaultyDisk(real));
        harness.Tick(310);
        var first = Assert.Single(harness.Store.View.Files[0]);
        (disk.Fault, disk.FailOnce) = (DiskFault.InputOutput, (step, name) =>
            step == DatabaseStep.Commit && name == first.Name);
        while (harness.Store.Fault is null && harness.Ticks.Count < 700)
        {
            harness.Tick();
        }

        Assert.Equal(FaultKind.InputOutput, harness.Store.Fault!.Kind);
        harness.Tick(11);
        Assert.Null(harness.Store.Fault);
        Assert.Equal(2, harness.Store.View.Files[0].Length);
        Assert.Single(harness.Store.View.Files[0][0].Blocks);
        Assert.Equal(harness.Ticks.Count, new Past.BlockIndex(harness).Headers(Tier.Second).Sum(block => block.Ticks));
    }

    [Fact]
    public void A_sync_that_the_kernel_refuses_is_told_and_never_as_a_lack_of_space()
    {
        // A device without a store has nothing to sync, nor has a file system that is all in the kernel: EINVAL.
        var file = Assert.Throws<IOException>(() => new StoreDisk("/dev").SyncData("null"));
        Assert.Contains("null failed with error 22", file.Message, StringComparison.Ordinal);
        Assert.Equal(FaultKind.InputOutput, StoreFault.From(file, "").Kind);
        Assert.Contains("/proc failed with error 22",
            Assert.Throws<IOException>(() => new StoreDisk("/proc").Sync()).Message, StringComparison.Ordinal);
        Assert.Contains("none failed with error 2",
            Assert.Throws<IOException>(() => new StoreDisk("/dev").SyncData("none")).Message, StringComparison.Ordinal);
    }

    /// <returns>False when the step with the number is none of the new tail's.</returns>
    private static bool MakeTailAgain(int failing)
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            4, wrap: real => disk = new FaultyDisk(real), host: new SimulatedHost(4, processes: 2));
        harness.Tick(50);
        (disk.FailFrom, disk.Fault) = (disk.Operations + SyncOfTick, DiskFault.InputOutput);
        harness.Tick();
        Assert.NotNull(harness.Store.Fault);
        disk.FailFrom = disk.Operations + failing;
        harness.Tick(11);
        var isOver = disk.Operations <= disk.FailFrom;
        disk.FailFrom = -1;
        harness.Tick(20);
        Assert.Null(harness.Store.Fault);
        var names = harness.Disk.List().Select(file => file.Name).ToHashSet();
        Assert.Contains("tail.db.1.bad-wal", names);
        Assert.True(names.Count(name => name.EndsWith(".bad", StringComparison.Ordinal)) <= 2, string.Join(' ', names));
        Assert.All(names.Where(name => name.EndsWith("-wal", StringComparison.Ordinal)), name =>
            Assert.Contains(name[..^4], names));
        Assert.DoesNotContain(SegmentName.NextTail, names);
        harness.Crash();
        Assert.Equal(82, harness.Store.View.Memory.Sum(block => block.Count));
        return !isOver;
    }

    /// <summary>
    /// Bytes of the log up to the last frame that was written since it was moved: those have the salt of its header
    /// (https://www.sqlite.org/fileformat.html#walformat).
    /// </summary>
    private static long UsedOfLog(string directory)
    {
        const int HeaderBytes = 32;
        const int FrameHeaderBytes = 24;
        using var file = new FileStream(
            Path.Combine(directory, "tail.db-wal"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var frame = FrameHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(8));
        var at = HeaderBytes;
        while (at + frame <= bytes.Length && bytes.AsSpan(at + 8, 8).SequenceEqual(bytes.AsSpan(16, 8)))
        {
            at += frame;
        }

        return at;
    }

    private static long LogLength(StoreHarness harness) =>
        harness.Disk.List().Single(file => file.Name == "tail.db-wal").Bytes;

    private static string FaultKindOf(StoreHarness harness) => harness.Store.Fault!.Kind.ToString();

    /// <returns>False when the operation that should fail was never reached: the loop is at its end.</returns>
    private static async Task<bool> RunAsync(long failFrom, long count, DiskFault fault, int resumeTicks)
    {
        FaultyDisk disk = null!;
        using var harness = new StoreHarness(
            9, wrap: real => disk = new FaultyDisk(real), host: new SimulatedHost(9, 5));
        (disk.FailFrom, disk.FailCount, disk.Fault) = (disk.Operations + failFrom, count, fault);
        harness.Tick(Ticks);
        var reached = disk.Operations > disk.FailFrom;
        harness.Tick(resumeTicks);
        Assert.Null(harness.Store.Fault);
        Assert.Equal(0, harness.Store.TicksLost);
        await AssertCompleteAsync(harness, $"failure at {failFrom}");
        disk.FailFrom = -1;
        harness.Crash();
        await AssertCompleteAsync(harness, $"crash after failure at {failFrom}");
        return reached;
    }

    private static List<long> LabelsOf(StoreHarness harness)
    {
        var index = new Past.BlockIndex(harness);
        return [.. index.Headers(Tier.Second).Select(index.Open).Select(TickTimes.Of)
            .SelectMany(times => times!.All.ToArray().Select(time => time.UnixMs))];
    }

    private static async Task AssertCompleteAsync(StoreHarness harness, string what)
    {
        var labels = LabelsOf(harness);
        Assert.True(
            labels.SequenceEqual(harness.Ticks.Select(tick => tick.Frame.UnixMs)),
            $"{what}: {labels.Count} of {harness.Ticks.Count} ticks");
        foreach (var tick in new[] { harness.Ticks[0], harness.Ticks[200], harness.Ticks[^1] })
        {
            var moment = (await harness.History.MomentAsync(tick.Frame.UnixMs, None)).Value!;
            AssertTable.Same(tick.Processes, moment.Processes);
        }
    }
}
