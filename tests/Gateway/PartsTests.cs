using System.Net;
using CsCheck;
using Hostscope.Bus;
using Hostscope.Gateway.Http;
using Hostscope.Gateway.Live;
using Hostscope.Model;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Tests;

/// <summary>Goal: the parts that have rules of their own keep them. Method: each alone, without a server.</summary>
public sealed class PartsTests
{
    [Fact]
    public void The_inbox_gives_frames_in_order_and_refuses_only_when_full() => Gen.Bool.Array[0, 200].Sample(adds =>
    {
        var inbox = new TickInbox();
        var expected = new Queue<long>();
        var frames = new FrameBuilder();
        var spare = new Frame();
        var sequence = 0L;
        foreach (var add in adds)
        {
            if (add)
            {
                frames.Begin();
                var added = inbox.TryAdd(frames.Build(++sequence, 0, 0));
                Assert.Equal(expected.Count < TickInbox.Capacity, added);
                if (added)
                {
                    expected.Enqueue(sequence);
                }
            }
            else
            {
                Assert.Equal(expected.Count > 0, inbox.TryTake(ref spare, out _));
                if (expected.TryDequeue(out var next))
                {
                    Assert.Equal(next, spare.Sequence);
                }
            }

            Assert.Equal(expected.Count == 0, inbox.IsEmpty);
        }
    });

    [Fact]
    public void Publishing_to_a_fan_out_allocates_nothing_after_warm_up()
    {
        var bus = new InProcessBus();
        var keeper = new Keeper();
        using var subscription = bus.Subscribe("web-1", keeper);
        var counters = new Counters();
        using var fanOut = new FanOut(
            "web-1", bus, TimeProvider.System, counters, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var host = new TestHost(bus);
        for (var i = 0; i < 400; i++)
        {
            host.TickPlain(i, i);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            fanOut.OnFrame(keeper.Last);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(1_000, 300)]
    [InlineData(100, 3_000)]
    [InlineData(60_000, 5)]
    [InlineData(2_500, 120)]
    public void The_history_holds_three_hundred_seconds_in_at_most_three_thousand_rows(int intervalMs, int rows) =>
        Assert.Equal(rows, new History(intervalMs).Capacity);

    [Fact]
    public void A_slow_episode_begins_after_three_in_a_row_and_ends_after_thirty_good_ones()
    {
        var slow = default(SlowEpisode);
        Assert.False(slow.Note(replaced: true));
        Assert.False(slow.Note(replaced: true));
        Assert.False(slow.Note(replaced: false));
        Assert.False(slow.Note(replaced: true));
        Assert.False(slow.Note(replaced: true));
        Assert.True(slow.Note(replaced: true));
        for (var i = 0; i < 100; i++)
        {
            Assert.False(slow.Note(replaced: true));
            Assert.False(slow.Note(replaced: false));
        }

        Assert.True(slow.IsSlow);
        for (var i = 0; i < SlowEpisode.EndAfter; i++)
        {
            Assert.False(slow.Note(replaced: false));
        }

        Assert.False(slow.IsSlow);
    }

    [Theory]
    [InlineData("localhost:4678", true)]
    [InlineData("LOCALHOST:4678", true)]
    [InlineData("127.0.0.1:4678", true)]
    [InlineData("127.0.0.2:4678", true)]
    [InlineData("[::1]:4678", true)]
    [InlineData("192.0.2.7:4678", true)]
    [InlineData("metrics.example.org", true)]
    [InlineData("metrics.example.org:444", true)]
    [InlineData("localhost:9000", true)]
    [InlineData("localhost:9001", false)]
    [InlineData("localhost", false)]
    [InlineData("", false)]
    [InlineData(":4678", false)]
    [InlineData("localhost.:4678", false)]
    [InlineData("evil.example:4678", false)]
    [InlineData("127.0.0.1.evil.example:4678", false)]
    [InlineData("metrics.example.org.evil.example:4678", false)]
    [InlineData("evil-metrics.example.org:4678", false)]
    [InlineData("localhost@evil.example:4678", false)]
    [InlineData("127.1:4678", false)]
    [InlineData("2130706433:4678", false)]
    [InlineData("0x7f.0.0.1:4678", false)]
    [InlineData("0.0.0.0:4678", false)]
    [InlineData("192.0.2.8:4678", false)]
    public void Only_our_own_names_are_ours(string host, bool isOurs)
    {
        var names = new AllowedNames(["metrics.example.org", "localhost:9000"]);
        Assert.Equal(isOurs, names.IsOurs(new HostString(host), IPAddress.Parse("192.0.2.7").MapToIPv6(), 4678));
    }

    [Theory]
    [InlineData("metrics.example.org", true)]
    [InlineData("localhost:9000", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("https://metrics.example.org", false)]
    [InlineData("*", false)]
    [InlineData("*.example.org", false)]
    [InlineData("metrics.example.org.", false)]
    [InlineData("metrics.example.org/", false)]
    [InlineData("localhost:99999", false)]
    [InlineData("", false)]
    public void Allowed_hosts_are_names_with_or_without_a_port(string host, bool isValid)
    {
        var result = new AllowedHostsValidator().Validate(null, new GatewayOptions { AllowedHosts = [host] });
        Assert.Equal(isValid, result.Succeeded);
        Assert.True(isValid || result.FailureMessage!.StartsWith($"allowedHosts: '{host}'", StringComparison.Ordinal));
    }

    [Fact]
    public void An_option_out_of_range_is_named_with_what_is_allowed()
    {
        var result = new GatewayOptionsValidator().Validate(null, new GatewayOptions { MaxViewers = 0 });
        Assert.Equal(
            "MaxViewers: The field GatewayOptions.MaxViewers must be between 1 and 100000.", result.FailureMessage);
    }

    [Fact]
    public void A_text_from_the_network_is_short_and_harmless_in_a_log() =>
        Assert.Equal("a?b?[31m" + new string('x', 92), RefusalLog.Clean("a\nb\u001b[31m" + new string('x', 500)));

    private sealed class Keeper : IFrameReader
    {
        public Frame Last { get; } = new();

        public void OnFrame(Frame frame) => Last.CopyFrom(frame);
    }
}
