using System.Text;
using CsCheck;
using Hostscope.Collectors.Cgroups;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: whatever a file of a group holds, that value is right or absent and no other is touched. Method: each file of
/// v2 and v1 cut at every byte, refused, made long, replaced by any bytes.
/// </summary>
public sealed class CgroupBadInputTests
{
    private static readonly StackedDevices NoneStacked = new();

    private static readonly (string Name, string Content, CgroupParser Parse)[] Files =
    [
        ("cpu.stat", "usage_usec 218439007\nuser_usec 16874\nsystem_usec 4969\nthrottled_usec 12\n",
            UnifiedFiles.CpuStat),
        ("cpu.max", "150000 100000\n", UnifiedFiles.CpuMax),
        ("memory.current", "2040109465\n", UnifiedFiles.MemoryCurrent),
        ("memory.max", "4294967296\n", UnifiedFiles.MemoryMax),
        ("memory.events", "low 0\nhigh 0\nmax 112\noom 3\noom_kill 31\noom_group_kill 0\n", UnifiedFiles.MemoryEvents),
        ("io.stat", "254:0 rbytes=1459200 wbytes=314773504 rios=192\n8:0 rbytes=904304 wbytes=299 rios=8\n",
            (ReadOnlySpan<byte> text, ref CgroupReading r) => UnifiedFiles.IoStat(text, ref r, NoneStacked)),
        ("pids.current", "12\n", UnifiedFiles.PidsCurrent),
        ("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=771\n", UnifiedFiles.CpuPressure),
        ("memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=772\n", UnifiedFiles.MemoryPressure),
        ("io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=773\n", UnifiedFiles.IoPressure),
        ("cpuacct.usage", "224137381535\n", LegacyFiles.CpuUsage),
        ("cpuacct.stat", "user 17318\nsystem 5094\n", LegacyFiles.CpuModes),
        ("v1 cpu.stat", "nr_periods 128\nnr_throttled 37\nthrottled_time 1843009412\n", LegacyFiles.CpuStat),
        ("cpu.cfs_quota_us", "150000\n", LegacyFiles.CpuQuota),
        ("cpu.cfs_period_us", "100000\n", LegacyFiles.CpuPeriod),
        ("memory.limit_in_bytes", "4294967296\n", LegacyFiles.MemoryLimit),
        ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", LegacyFiles.OomControl),
        ("blkio", "254:0 Read 335\n254:0 Write 167\n254:0 Total 502\nTotal 502\n",
            (ReadOnlySpan<byte> text, ref CgroupReading r) => LegacyFiles.BlockIo(text, ref r, NoneStacked)),
    ];

