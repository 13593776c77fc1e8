using Hostscope.Bus;
using Hostscope.Model;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Live;

/// <summary>
/// What the recorder kept of the time before the first frame: the backlog after a restart has no hole but the time in
/// which the program did not run. Read on the pool, so that a slow disk holds up no frame; the encoder takes it when it
/// is there. Belongs to the encoder.
/// </summary>
internal sealed class EarlierRows(IHistory? recorded, TimeProvider time, ILogger log)
{
    private Task<IReadOnlyList<RecordedFrame>?>? _reading;
    private bool _isDone = recorded is null;

    /// <summary>Puts them before the rows of a history, once; until they have been read, nothing happens.</summary>
    /// <param name="history">The history.</param>
    /// <param name="schema">The series as they are numbered now.</param>
    public void AddTo(History history, Schema schema)
    {
        if (_isDone)
        {
            return;
        }

        _reading ??= Task.Run(ReadAsync);
        if (!_reading.IsCompleted)
        {
            return;
        }

        if (_reading.IsFaulted)
        {
            Log.BacklogFailed(log, _reading.Exception.GetBaseException());
            _isDone = true;
        }
        else if (_reading.Result is { } frames)
        {
            history.Prepend(frames, schema);
            _isDone = true;
        }

        _reading = null; // The store was still being opened: with the next frame again.
    }

    /// <summary>The host began anew: what was read is another run's, and is read again.</summary>
    public void Forget()
    {
        _reading = null;
        _isDone = recorded is null;
    }

    /// <summary>The frames; <c>null</c> while the store is being opened.</summary>
    private async Task<IReadOnlyList<RecordedFrame>?> ReadAsync()
    {
        var status = await recorded!.StatusAsync(CancellationToken.None).ConfigureAwait(false);
        if (status.State == RecordingState.Starting)
        {
            return null;
        }

        var since = time.GetUtcNow().ToUnixTimeMilliseconds() - (History.Seconds * 1000);
        return await recorded.FramesAsync(since, History.MaxRows, CancellationToken.None).ConfigureAwait(false);
    }
}
