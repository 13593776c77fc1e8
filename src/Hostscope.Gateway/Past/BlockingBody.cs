using Hostscope.Gateway.Live.Sending;
using Microsoft.AspNetCore.Http;

namespace Hostscope.Gateway.Past;

/// <summary>
/// The body of an answer for a writer that has a thread of its own: a write returns when Kestrel has taken the bytes,
/// so that a slow reader holds that thread and no memory; but not for ever: who takes less than
/// <see cref="PieceBytes"/> within the limit is cut off. With the first byte the answer begins.
/// </summary>
/// <param name="response">The answer.</param>
/// <param name="begin">Sets its headers.</param>
/// <param name="stalledAfter">The limit.</param>
/// <param name="time">Its clock.</param>
internal sealed class BlockingBody(HttpResponse response, Action begin, TimeSpan stalledAfter, TimeProvider time)
    : Stream
{
    /// <summary>
    /// What has to be taken within the limit. With the default of 10 s that is 26 kB/s: an hour for 94 MB. A reader
    /// that is slower than any line in use holds one of few places.
    /// </summary>
    public const int PieceBytes = 256 * 1024;

    /// <summary>Whether something has been written.</summary>
    public bool HasBegun { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Take(buffer);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Take(buffer.AsMemory(offset, count));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Take(buffer.AsMemory(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Take(ReadOnlyMemory<byte> bytes)
    {
        if (!HasBegun)
        {
            begin();
            HasBegun = true;
        }

        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            TakePiece(piece);
            bytes = bytes[piece.Length..];
        }
    }

    private void TakePiece(ReadOnlyMemory<byte> piece)
    {
        var aborted = response.HttpContext.RequestAborted;
        using var limit = new CancellationTokenSource(stalledAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
        try
        {
            response.Body.WriteAsync(piece, either.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            Connection.Cut(response.HttpContext);
            throw;
        }
    }
}
