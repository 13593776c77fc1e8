namespace Hostscope.Gateway.Past;

/// <summary>Events of a range.</summary>
/// <param name="From">The range, Unix milliseconds.</param>
/// <param name="To">Its end.</param>
/// <param name="Events">The events, in the order of recording.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; <c>null</c> on the last.</param>
internal sealed record EventList(long From, long To, IReadOnlyList<PastEvent> Events, long? Next);

/// <summary>Processes of the past that a search found.</summary>
/// <param name="From">The range, Unix milliseconds.</param>
/// <param name="To">Its end.</param>
/// <param name="SearchedFrom">How far back the search came.</param>
/// <param name="Processes">Those seen last first.</param>
internal sealed record ProcessFinds(long From, long To, long SearchedFrom, IReadOnlyList<ProcessFind> Processes);

/// <summary>A process of the past.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Start">When it began, 1/100 s since boot.</param>
/// <param name="Parent">Process id of its parent.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Its arguments, secrets masked; <c>null</c> when it has none or they may not be seen.</param>
/// <param name="User">Its user.</param>
/// <param name="Cgroup">Path of its cgroup.</param>
/// <param name="KernelThread">Whether it is a thread of the kernel.</param>
/// <param name="FirstSeen">First tick of the range that saw it, Unix milliseconds.</param>
/// <param name="LastSeen">Last tick of the range that saw it.</param>
internal sealed record ProcessFind(
    int Pid,
    long Start,
    int Parent,
    string Name,
    string? Arguments,
    string? User,
    string? Cgroup,
    bool KernelThread,
    long FirstSeen,
    long LastSeen);

/// <summary>The series that have data in a range.</summary>
/// <param name="From">The range, Unix milliseconds.</param>
/// <param name="To">Its end.</param>
/// <param name="Series">The series, by key.</param>
internal sealed record SeriesList(long From, long To, IReadOnlyList<SeriesFacts> Series);

/// <summary>What a series is.</summary>
/// <param name="Key">What questions name it by.</param>
/// <param name="Name">Name of its metric.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Unit">Unit of its values.</param>
/// <param name="Kind">counter or gauge.</param>
internal sealed record SeriesFacts(
    string Key, string Name, IReadOnlyDictionary<string, string> Labels, string Unit, string Kind);

/// <summary>A person's note.</summary>
/// <param name="Text">What it says.</param>
internal sealed record MarkRequest(string? Text);

/// <summary>A note that was taken.</summary>
/// <param name="T">When, Unix milliseconds.</param>
/// <param name="Text">What it says.</param>
internal sealed record MarkAnswer(long T, string Text);
