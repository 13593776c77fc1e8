using System.Collections;

namespace Hostscope.Options;

/// <summary>Where a program keeps what must outlive it, when nobody says where.</summary>
internal static class StateDirectory
{
    /// <summary>That of the service, and of root.</summary>
    public const string OfService = "/var/lib/hostscope";

    /// <summary>
    /// systemd names the directory that it made (systemd.exec(5), StateDirectory=); root has the usual place, which is
    /// the same; everybody else the one of the XDG base directory specification.
    /// </summary>
    /// <param name="environment">The environment.</param>
    /// <returns>A directory that need not exist; <c>null</c> for somebody without a home.</returns>
    public static string? Find(IDictionary environment)
    {
        string? Variable(string name) =>
            environment[name] is string { Length: > 0 } value && Path.IsPathFullyQualified(value) ? value : null;

        if (Variable("STATE_DIRECTORY") is { } ofService)
        {
            return ofService.Split(':')[0];
        }

        if (Environment.IsPrivilegedProcess)
        {
            return OfService;
        }

        var state = Variable("XDG_STATE_HOME") ?? (Variable("HOME") is { } home ? $"{home}/.local/state" : null);
        return state is null ? null : Path.Combine(state, "hostscope");
    }
}
