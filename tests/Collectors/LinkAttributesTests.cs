using System.Text;
using Hostscope.Collectors.Slow;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: what /sys/class/net says in words and numbers is passed on as it is. Method: files that a test writes.
/// </summary>
public sealed class LinkAttributesTests
{
    private static readonly string[] Info = ["eth0", "02:fc:00:00:00:01", "ff:ff:ff:ff:ff:ff", "full", ""];

    private readonly FakeFiles _files = new();

    [Fact]
    public void Numbers_and_words_of_an_interface_are_passed_on()
    {
        using var host = new FakeHost(_files, "netclass");
        Write("operstate", "up");
        Write("flags", "0x1003");
        Write("iflink", "-1");
        Write("carrier_up_count", "4");
        WriteWords();
        var frame = host.TickUntilSettled();
        Assert.Equal(0x1003, frame.Raw(Metrics.LinkAttribute, "eth0", "flags"));
        Assert.Equal(-1, frame.Raw(Metrics.LinkAttribute, "eth0", "iface_link"));
        Assert.Equal(1, frame.Raw(Metrics.LinkAttribute, "eth0", "up"));
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.LinkAttribute, "eth0", "dormant"));
        Assert.Equal(4, frame.Raw(Metrics.LinkTransitions, "eth0", "up"));
        Assert.Equal(1, frame.Raw(Metrics.LinkInfo, [.. Info, "up"]));
    }

    [Fact]
    public void Other_words_are_another_series_and_the_old_one_is_absent()
    {
        using var host = new FakeHost(_files, "netclass");
        Write("operstate", "up");
        WriteWords();
        host.TickUntilSettled();
        Write("operstate", "down");
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var frame = host.TickUntilSettled();
        Assert.Equal(Frame.Absent, frame.Raw(Metrics.LinkInfo, [.. Info, "up"]));
        Assert.Equal(1, frame.Raw(Metrics.LinkInfo, [.. Info, "down"]));
        Assert.Equal(0, frame.Raw(Metrics.LinkAttribute, "eth0", "up"));
    }

    [Theory]
    [InlineData("1000", 1000)]
    [InlineData("-1", -1)]
    [InlineData("0x1003", 0x1003)]
    [InlineData("0x0", 0)]
    [InlineData("0x", Frame.Absent)]
    [InlineData("up", Frame.Absent)]
    [InlineData("", Frame.Absent)]
    [InlineData(null, Frame.Absent)]
    public void A_number_is_decimal_or_hexadecimal(string? text, long expected) =>
        Assert.Equal(expected, LinkAttributes.ParseNumber(text));

    private void WriteWords()
    {
        Write("address", Info[1]);
        Write("broadcast", Info[2]);
        Write("duplex", Info[3]);
        Write("ifalias", "");
    }

    private void Write(string file, string text) =>
        _files.Contents[$"/host/sys/class/net/eth0/{file}"] = Encoding.ASCII.GetBytes(text + "\n");
}
