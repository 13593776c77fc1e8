using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>The names of <see cref="Topics"/> on the wire.</summary>
internal static class TopicNames
{
    /// <summary>What a viewer gets that did not choose.</summary>
    public const Topics Default = Topics.System | Topics.Cores;

    /// <summary>One more than the largest set: topic sets are indexes of small arrays.</summary>
    public const int SetCount = 1 << 4;

    /// <summary>Every name with its topic, in the order in which they are written.</summary>
    public static readonly (string Name, Topics Topic)[] All =
    [
        ("system", Topics.System),
        ("cores", Topics.Cores),
        ("processes", Topics.Processes),
        ("cgroups", Topics.Cgroups),
    ];

    /// <summary>The names, for messages to people.</summary>
    public static readonly string Allowed = string.Join(", ", All.Select(topic => topic.Name));

    /// <summary>Whether a set has a topic that tells of processes.</summary>
    public static bool NeedsProcesses(this Topics topics) => (topics & (Topics.Processes | Topics.Cgroups)) != 0;

    /// <summary>The topic of a name.</summary>
    public static bool TryParse(string? name, out Topics topic)
    {
        foreach (var known in All)
        {
            if (known.Name == name)
            {
                topic = known.Topic;
                return true;
            }
        }

        topic = Topics.None;
        return false;
    }

    /// <summary>
    /// Reads a comma-separated list, as in <c>?topics=system,cores</c>; names the word that is not one.
    /// </summary>
    public static bool TryParseList(string list, out Topics topics, out string? unknown)
    {
        topics = Topics.None;
        unknown = null;
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParse(name, out var topic))
            {
                unknown = name;
                return false;
            }

            topics |= topic;
        }

        return true;
    }
}
