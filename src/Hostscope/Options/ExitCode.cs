namespace Hostscope.Options;

/// <summary>
/// How the process ends. The numbers above 63 are those of BSD's sysexits.h, which systemd knows by name.
/// </summary>
internal static class ExitCode
{
    /// <summary>Ended as asked.</summary>
    public const int Success = 0;

    /// <summary>The command line cannot be understood, or a value on it is not allowed.</summary>
    public const int Usage = 2;

    /// <summary>Something outside is in the way: the port is taken (EX_UNAVAILABLE).</summary>
    public const int Unavailable = 69;

    /// <summary>A bug of ours (EX_SOFTWARE).</summary>
    public const int Software = 70;

    /// <summary>The file, the environment or the combination of settings is not allowed (EX_CONFIG).</summary>
    public const int Configuration = 78;
}

/// <summary>
/// The start is refused; the message is the one line that people see. It names the thing, its value, and what is
/// allowed.
/// </summary>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="message">One line, without the program's name.</param>
internal sealed class StartRefusedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
