using System.Text;
using CsCheck;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: whatever is in a file, and whatever the kernel answers, a tick never throws and never shows a value that the
/// machine does not have: it is right or absent.
/// Method: each collector of a recorded host over its files cut at every byte, replaced, made huge or refused.
/// </summary>
public sealed class DamagedFilesTests
{
    /// <summary>The collectors that read their files on the sampling thread, with those files.</summary>
    private static readonly (string Collector, string Path)[] Sources =
    [
        ("cpu", "/host/proc/stat"), ("load", "/host/proc/loadavg"), ("memory", "/host/proc/meminfo"),
        ("vmstat", "/host/proc/vmstat"), ("disks", "/host/proc/diskstats"), ("network", "/host/proc/1/net/dev"),
        ("uptime", "/host/proc/uptime"),
    ];

    /// <summary>What follows from several lines, and therefore changes when some of them are missing.</summary>
    private static readonly Metric[] MadeOfSeveralLines = [Metrics.MemoryUsage, Metrics.CpuCount];

    public static TheoryData<string, string, string> HostSources =>
        [.. from host in new[] { "numa-2-socket", "old-kernel-4.9", "small-vm" }
            from source in Sources
            let own = host == "small-vm"
            let path = own ? source.Path.Replace("/1/net", "/net", StringComparison.Ordinal) : source.Path
            select (host, source.Collector, path)];

