using Hostscope.Gateway.Live.Sending;

namespace Hostscope.Gateway.Live.Tables;

/// <summary>
/// The process table at one tick in its two forms, each written for the first viewer who is to have it: with arguments
/// and users, and without.
/// </summary>
/// <param name="number">Number of the table.</param>
/// <param name="write">Writes the changes, with details or without.</param>
internal sealed class ProcessUpdates(long number, Func<bool, Message> write)
{
    private TableUpdate? _whole;
    private TableUpdate? _plain;

    /// <summary>The form for a viewer.</summary>
    public TableUpdate For(bool withDetails) => withDetails
        ? _whole ??= new TableUpdate(number, write(true))
        : _plain ??= new TableUpdate(number, write(false));
}
