namespace Hostscope.Access;

/// <summary>
/// What a route, a channel or a field asks of whoever wants it. Every endpoint states one; <see cref="Authority"/> is
/// the only place that knows who has which.
/// </summary>
public enum Need
{
    /// <summary>Nothing: the login page, health. What it answers must tell nothing about a host.</summary>
    Nothing,

    /// <summary>To be somebody: the page's files, the description of the API, one's own session.</summary>
    SignedIn,

    /// <summary>The values of now: live messages, hosts, status.</summary>
    Live,

    /// <summary>The process and cgroup tables, now or then; names, but not <see cref="ProcessDetails"/>.</summary>
    Processes,

    /// <summary>Arguments (masked) and users of processes, now or then.</summary>
    ProcessDetails,

    /// <summary>Recorded values, and their export.</summary>
    History,

    /// <summary>To leave a note among the recorded events: the one thing that is written from outside.</summary>
    Marks,

    /// <summary>The page for Prometheus.</summary>
    Metrics,

    /// <summary>Everybody's sessions, and the list of tokens.</summary>
    Administration,
}
