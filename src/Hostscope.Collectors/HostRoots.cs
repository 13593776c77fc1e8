namespace Hostscope.Collectors;

/// <summary>
/// Where the host's files are. The defaults show the machine we run on; a container that mounts the host's
/// <c>/proc</c> and <c>/sys</c> elsewhere, and a test with recorded files, name other folders.
/// </summary>
/// <param name="Proc">The proc file system.</param>
/// <param name="Sys">The sys file system.</param>
/// <param name="Etc">The folder of os-release, machine-id and localtime.</param>
/// <param name="Root">What mount points are below: <c>/</c>, or where a container sees the host's root.</param>
public sealed record HostRoots(string Proc = "/proc", string Sys = "/sys", string Etc = "/etc", string Root = "/")
{
    /// <summary>
    /// True when the files are those of the machine and namespace we run in, so that system calls agree with them.
    /// </summary>
    public bool IsOwnMachine => Proc == "/proc" && Root == "/";
}
