using CsCheck;
using Hostscope.Recorder.Codec;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// Goal: what comes out of an envelope is what went in, or nothing. Method: generated payloads, every single-bit flip
/// and every cut of them, other keys and other kinds.
/// </summary>
public sealed class EnvelopeTests
{
    private static readonly Gen<byte[]> AnyPayload = Gen.OneOf(
        Gen.Byte.Array[0, 400], Gen.Byte[0, 3].Array[64, 3000], Gen.Const(new byte[20_000]));

    [Fact]
    public void A_payload_comes_out_as_it_went_in() => Gen.Select(AnyPayload, Gen.Long, Gen.Int[0, 5])
        .Sample((payload, key, quality) =>
        {
            var blob = Envelope.Seal(BlobKind.Numeric, key, payload, quality);
            return Envelope.Open(BlobKind.Numeric, key, blob, out var read) == BlobState.Ok
                && read.AsSpan().SequenceEqual(payload) && blob.Length <= payload.Length + 11;
        });

    [Fact]
    public void Every_bit_flip_is_found() => AnyPayload.Sample(
        payload =>
        {
            var blob = Envelope.Seal(BlobKind.Processes, 42, payload, Envelope.BlockQuality);
            for (var bit = 0; bit < Math.Min(blob.Length, 600) * 8; bit++)
            {
                blob[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.NotEqual(BlobState.Ok, Envelope.Open(BlobKind.Processes, 42, blob, out var read));
                Assert.Empty(read);
                blob[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        },
        iter: 30);

    [Fact]
    public void Every_cut_is_found() => AnyPayload.Sample(
        payload =>
        {
            var blob = Envelope.Seal(BlobKind.Event, 1, payload, Envelope.FastQuality);
            for (var length = 0; length < blob.Length; length++)
            {
                Assert.NotEqual(BlobState.Ok, Envelope.Open(BlobKind.Event, 1, blob.AsSpan(0, length), out _));
            }
        },
        iter: 30);

    [Fact]
    public void A_blob_is_not_read_under_another_key_or_as_another_kind()
    {
        var blob = Envelope.Seal(BlobKind.Clock, 7, new byte[100], Envelope.BlockQuality);
        Assert.Equal(BlobState.Ok, Envelope.Open(BlobKind.Clock, 7, blob, out _));
        Assert.Equal(BlobState.ChecksumMismatch, Envelope.Open(BlobKind.Clock, 8, blob, out _));
        Assert.Equal(BlobState.ChecksumMismatch, Envelope.Open(BlobKind.Numeric, 7, blob, out _));
    }

    [Fact]
    public void No_bytes_make_opening_throw() => Gen.Byte.Array[0, 60].Sample(bytes =>
        Envelope.Open(BlobKind.Header, 0, bytes, out _) != BlobState.Ok);
}
