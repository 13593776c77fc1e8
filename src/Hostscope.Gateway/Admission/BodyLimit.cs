using Microsoft.AspNetCore.Http.Metadata;

namespace Hostscope.Gateway.Admission;

/// <summary>Most bytes of a request's body on a route; then 413.</summary>
/// <param name="bytes">The limit.</param>
internal sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
{
    /// <inheritdoc/>
    public long? MaxRequestBodySize => bytes;
}
