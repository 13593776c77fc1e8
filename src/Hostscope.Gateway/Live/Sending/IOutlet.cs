namespace Hostscope.Gateway.Live.Sending;

/// <summary>
/// Where the bytes to one viewer go in. One writer at a time; nothing is buffered here, so that what was written is the
/// kernel's (or, under TLS, encrypted and on its way there) and a viewer that does not read is felt at once.
/// </summary>
internal interface IOutlet
{
    /// <summary>Writes what can be written without waiting.</summary>
    /// <returns>How many bytes were taken, perhaps none.</returns>
    /// <exception cref="IOException">The connection is gone.</exception>
    int TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Writes all, and waits for it.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Says that nothing more comes, where the transport can say that.</summary>
    void End();

    /// <summary>
    /// Cuts the connection: a write that waits fails, and the kernel drops what the other side has not taken.
    /// </summary>
    void Cut();
}
