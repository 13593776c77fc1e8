using System.Globalization;
using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-05. Goal: damage is found, costs what lies there and nothing else, and is never shown as data. Method: bits
/// flipped, files cut and filled with rubbish at random places of a closed store; then every tick that is still shown
/// is compared with the one that was recorded.
/// </summary>
public sealed class DamageTests
{
    private static readonly int Flips = int.Parse(
        Environment.GetEnvironmentVariable("HOSTSCOPE_BIT_FLIPS") ?? "40", CultureInfo.InvariantCulture);

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void A_flipped_bit_costs_at_most_what_lies_there_and_is_never_shown_as_data()
    {
        var random = new Random(77);
        var lost = new List<int>();
        for (var round = 0; round < Flips; round++)
        {
            using var harness = Recorded(round);
            var total = harness.Ticks.Count;
            harness.Crash(directory =>
            {
                var file = Pick(directory, "s1-*.db", random);
                var bytes = File.ReadAllBytes(file);
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, bytes);
            });
            lost.Add(total - CountTrueTicks(harness));
        }

        // A flip in a leaf costs a part of one block; one in SQLite's header or upper pages may cost a file.
        Assert.True(lost.Count(ticks => ticks <= OpenBlock.MaxTicks) >= Flips * 0.82, string.Join(" ", lost));
    }

    [Fact]
    public void A_torn_log_of_the_tail_costs_its_last_ticks_only()
    {
        var random = new Random(5);
        for (var round = 0; round < 40; round++)
        {
            using var harness = new StoreHarness(round, host: new SimulatedHost(round, processes: 5));
            harness.Tick(100);
            harness.Crash(directory =>
            {
                var path = Path.Combine(directory, "tail.db-wal");
                var written = File.ReadAllBytes(path).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
                using var file = File.OpenWrite(path);
                var at = random.Next(written);
                if (round % 3 == 0)
                {
                    // The sound frames after it are of no more use, as each continues the checksum of the one before.
                    file.Position = at;
                    file.Write(new byte[512 * random.Next(1, 20)]);
                    return;
                }

                file.SetLength(at);
                if (round % 3 == 1)
                {
                    // As a disk leaves it that had given the space and not yet the content.
                    file.Position = at;
                    file.Write(new byte[random.Next(9000)]);
                }
            });
            var ticks = harness.Store.Content.TailContent.Ticks.Count;
            Assert.Empty(harness.Store.Content.SetAside);
            Assert.Equal(ticks, CountTrueTicks(harness));
        }
    }

    [Fact]
    public async Task Rubbish_in_place_of_any_file_is_set_aside_and_recording_goes_on()
    {
        foreach (var pattern in new[] { "s1-*.db", "m1-*.db", "tail.db" })
        {
            foreach (var content in new[] { [], new byte[100_000], "not a database at all"u8.ToArray() })
            {
                using var harness = Recorded(3);
                harness.Crash(directory =>
                {
                    foreach (var file in Directory.GetFiles(directory, pattern))
                    {
                        File.WriteAllBytes(file, content);
                        File.Delete(file + "-wal");
                    }
                });
                CountTrueTicks(harness);
                harness.Tick(20);
                Assert.Null(harness.Store.Fault);
                var moment = (await harness.History.MomentAsync(harness.Ticks[^1].Frame.UnixMs, None)).Value!;
                AssertTable.Same(harness.Ticks[^1].Processes, moment.Processes);
                if (content.Length > 0)
                {
                    Assert.Contains(harness.Disk.List(), file => SegmentName.IsQuarantined(file.Name));
                }
            }
        }
    }

    [Fact]
    public void A_tail_that_SQLite_finds_unsound_is_set_aside_even_where_it_can_be_read()
    {
        using var harness = Recorded(3);
        harness.Store.Close();
        harness.Store.Dispose();
        harness.Crash(directory =>
        {
            // The number of free pages, big-endian (https://www.sqlite.org/fileformat.html): five that are nowhere.
            using var file = File.OpenWrite(Path.Combine(directory, "tail.db"));
            file.Position = 36;
            file.Write([0, 0, 0, 5]);
        });
        Assert.Equal(["tail.db.1.bad"], harness.Store.Content.SetAside);
    }

    [Fact]
    public void What_lies_beside_a_file_is_set_aside_with_it()
    {
        using var harness = new StoreHarness(1);
        var directory = harness.NewDirectory();
        foreach (var ending in new[] { "", "-wal", "-journal" })
        {
            File.WriteAllText(Path.Combine(directory, "tail.db" + ending), ending);
        }

        var disk = new StoreDisk(directory);
        Assert.Equal("tail.db.1.bad", Quarantine.SetAside(disk, "tail.db"));
        Assert.Equal(
            ["tail.db.1.bad", "tail.db.1.bad-journal", "tail.db.1.bad-wal"],
            disk.List().Select(file => file.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_cut_under_a_running_store_ends_nothing()
    {
        using var harness = Recorded(8);
        CountTrueTicks(harness);
        foreach (var file in Directory.GetFiles(harness.Options.Directory, "s1-*.db"))
        {
            using var handle = File.OpenWrite(file);
            handle.SetLength(0);
        }

        CountTrueTicks(harness);
        harness.Tick(700);
        Assert.Null(harness.Store.Fault);
        Assert.DoesNotContain("rw-s", MapsOf(harness.Options.Directory), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_newer_version_stops_the_start_and_nothing_is_touched()
    {
        using var harness = Recorded(3);
        harness.Restart();
        harness.Store.Dispose();
        var file = Directory.GetFiles(harness.Options.Directory, "s1-*.db")[0];
        var bytes = File.ReadAllBytes(file);
        bytes[63] = 2; // The version in SQLite's header, big endian.
        File.WriteAllBytes(file, bytes);
        var before = Snapshot(harness.Options.Directory);
        var refusal = Assert.Throws<StoreVersionException>(() =>
            new TickStore(new StoreDisk(harness.Options.Directory), harness.Options));
        Assert.Contains("Start the newer version", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot(harness.Options.Directory));
    }

    [Fact]
    public void A_tail_of_a_newer_version_is_not_opened_even_where_it_was_not_closed()
    {
        using var harness = Recorded(3);
        var directory = harness.NewDirectory();
        foreach (var file in Directory.GetFiles(harness.Options.Directory))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        }

        // SQLite would move the log into the file as it closes it.
        var tail = Path.Combine(directory, "tail.db");
        Assert.True(new FileInfo(tail + "-wal").Length > 0);
        var bytes = File.ReadAllBytes(tail);
        bytes[63] = 2;
        File.WriteAllBytes(tail, bytes);
        var before = Snapshot(directory);
        Assert.Throws<StoreVersionException>(() => new TickStore(
            new StoreDisk(directory), harness.Options with { Directory = directory }));
        Assert.Equal(before, Snapshot(directory));
    }

    [Fact]
    public void Files_that_are_not_ours_are_left_alone_and_do_not_count()
    {
        using var harness = new StoreHarness(1);
        var foreign = Path.Combine(harness.Options.Directory, "notes.txt");
        File.WriteAllText(foreign, "mine");
        harness.Tick(50);
        harness.Restart();
        Assert.Equal("mine", File.ReadAllText(foreign));
        Assert.False(SegmentName.IsOurs("notes.txt"));
        Assert.True(SegmentName.IsOurs("tail.db-wal") && SegmentName.IsOurs("s1-20260101-0000000001.db.1.bad-journal"));
        Assert.False(SegmentName.IsOurs("s1-2026-1.db") || SegmentName.IsOurs("x.bad") || SegmentName.IsOurs("s1-.db"));
    }

    private static StoreHarness Recorded(int seed)
    {
        var harness = new StoreHarness(seed, host: new SimulatedHost(seed, processes: 5));
        harness.Store.AddEvent(harness.Host.UnixMs, HistoryEventKind.Mark, "", "something to keep");
        harness.Tick(1000);
        return harness;
    }

    /// <summary>Compares every tick that is shown with what was recorded.</summary>
    /// <returns>How many are shown whole.</returns>
    private static int CountTrueTicks(StoreHarness harness)
    {
        var recorded = harness.Ticks.ToDictionary(tick => (tick.Frame.UnixMs, tick.Frame.MonotonicNs));
        var index = new BlockIndex(harness);
        var whole = 0;
        foreach (var block in index.Headers(Tier.Second).Select(index.Open))
        {
            if (FrameReader.Of(block) is not { } frames)
            {
                continue;
            }

            var tables = TablesOf(block, frames.Times);
            for (var i = 0; i < frames.Times.Count; i++)
            {
                var tick = recorded[(frames.Times[i].UnixMs, frames.Times[i].MonotonicNs)];
                for (var s = 0; s < frames.Series.Length; s++)
                {
                    var slot = Oracle.SlotOf(tick.Frame, frames.Series[s].Key);
                    Assert.Equal(slot < 0 ? Frame.Absent : tick.Frame.Values[slot], frames.Value(s, i));
                }

                if (tables.TryGetValue(i, out var table))
                {
                    AssertTable.Same(tick.Processes, table);
                    whole += frames.Series.Length > 10 ? 1 : 0;
                }
            }
        }

        return whole;
    }

    private static Dictionary<int, ProcessTable> TablesOf(IBlock block, TickTimes times)
    {
        var tables = new Dictionary<int, ProcessTable>();
        if (block.Tables(BlockKey.ProcessPart) is { } payload)
        {
            var reader = new TableLogReader<ProcessSample, ProcessShape>(payload, times.All);
            while (reader.TryNext())
            {
                tables.Add(reader.Index, Tables.Make(reader.Head, reader.Rows));
            }
        }

        return tables;
    }

    private static string Pick(string directory, string pattern, Random random)
    {
        var files = Directory.GetFiles(directory, pattern);
        return files[random.Next(files.Length)];
    }

    private static string MapsOf(string directory) => string.Join(
        '\n', File.ReadLines("/proc/self/maps").Where(line => line.Contains(directory, StringComparison.Ordinal)));

    private static string Snapshot(string directory) => string.Join('\n', Directory.GetFiles(directory).Order()
        .Select(file =>
            $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"));
}
