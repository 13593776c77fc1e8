using CsCheck;
using Hostscope.Model;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: every tick reads back exactly: each series, each process, each cgroup; and what is not sound is never read.
/// Method: ticks of simulated machines through encoder and decoder, then cuts, flips and left-out ticks.
/// </summary>
public sealed class TickCodecTests
{
    [Fact]
    public void Every_tick_reads_back_as_it_was() => Gen.Select(Gen.Int, Gen.Int[1, 60]).Sample(
        (seed, ticks) =>
        {
            var host = new SimulatedHost(seed);
            var encoder = new TickEncoder();
            var decoder = new TickDecoder();
            var processes = new TableDecoder<ProcessSample, ProcessShape>();
            var cgroups = new TableDecoder<CgroupSample, CgroupShape>();
            var random = new Random(seed);
            for (int i = 0, index = 0; i < ticks; i++, index = random.Next(20) == 0 ? 0 : index + 1)
            {
                host.Tick();
                var withProcesses = random.Next(4) != 0;
                var payload = Encode(encoder, host, new TickPlace(i - index, index, 3), withProcesses);
                Assert.True(decoder.TryRead(payload));
                Assert.Equal(new TickPlace(i - index, index, 3), decoder.Place);
                Assert.Equal(new TickTime(host.Sequence, host.UnixMs, host.MonotonicNs), decoder.Time);
                Assert.Equal(host.Frame.Values, decoder.Values);
                Assert.Equal(Ids(host.Frame), decoder.Ids);
                Assert.Equal(withProcesses, decoder.Processes(payload).Length > 0);
                if (withProcesses)
                {
                    AssertTable.Same(host.Processes, Read(processes, decoder.Processes(payload), decoder.Time));
                }

                AssertTable.Same(host.Cgroups, Read(cgroups, decoder.Cgroups(payload), decoder.Time));
            }
        },
        iter: 100);

    [Fact]
    public void A_table_out_of_order_is_kept_as_it_is()
    {
        var encoder = new TableEncoder<ProcessSample, ProcessShape>();
        var decoder = new TableDecoder<ProcessSample, ProcessShape>();
        ProcessSample[] rows = [.. new[] { 5, 3, 9, 3 }.Select(pid => new ProcessSample
        {
            Info = new ProcessInfo { Pid = pid, StartTicks = pid, Name = "x" },
        })];
        for (var i = 0; i < 3; i++)
        {
            var writer = new ByteWriter();
            encoder.Write(writer, rows, whole: false);
            var reader = new ByteReader(writer.Written);
            Assert.True(decoder.TryRead(ref reader) && reader.AtEnd);
            Assert.Equal(rows, decoder.Rows.ToArray());
        }
    }

    [Fact]
    public void A_tick_that_does_not_follow_is_not_read()
    {
        var host = new SimulatedHost(1);
        var encoder = new TickEncoder();
        var payloads = Enumerable.Range(0, 3).Select(i =>
        {
            host.Tick();
            return Encode(encoder, host, new TickPlace(9, i, 1), true);
        }).ToList();
        var decoder = new TickDecoder();
        Assert.False(decoder.TryRead(payloads[1]));
        Assert.True(decoder.TryRead(payloads[0]));
        Assert.False(decoder.TryRead(payloads[2]));
    }

    [Fact]
    public void No_cut_or_flip_of_a_tick_makes_the_decoder_throw() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            var host = new SimulatedHost(seed, processes: 10);
            var encoder = new TickEncoder();
            List<byte[]> payloads = [.. Enumerable.Range(0, 5).Select(i =>
            {
                host.Tick();
                return Encode(encoder, host, new TickPlace(0, i, 1), true);
            })];
            for (var i = 0; i < 200; i++)
            {
                var damaged = payloads[random.Next(5)].ToArray();
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                damaged = damaged[..random.Next(damaged.Length + 1)];
                var decoder = new TickDecoder();
                var table = new TableDecoder<ProcessSample, ProcessShape>();
                var groups = new TableDecoder<CgroupSample, CgroupShape>();
                foreach (var payload in payloads.Take(random.Next(5)).Append(damaged))
                {
                    if (decoder.TryRead(payload))
                    {
                        Read(table, decoder.Processes(payload), decoder.Time);
                        Read(groups, decoder.Cgroups(payload), decoder.Time);
                    }
                }
            }
        },
        iter: 20);

    private static byte[] Encode(TickEncoder encoder, SimulatedHost host, TickPlace place, bool withProcesses)
    {
        var writer = new ByteWriter();
        var tick = new TickView
        {
            Sequence = host.Sequence,
            UnixMs = host.UnixMs,
            MonotonicNs = host.MonotonicNs,
            Values = host.Frame.Values,
            Processes = withProcesses ? host.Processes : null,
            Cgroups = host.Cgroups,
        };
        encoder.Write(writer, place, tick, Ids(host.Frame), default);
        return writer.Written.ToArray();
    }

    private static int[] Ids(Frame frame) => [.. frame.Schema.Series.ToArray().Select(series => series.Id)];

    private static ProcessTable? Read(
        TableDecoder<ProcessSample, ProcessShape> decoder, ReadOnlySpan<byte> bytes, TickTime time)
    {
        var reader = new ByteReader(bytes);
        var head = TableHead.Read(ref reader, time);
        return decoder.TryRead(ref reader) && reader.AtEnd ? Tables.Make(head, decoder.Rows) : null;
    }

    private static CgroupTable? Read(
        TableDecoder<CgroupSample, CgroupShape> decoder, ReadOnlySpan<byte> bytes, TickTime time)
    {
        var reader = new ByteReader(bytes);
        var head = TableHead.Read(ref reader, time);
        return decoder.TryRead(ref reader) && reader.AtEnd ? Tables.Make(head, decoder.Rows) : null;
    }
}
