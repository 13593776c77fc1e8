using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Hostscope.Gateway.Tests;

/// <summary>Keeps what was logged, for tests to read.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<Line> _lines = [];

    public IEnumerable<Line> Lines => _lines;

    public IEnumerable<Line> With(int id) => _lines.Where(line => line.Id == id);

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Recorder(_lines);

    public void Dispose()
    {
    }

    internal sealed record Line(LogLevel Level, int Id, string Text);

    private sealed class Recorder(ConcurrentQueue<Line> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(new Line(logLevel, eventId.Id, formatter(state, exception) + exception));
    }
}
