namespace Hostscope.Program.Tests;

/// <summary>The lines of a stream, kept as they come, so that a test can wait for one without sleeping.</summary>
internal sealed class LineLog
{
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private TaskCompletionSource _more = NewSignal();

    public LineLog(TextReader reader) => _reading = ReadAsync(reader);

    /// <summary>The lines so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Waits for the first line that fits, from the beginning or from a number of lines on.</summary>
    public async Task<string> FirstAsync(Predicate<string> fits, int from = 0)
    {
        using var deadline = new CancellationTokenSource(Server.Deadline);
        while (true)
        {
            Task more;
            lock (_lines)
            {
                for (; from < _lines.Count; from++)
                {
                    if (fits(_lines[from]))
                    {
                        return _lines[from];
                    }
                }

                more = _more.Task;
            }

            if (_reading.IsCompleted)
            {
                throw new InvalidOperationException($"The line never came. These came:\n{string.Join('\n', Lines)}");
            }

            await Task.WhenAny(more, _reading).WaitAsync(deadline.Token);
        }
    }

    /// <summary>Waits until the process has closed the stream.</summary>
    public Task EndAsync() => _reading.WaitAsync(Server.Deadline);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(TextReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource more;
            lock (_lines)
            {
                _lines.Add(line);
                more = _more;
                _more = NewSignal();
            }

            more.SetResult();
        }
    }
}
