using Hostscope.Bus;

namespace Hostscope.Gateway.Past;

/// <summary>What stands for the recorder in a program that records nothing.</summary>
internal sealed class NoPast : IHistories, IMarks, IEventFeed, IDisposable
{
    /// <inheritdoc/>
    public IHistory? Find(string hostId) => null;

    /// <inheritdoc/>
    public QueryProblem? Mark(string text, string? author) => new("text", "Nothing is recorded on this host.");

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<HistoryEvent> listener) => this;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
