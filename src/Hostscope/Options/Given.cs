namespace Hostscope.Options;

/// <summary>A setting as it was given, before it is understood.</summary>
/// <param name="Values">One value, several for a setting that may be given several times.</param>
/// <param name="Where">
/// What to call it in a message: <c>--interval</c>, <c>HOSTSCOPE_INTERVAL</c>, a line of a file.
/// </param>
/// <param name="ExitCode">How a value that is not allowed ends the start.</param>
internal sealed record Given(IReadOnlyList<string> Values, string Where, int ExitCode)
{
    /// <summary>The value of a setting that has one. The last one counts, as with most programs.</summary>
    public string Value => Values[^1];

    /// <summary>The value as an absolute path of a file or directory, which need not exist.</summary>
    /// <param name="allowed">What to give instead of one that is empty or that no file can have.</param>
    /// <exception cref="StartRefusedException">It is no path.</exception>
    public string FullPath(string allowed) => IsPath(Value) ? Path.GetFullPath(Value) : throw Refuse(Value, allowed);

    /// <summary>
    /// Whether a text can be a path at all: for the kernel it ends with the first NUL, the framework throws.
    /// </summary>
    public static bool IsPath(string text) =>
        !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>The refusal of a value, in the one form that all of them have.</summary>
    public StartRefusedException Refuse(string value, string allowed) =>
        new(ExitCode, $"{Where}: '{Shown(value)}' is not allowed; {allowed}");

    /// <summary>On one line, whatever a file says.</summary>
    private static string Shown(string value) => string.Concat(value.Select(c => char.IsControl(c) ? '?' : c));
}
