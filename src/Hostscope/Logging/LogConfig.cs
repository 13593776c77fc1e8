using System.Diagnostics.CodeAnalysis;
using System.Text;
using NLog;
using NLog.Common;
using NLog.Config;
using NLog.Layouts;
using NLog.Targets;

namespace Hostscope.Logging;

/// <summary>
/// Keeps the log as an operator's NLog.config says. The file is looked at every second and taken up when it has changed
/// and come to rest; one that cannot be used is reported in one line, and the last good configuration, at first the
/// built-in one, stays in force.
/// </summary>
/// <remarks>
/// The content is compared, not the time: an editor that writes a new file, a symbolic link that is switched and a
/// network file system all work, which cannot be said of file notifications.
/// </remarks>
internal sealed class LogConfig : IDisposable
{
    /// <summary>How long a change may take to be noticed; it is taken up one such time later.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Fifty times the sample; more is not a log configuration.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>A target that fails, fails at every line; people need one.</summary>
    private static readonly TimeSpan TargetFailureEvery = TimeSpan.FromMinutes(1);

    private const DynamicallyAccessedMemberTypes Constructors =
        DynamicallyAccessedMemberTypes.PublicConstructors | DynamicallyAccessedMemberTypes.NonPublicConstructors;

    private readonly string? _path;
    private readonly TimeProvider _clock;
    private readonly TextWriter _error;
    private readonly ITimer? _timer;
    private readonly Lock _looking = new();
    private string _good = BuiltIn();
    private string _inForce = "built-in";
    private string? _lastSeen;
    private string? _lastTried;
    private long? _lastTargetFailure;

    private LogConfig(string? path, TimeProvider clock, TextWriter error)
    {
        _path = path;
        _clock = clock;
        _error = error;
        KeepTypesOfConfigurations();
        Factory.Setup().SetupExtensions(extensions => extensions
            .RegisterLayoutRenderer<MessageRenderer>("message")
            .RegisterLayoutRenderer<ExceptionRenderer>("exception"));
        InternalLogger.LogLevel = NLog.LogLevel.Error;
        InternalLogger.InternalEventOccurred += OnInternalEvent;
        Use(_good);
        if (_path is not null)
        {
            _lastSeen = ReadFile();
            TakeUp(_lastSeen, first: true);
            _timer = clock.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
        }
    }

    /// <summary>The logs themselves.</summary>
    public LogFactory Factory { get; } = new() { AutoShutdown = false };

    /// <summary>Starts logging.</summary>
    /// <param name="path">
    /// The operator's file, which is then watched; <c>null</c> for the built-in configuration.
    /// </param>
    /// <param name="clock">Says when to look.</param>
    /// <param name="error">Takes a line when the log itself cannot be written.</param>
    public static LogConfig Start(string? path, TimeProvider clock, TextWriter error) => new(path, clock, error);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        InternalLogger.InternalEventOccurred -= OnInternalEvent;
        Factory.Shutdown();
        Factory.Dispose();
    }

    /// <summary>The sample that we ship is also what is in force without a file.</summary>
    private static string BuiltIn()
    {
        using var stream = typeof(LogConfig).Assembly.GetManifestResourceStream("NLog.config")
            ?? throw new InvalidOperationException("BUG: NLog.config is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>
    /// NLog makes these by reflection for values such as <c>stdErr="true"</c>; NativeAOT removes what nobody names.
    /// </summary>
    [DynamicDependency(Constructors, typeof(Layout<bool>))]
    [DynamicDependency(Constructors, typeof(Layout<int>))]
    [DynamicDependency(Constructors, typeof(Layout<TimeSpan>))]
    private static void KeepTypesOfConfigurations()
    {
    }

    private void Look()
    {
        // A look that takes long, on a network file system that hangs, is not joined by the next.
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            var seen = ReadFile();
            var atRest = seen == _lastSeen;
            _lastSeen = seen;
            if (atRest && seen != _lastTried)
            {
                TakeUp(seen, first: false);
            }
        }
        finally
        {
            _looking.Exit();
        }
    }

    /// <summary>The content, or <c>null</c> when there is none to read.</summary>
    private string? ReadFile()
    {
        try
        {
            using var file = File.OpenRead(_path!);
            var bytes = new byte[Math.Min(file.Length, MaxBytes) + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void TakeUp(string? xml, bool first)
    {
        _lastTried = xml;
        try
        {
            if (xml is null)
            {
                throw new NLogConfigurationException("the file cannot be read.");
            }

            if (xml.Length > MaxBytes)
            {
                throw new NLogConfigurationException($"the file is longer than {MaxBytes} bytes.");
            }

            Use(xml);
            _good = xml;
            _inForce = "last good";
            if (!first)
            {
                Logger().Info("The log configuration {Path} has changed and is in force.", _path);
            }
        }
        catch (Exception exception) // Whatever is wrong with an operator's file, the program goes on and logs.
        {
            Use(_good);
            Logger().Error(
                "The log configuration {Path} is not used: {Reason} The {InForce} configuration stays in force.",
                _path, Reason(exception), _inForce);
        }
    }

    private void Use(string xml)
    {
        // A file may have set it to false, for itself and, as NLog has it, for all that follow.
        Factory.ThrowConfigExceptions = true;
        LogManager.ThrowConfigExceptions = true; // Layouts ask the global factory, whichever they belong to.
        using var reader = new StringReader(xml);
        var configuration = new XmlLoggingConfiguration(reader, _path ?? "NLog.config", Factory);
        if (Factory.ThrowConfigExceptions != true)
        {
            throw new NLogConfigurationException("throwConfigExceptions cannot be turned off: errors are always told.");
        }

        Factory.Configuration = configuration;
    }

    private NLog.Logger Logger() => Factory.GetLogger("Hostscope.Logging");

    /// <summary>NLog's message ends with what was wrong; its beginning only says that loading failed.</summary>
    private static string Reason(Exception exception)
    {
        var reason = exception.Message.Replace("Failed loading NLog configuration. ", "", StringComparison.Ordinal)
            .Replace(" (Parameter 'levelName')", "; allowed: Trace, Debug, Info, Warn, Error, Fatal, Off",
                StringComparison.Ordinal);
        return reason.EndsWith('.') ? reason : reason + ".";
    }

    /// <summary>A log file that cannot be written cannot say so itself.</summary>
    private void OnInternalEvent(object? sender, InternalLogEventArgs happened)
    {
        if (happened.Level < NLog.LogLevel.Error || happened.SenderType?.IsAssignableTo(typeof(Target)) != true)
        {
            return;
        }

        var now = _clock.GetTimestamp();
        if (_lastTargetFailure is { } last && _clock.GetElapsedTime(last, now) < TargetFailureEvery)
        {
            return;
        }

        _lastTargetFailure = now;
        var line = new StringBuilder($"hostscope: the log target {happened.SenderName} does not work: ");
        var start = line.Length;
        line.Append(happened.Message);
        if (happened.Exception is not null)
        {
            line.Append(' ').Append(happened.Exception.GetType().Name).Append(": ").Append(happened.Exception.Message);
        }

        SafeText.Clean(line, start, MessageRenderer.MaxCost);
        _error.WriteLine(line.ToString());
    }
}