    public static TheoryData<string> Names => [.. Files.Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_that_is_cut_anywhere_gives_right_values_or_none(string name)
    {
        var (_, content, parse) = Files.Single(file => file.Name == name);
        var bytes = Encoding.UTF8.GetBytes(content);
        var whole = Read(parse, bytes, out var isGood);
        Assert.True(isGood);
        Assert.Contains(whole, value => value != Frame.Absent);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = Read(parse, bytes[..length], out isGood);
            Assert.All(cut, (value, i) => Assert.True(
                value == Frame.Absent || value == whole[i] || IsSum(name, bytes, length),
                $"{name}: {value} after {length} bytes."));
            Assert.True(!isGood || length == 0 || bytes[length - 1] == '\n', $"{name} is not good at {length}.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_of_any_bytes_never_throws_and_gives_nothing_below_zero(string name)
    {
        var (_, content, parse) = Files.Single(file => file.Name == name);
        var words = content.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var word = Gen.OneOf(Gen.Int[0, words.Length - 1].Select(i => words[i]), Gen.String,
            Gen.ULong.Select(number => $"{number}"), Gen.Int[0, 3].Select(i => " \n=:"[i..(i + 1)]));
        word.Array[0, 12].Sample(some =>
        {
            var text = Encoding.UTF8.GetBytes(string.Join(' ', some).Replace(" \n ", "\n", StringComparison.Ordinal));
            return Read(parse, text, out _).All(value => value is Frame.Absent or >= 0);
        });
    }

    [Theory]
    [InlineData(Errno.Access)]
    [InlineData(Errno.InputOutput)]
    [InlineData(Errno.NoDevice)]
    [InlineData(95)]
    public void A_file_that_is_refused_costs_its_own_value_only(int error)
    {
        using var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 5);
        host.WriteUnified("", "pids.current", "7\n");
        host.WriteUnified("", "memory.current", "4096\n");
        host.Files.ReadErrors["/host/sys/fs/cgroup/memory.current"] = error;
        Assert.Equal(CollectResult.Ok, host.Tick());
        Assert.Equal((5, 7), (host.Row("/").CpuUsageUs, host.Row("/").Tasks));
        Assert.Equal(Frame.Absent, host.Row("/").MemoryBytes);
        host.Files.ReadErrors.Clear();
        for (var i = 0; i < 10; i++)
        {
            host.Tick();
        }

        Assert.Equal(4096, host.Row("/").MemoryBytes);
    }

    [Fact]
    public void A_group_whose_every_file_is_refused_has_a_row_without_values()
    {
        using var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 5);
        host.AddUnified("/secret", 5);
        host.Files.OpenErrors["/host/sys/fs/cgroup/secret/cpu.stat"] = Errno.Access;
        for (var i = 0; i < 15; i++)
        {
            host.Tick();
            Assert.Equal(Frame.Absent, host.Row("/secret").CpuUsageUs);
        }
    }

    [Fact]
    public void A_file_that_is_malformed_or_too_long_is_named_and_costs_its_own_value_only()
    {
        using var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 5);
        host.WriteUnified("", "pids.current", "seven\n");
        host.WriteUnified("", "memory.current", new string('1', 10 << 20));
        var result = host.Tick();
        Assert.Equal(CollectStatus.Failed, result.Status);
        Assert.Contains("pids.current", result.Reason, StringComparison.Ordinal);
        Assert.Equal((5, Frame.Absent), (host.Row("/").CpuUsageUs, host.Row("/").Tasks));
        Assert.Equal(Frame.Absent, host.Row("/").MemoryBytes);
    }

    [Fact]
    public void When_descriptors_run_out_the_table_goes_on_without_keeping_more()
    {
        using var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 5);
        host.AddUnified("/a", 6);
        host.Tick();
        host.WriteUnified("/a", "pids.current", "1\n");
        host.Files.OpenErrors["/host/sys/fs/cgroup/a/pids.current"] = Errno.TooManyFiles;
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(CollectResult.Ok, host.Tick());
        }

        Assert.Equal((6, Frame.Absent), (host.Row("/a").CpuUsageUs, host.Row("/a").Tasks));
    }

    [Fact]
    public void A_mount_table_of_any_bytes_never_throws() =>
        Gen.OneOf(Gen.String, Gen.Int[0, CgroupHost.HybridMounts.Length].Select(n => CgroupHost.HybridMounts[..n]))
            .Sample(text =>
            {
                _ = CgroupMount.ParseLine(Encoding.UTF8.GetBytes(text));
                using var host = new CgroupHost(text);
                host.AddUnified("", 1);
                host.Tick();
            }, iter: 300);

    /// <summary>A sum over lines is right for the lines that are there: a shorter file is another machine's.</summary>
    private static bool IsSum(string name, byte[] bytes, int length) =>
        name is "io.stat" or "blkio" && (length == 0 || bytes[length - 1] == '\n');

    private static long[] Read(CgroupParser parse, byte[] text, out bool isGood)
    {
        var reading = default(CgroupReading);
        reading.Reset(new CgroupInfo("/", "/", CgroupKind.Root), keepsLimits: false);
        reading.QuotaUs = 150_000;
        isGood = parse(text, ref reading);
        var sample = reading.Sample;
        return
        [
            sample.CpuUsageUs, sample.CpuUserUs, sample.CpuSystemUs, sample.ThrottledUs, sample.CpuLimitMilli,
            sample.MemoryBytes, sample.MemoryLimitBytes, sample.OomKills, sample.ReadBytes, sample.WriteBytes,
            sample.Tasks, sample.CpuStallUs, sample.MemoryStallUs, sample.IoStallUs, reading.QuotaUs,
        ];
    }
}
