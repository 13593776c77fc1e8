using System.Text;
using CsCheck;
using Hostscope.Gateway.Live;

namespace Hostscope.Gateway.Tests;

/// <summary>
/// Goal: the frames of a client are read whole wherever the network cuts them, and what RFC 6455 forbids is told apart
/// with the code it prescribes (D-08). Method: bytes by hand, cut at every place; frames written by a plain writer here
/// and read back; bytes at random, which must never throw.
/// </summary>
public sealed class ClientFramesTests
{
    [Fact]
    public void The_sample_of_the_rfc_is_read_wherever_it_is_cut()
    {
        // RFC 6455, section 5.7: a single-frame masked text message.
        byte[] hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        for (var cut = 0; cut <= hello.Length; cut++)
        {
            Assert.Equal(["Text Hello"], Read(hello[..cut], hello[cut..]));
        }
    }

    [Fact]
    public void Fragments_are_put_together_and_control_frames_may_stand_between_them() => Assert.Equal(
        ["Ping p", "Text one two", "Pong ", "Close 1000"],
        Read(
        [
            .. Frame(1, "one"u8, isFinal: false), .. Frame(9, "p"u8), .. Frame(0, ""u8, isFinal: false),
            .. Frame(0, " two"u8), .. Frame(10, ""u8), .. Frame(8, [0x03, 0xe8]), .. Frame(1, "never read"u8),
        ]));

    [Fact]
    public void Whatever_is_written_is_read_wherever_it_is_cut() =>
        Gen.Select(Gen.Char.AlphaNumeric.Array[0, 400].Array[1, 8], Gen.Int[1, 700], Gen.Int[1, 4])
            .Sample((texts, cut, fragments) =>
            {
                var bytes = new List<byte>();
                foreach (var text in texts)
                {
                    var utf8 = Encoding.UTF8.GetBytes(text);
                    var size = (utf8.Length / fragments) + 1;
                    var parts = utf8.Chunk(size).DefaultIfEmpty([]).ToArray();
                    for (var i = 0; i < parts.Length; i++)
                    {
                        bytes.AddRange(Frame(i == 0 ? 1 : 0, parts[i], isFinal: i == parts.Length - 1));
                    }
                }

                Assert.Equal(texts.Select(text => "Text " + new string(text)), Read([.. bytes.Chunk(cut)]));
            });

    [Fact]
    public void Random_bytes_never_throw_and_never_hold_more_than_a_message() =>
        Gen.Byte.Array[0, 2_000].Array[0, 6].Sample(parts => { Read(parts); }, iter: 20_000);

    [Fact]
    public void Fragments_without_a_byte_in_them_have_an_end()
    {
        // They fill no buffer, so nothing but their number can be too large; the first of them begins the message.
        byte[][] parts =
        [
            Frame(1, ""u8, isFinal: false),
            .. Enumerable.Repeat(Frame(0, ""u8, isFinal: false), ClientMessage.MaxBytes - 1),
        ];
        Assert.Empty(Read(parts));
        Assert.Equal(["Violation 1009"], Read([.. parts, Frame(0, ""u8, isFinal: false)]));
    }

    [Fact]
    public void A_changed_byte_never_throws() => Gen.Select(Gen.Int[0, 300], Gen.Byte).Sample(
        (at, value) =>
        {
            byte[] good = [.. Frame(1, new byte[130], isFinal: false), .. Frame(9, "x"u8), .. Frame(0, new byte[140])];
            good[at % good.Length] = value;
            Read(good[..(at / 2)], good[(at / 2)..]);
        },
        iter: 20_000);

    /// <summary>Feeds the parts one after another; what happened, in words.</summary>
    private static List<string> Read(params byte[][] parts)
    {
        var frames = new ClientFrames();
        var happened = new List<string>();
        foreach (var part in parts)
        {
            ReadOnlySpan<byte> input = part;
            while (frames.TryRead(ref input, out var one))
            {
                happened.Add(one.Kind switch
                {
                    ClientEventKind.Close or ClientEventKind.Violation => $"{one.Kind} {one.Code}",
                    _ => $"{one.Kind} {Encoding.UTF8.GetString(one.Payload.Span)}",
                });
                Assert.InRange(one.Payload.Length, 0, ClientMessage.MaxBytes);
            }

            Assert.True(input.IsEmpty);
            frames.Release();
        }

        frames.Drop();
        return happened;
    }

    private static byte[] Frame(int opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        byte[] mask = [0x12, 0x34, 0x56, 0x78];
        var frame = new List<byte> { (byte)((isFinal ? 0x80 : 0) | opcode) };
        if (payload.Length < 126)
        {
            frame.Add((byte)(0x80 | payload.Length));
        }
        else
        {
            frame.AddRange([0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        }

        frame.AddRange(mask);
        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add((byte)(payload[i] ^ mask[i % 4]));
        }

        return [.. frame];
    }
}
