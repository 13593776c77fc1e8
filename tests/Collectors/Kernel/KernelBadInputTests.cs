using System.Text;
using CsCheck;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Kernel;

/// <summary>
/// Goal: whatever a file holds, a tick does not throw, and a value is the machine's or absent. Method: every file of a
/// machine that has everything, cut at each byte, refused, made long, replaced by any bytes.
/// </summary>
public sealed class KernelBadInputTests
{
    private readonly FakeFiles _files = KernelSamples.Files();

    public static TheoryData<string, string> FastFiles =>
        [.. KernelSamples.Fast.Select(file => (file.Collector, file.Path))];

    public static TheoryData<string, string> AllFiles =>
        [.. KernelSamples.Fast.Concat(KernelSamples.Slow).Select(file => (file.Collector, file.Path))];

    [Theory]
    [MemberData(nameof(FastFiles))]
    public void A_file_that_is_cut_anywhere_gives_right_values_or_none(string collector, string path)
    {
        using var host = new FakeHost(_files, collector);
        var whole = host.Tick().All();
        var content = _files.Contents[path];
        for (var length = 0; length < content.Length; length++)
        {
            _files.Contents[path] = content[..length];
            foreach (var (key, value) in host.Tick().All())
            {
                Assert.True(value == Frame.Absent || value == whole[key], $"{key} is {value} after {length} bytes.");
            }
        }

        _files.Contents[path] = content;
        Assert.Equal(whole, host.Tick().All());
        Assert.Equal(CollectResult.Ok, host.Results[collector]);
    }

    [Theory]
    [MemberData(nameof(AllFiles))]
    public void A_slow_or_fast_file_that_is_cut_refused_or_long_never_throws(string collector, string path)
    {
        var content = _files.Contents[path];
        byte[][] contents =
        [
            [], content[..^1], content[..(content.Length / 2)], [0, 1, 2, 255, 254, 10, 13], [.. content, .. content],
            new byte[10 << 20], [.. Enumerable.Repeat((byte)'9', 10 << 20)],
            Encoding.UTF8.GetBytes("18446744073709551616\n"), Encoding.UTF8.GetBytes("-1\n"),
        ];
        foreach (var bad in contents)
        {
            _files.Contents[path] = bad;
            TickOnce(collector);
        }

        _files.Contents[path] = content;
        foreach (var error in (int[])[Errno.Access, Errno.NotPermitted, Errno.InputOutput, Errno.NoDevice, 95])
        {
            _files.OpenErrors[path] = error;
            TickOnce(collector);
            _files.OpenErrors.Clear();
            _files.ReadErrors[path] = error;
            TickOnce(collector);
            _files.ReadErrors.Clear();
        }
    }

    [Theory]
    [MemberData(nameof(FastFiles))]
    public void A_file_of_any_bytes_never_throws(string collector, string path)
    {
        using var host = new FakeHost(_files, collector);
        var real = Encoding.UTF8.GetString(_files.Contents[path]).Split('\n');
        var line = Gen.OneOf(Gen.Int[0, real.Length - 1].Select(i => real[i]), Gen.String);
        line.Array[0, 6].Sample(
            lines =>
            {
                _files.Contents[path] = Encoding.UTF8.GetBytes(string.Join('\n', lines));
                host.Tick();
                Assert.DoesNotContain("BUG", host.Results[collector].Reason ?? "", StringComparison.Ordinal);
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void The_tick_of_the_fast_sources_allocates_nothing_after_warm_up()
    {
        var names = KernelSamples.Fast.Select(file => file.Collector).Distinct().ToArray();
        var builder = new FrameBuilder();
        using var context = new CollectorContext(new HostRoots(), builder, TimeProvider.System);
        var collectors = Registry.Create(context).Where(one => names.Contains(one.Name) || one.Name == "timesync");
        var ours = collectors.ToArray();
        for (var i = 0; i < 70; i++)
        {
            Collect(builder, ours);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 70; i++)
        {
            Collect(builder, ours);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Collect(FrameBuilder builder, ICollector[] collectors)
    {
        builder.Begin();
        foreach (var collector in collectors)
        {
            collector.Collect();
        }

        builder.Build(1, 0, 0);
    }

    private void TickOnce(string collector)
    {
        using var host = new FakeHost(_files, collector);
        host.TickUntilSettled();
        Assert.DoesNotContain("BUG", host.Results[collector].Reason ?? "", StringComparison.Ordinal);
    }
}
