using System.Text;
using NLog;
using NLog.LayoutRenderers;

namespace Hostscope.Logging;

/// <summary>
/// What <c>${message}</c> is in our log configurations, in place of NLog's own: one line, whatever is in it, and short.
/// Registered under the same name, so that no layout an operator writes goes around it.
/// </summary>
[LayoutRenderer("message")]
internal sealed class MessageRenderer : LayoutRenderer
{
    /// <summary>
    /// Together with <see cref="ExceptionRenderer.MaxCost"/> and 200 bytes for the rest, a line is under 2 KiB.
    /// </summary>
    public const int MaxCost = 1_100;

    /// <inheritdoc/>
    protected override void Append(StringBuilder builder, LogEventInfo logEvent)
    {
        var start = builder.Length;
        builder.Append(logEvent.FormattedMessage);
        SafeText.Clean(builder, start, MaxCost);
    }
}

/// <summary>
/// What <c>${exception}</c> is in our log configurations: type, message and the top of the stack, in one line.
/// </summary>
[LayoutRenderer("exception")]
internal sealed class ExceptionRenderer : LayoutRenderer
{
    /// <summary>The topmost frames, which say where it happened.</summary>
    public const int MaxCost = 700;

    /// <inheritdoc/>
    protected override void Append(StringBuilder builder, LogEventInfo logEvent)
    {
        if (logEvent.Exception is not null)
        {
            var start = builder.Length;
            builder.Append(logEvent.Exception);
            SafeText.Clean(builder, start, MaxCost);
        }
    }
}
