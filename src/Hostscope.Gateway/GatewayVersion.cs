namespace Hostscope.Gateway;

/// <summary>The version that people and pages are told.</summary>
internal static class GatewayVersion
{
    /// <summary>Major, minor and patch, such as <c>0.1.0</c>.</summary>
    public static readonly string Text = typeof(GatewayVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