    [Theory]
    [MemberData(nameof(HostSources))]
    public void A_file_that_is_cut_anywhere_gives_right_values_or_none(string host, string collector, string path)
    {
        var folder = Path.Combine(Fixtures.Folder, host);
        using var fake = new FakeHost(new FakeFiles(folder), collector);
        var whole = fake.Tick().All();
        Assert.Equal(CollectStatus.Ok, fake.Results[collector].Status);
        Assert.True(fake.Files.Opens.ContainsKey(path), $"{collector} does not read {path}.");
        var content = File.ReadAllBytes(Path.Combine(folder, "t0", path["/host/".Length..]));
        var ignored = MadeOfSeveralLines.Select(metric => metric.Name).ToHashSet();

        for (var length = 0; length < content.Length; length++)
        {
            fake.Files.Contents[path] = content[..length];
            var frame = fake.Tick();
            for (var i = 0; i < frame.Schema.Count; i++)
            {
                var series = frame.Schema.Series[i];
                if (frame.Values[i] != Frame.Absent && !ignored.Contains(series.Metric.Name))
                {
                    Assert.Equal(whole[series.Key], frame.Values[i]);
                }
            }

            if (length > 0 && content[length - 1] != '\n')
            {
                Assert.Equal(CollectStatus.Failed, fake.Results[collector].Status);
                Assert.Contains(path, fake.Results[collector].Reason, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(HostSources))]
    public void A_file_that_changes_while_it_is_read_does_not_throw_and_is_right_soon_after(
        string host, string collector, string path)
    {
        // The end of another text is read behind the beginning of this one.
        var folder = Path.Combine(Fixtures.Folder, host);
        using var fake = new FakeHost(new FakeFiles(folder), collector);
        var whole = fake.Tick().All();
        var content = File.ReadAllBytes(Path.Combine(folder, "t0", path["/host/".Length..]));
        var step = Math.Max(1, content.Length / 200);
        for (var at = 0; at < content.Length; at += step)
        {
            foreach (var shift in (int[])[-13, 1, 40])
            {
                fake.Files.Contents[path] = [.. content[..at], .. content[Math.Clamp(at + shift, 0, content.Length)..]];
                fake.Tick();
                Assert.DoesNotContain("BUG", fake.Results[collector].Reason ?? "", StringComparison.Ordinal);
            }
        }

        fake.Files.Contents.Clear();
        fake.Tick();
        var after = fake.Tick().All();
        Assert.All(whole, pair => Assert.Equal(pair.Value, after[pair.Key]));
    }

    [Theory]
    [MemberData(nameof(HostSources))]
    public void A_file_of_any_bytes_never_throws(string host, string collector, string path)
    {
        using var fake = new FakeHost(new FakeFiles(Path.Combine(Fixtures.Folder, host)), collector);
        var lines = File.ReadAllLines(Path.Combine(Fixtures.Folder, host, "t0", path["/host/".Length..]));
        var realLine = Gen.Int[0, lines.Length - 1].Select(i => lines[i]);
        var anyLine = Gen.OneOf(
            realLine,
            Gen.Select(realLine, Gen.Char, Gen.Int[0, 200]).Select((line, c, at) => Replace(line, c, at)),
            Gen.String);
        anyLine.Array[0, 8].Sample(
            some =>
            {
                fake.Files.Contents[path] = Encoding.UTF8.GetBytes(string.Join('\n', some));
                fake.Tick();
                Assert.True(fake.Results.ContainsKey(collector));
            },
            threads: 1,
            iter: 500);
        Gen.Byte.Array[0, 400].Sample(
            bytes =>
            {
                fake.Files.Contents[path] = bytes;
                fake.Tick();
            },
            threads: 1,
            iter: 500);
    }

    [Theory]
    [MemberData(nameof(HostSources))]
    public void A_file_that_cannot_be_read_costs_its_own_values_only_and_comes_back(
        string host, string collector, string path)
    {
        using var fake = new FakeHost(new FakeFiles(Path.Combine(Fixtures.Folder, host)), collector);
        var count = fake.Tick().All().Count(pair => pair.Value != Frame.Absent);
        Assert.True(count > 0);

        AssertNothing(fake, collector, CollectStatus.Unavailable, () => fake.Files.ReadErrors[path] = Errno.NoEntry);
        AssertNothing(fake, collector, CollectStatus.Unavailable, () => fake.Files.ReadErrors[path] = Errno.Access);
        AssertNothing(fake, collector, CollectStatus.Failed, () => fake.Files.ReadErrors[path] = Errno.InputOutput);
        fake.Files.ReadErrors.Clear();
        AssertNothing(fake, collector, CollectStatus.Failed, () => fake.Files.Contents[path] = new byte[10_000_000]);
        AssertNothing(fake, collector, CollectStatus.Failed, () => fake.Files.Contents[path] = Binary(5_000));
        if (collector != "disks")
        {
            // A machine without any block device has an empty diskstats.
            AssertNothing(fake, collector, CollectStatus.Failed, () => fake.Files.Contents[path] = []);
        }

        fake.Files.Contents.Clear();
        Assert.Equal(count, fake.Tick().All().Count(pair => pair.Value != Frame.Absent));
        Assert.Equal(CollectStatus.Ok, fake.Results[collector].Status);
        Assert.Equal(1, fake.Files.OpenCount);
    }

    [Fact]
    public void The_facts_of_a_host_survive_files_that_are_cut_or_nonsense()
    {
        foreach (var host in Fixtures.Hosts)
        {
            var files = new FakeFiles(Path.Combine(Fixtures.Folder, host));
            HostFacts.Read(FakeFiles.Roots, files);
            foreach (var path in files.Opens.Keys.ToList())
            {
                var content = File.ReadAllBytes(Path.Combine(Fixtures.Folder, host, "t0", path["/host/".Length..]));
                var step = Math.Max(1, content.Length / 300);
                for (var length = 0; length < content.Length; length += step)
                {
                    files.Contents[path] = content[..length];
                    HostFacts.Read(FakeFiles.Roots, files);
                }

                foreach (var nonsense in new[] { Binary(3000), new byte[10_000_000], "\n\n\n"u8.ToArray() })
                {
                    files.Contents[path] = nonsense;
                    var info = HostFacts.Read(FakeFiles.Roots, files);
                    Assert.NotEmpty(info.Name);
                    Assert.Matches("^[a-z0-9._-]+$", info.Id);
                }

                files.Contents.Clear();
            }
        }
    }

    [Fact]
    public void Parsers_that_run_beside_the_tick_survive_any_bytes() =>
        Gen.OneOf(Gen.Byte.Array[0, 300], Gen.Char["/ -:0123456789abf|+L\n\t\\="].Array[0, 300]
            .Select(characters => Encoding.ASCII.GetBytes(characters))).Sample(bytes =>
        {
            var mounts = new List<Mount>();
            Mounts.Parse(bytes, mounts);
            Mounts.Select(mounts);
            AddressFacts.ParseTrie(bytes);
            AddressFacts.ParseRoutes(bytes);
            AddressFacts.ParseInet6(bytes);
            CpuFacts.Parse(bytes);
            OsRelease.Parse(bytes);
            HostFacts.Clean(bytes);
        });

    private static void AssertNothing(FakeHost fake, string collector, CollectStatus status, Action damage)
    {
        damage();
        var frame = fake.Tick();
        Assert.All(frame.All(), pair => Assert.Equal(Frame.Absent, pair.Value));
        Assert.Equal(status, fake.Results[collector].Status);
        Assert.NotNull(fake.Results[collector].Reason);
    }

    private static string Replace(string line, char with, int at) => at < line.Length
        ? line[..at] + with + line[(at + 1)..]
        : line + with;

    /// <summary>Bytes of which none is a digit, a blank, a colon or a newline for long.</summary>
    private static byte[] Binary(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(128 + (i % 127)))];
}
