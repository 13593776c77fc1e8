using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Past;

namespace Hostscope.Recorder;

/// <summary>
/// A range that was exported from some host, opened to be served like one. It is only read; nothing is made beside it.
/// </summary>
public sealed class RecordedFile : IHistories, IDisposable
{
    private readonly HscopeFile _file;

    private RecordedFile(HscopeFile file, TimeProvider clock)
    {
        _file = file;
        History = new History(file, clock, null);
    }

    /// <summary>The host it was recorded on.</summary>
    public HostInfo Host => _file.Head.Host;

    /// <summary>
    /// Beginning of the range that was exported, Unix milliseconds. Up to five minutes before are in it.
    /// </summary>
    public long FromMs => _file.Head.FromMs;

    /// <summary>End of that range.</summary>
    public long ToMs => _file.Head.ToMs;

    /// <summary>What it holds.</summary>
    public IHistory History { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="clock">Bounds searches.</param>
    /// <exception cref="IOException">
    /// It is not there, cannot be read, is not an export, is damaged or of a newer version; the message is for people.
    /// </exception>
    public static RecordedFile Open(string path, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new RecordedFile(HscopeFile.Open(path), clock);
    }

    /// <inheritdoc/>
    public IHistory? Find(string hostId) => hostId == Host.Id ? History : null;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
