using System.Text;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>Goal: softnet_stat means what the kernel says, old and new. Method: its lines, whole and damaged.</summary>
public sealed class SoftnetTests
{
    private const string Rest = " 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000";

    private readonly FakeFiles _files = new();

    [Fact]
    public void A_line_names_its_cpu_since_the_kernel_does()
    {
        using var host = new FakeHost(_files, "softnet");
        Write($"0001ab21 00000003 00000002{Rest} 00000000 00000000 00000000\n"
            + $"ffffffff 00000000 00000001{Rest} 00000007 00000000 00000000\n");
        var frame = host.Tick();
        Assert.Equal(0x1ab21, frame.Raw(Metrics.Softnet, "0", "processed"));
        Assert.Equal(3, frame.Raw(Metrics.Softnet, "0", "dropped"));
        Assert.Equal(2, frame.Raw(Metrics.Softnet, "0", "times_squeezed"));
        Assert.Equal(uint.MaxValue, frame.Raw(Metrics.Softnet, "7", "processed"));
        Assert.Equal(CollectStatus.Ok, host.Results["softnet"].Status);
    }

    [Fact]
    public void On_an_old_kernel_the_position_is_the_cpu()
    {
        using var host = new FakeHost(_files, "softnet");
        Write($"00000001 00000000 00000000{Rest[..^9]}\n00000002 00000000 00000000{Rest[..^9]}\n");
        var frame = host.Tick();
        Assert.Equal(2, frame.Raw(Metrics.Softnet, "1", "processed"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("0001ab21 00000003\n")]
    [InlineData("0001ab21 xyz 00000002\n")]
    [InlineData("0001ab21 00000003 00000002")]
    public void A_line_that_is_none_is_named_and_gives_nothing(string text)
    {
        using var host = new FakeHost(_files, "softnet");
        Write(text);
        var frame = host.Tick();
        Assert.Equal(0, frame.Schema.Count);
        Assert.Equal(CollectStatus.Failed, host.Results["softnet"].Status);
        Assert.Contains("softnet_stat", host.Results["softnet"].Reason, StringComparison.Ordinal);
    }

    private void Write(string text) => _files.Contents["/host/proc/net/softnet_stat"] = Encoding.ASCII.GetBytes(text);
}
