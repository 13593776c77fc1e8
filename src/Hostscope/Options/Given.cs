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

    /// <summary>The refusal of a value, in the one form that all of them have.</summary>
    public StartRefusedException Refuse(string value, string allowed) =>
        new(ExitCode, $"{Where}: '{value}' is not allowed; {allowed}");
}
