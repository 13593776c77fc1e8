using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hostscope.Collectors.Cgroups;

/// <summary>Reads the list of containers as Docker and Podman give it: ids and names, and no more.</summary>
internal static class ContainerList
{
    /// <summary>Most containers that are looked at: as many as there are cgroups in the table at most.</summary>
    public const int MaxContainers = CgroupTree.MaxGroups;

    /// <summary>Longest name, characters; what is longer is cut.</summary>
    public const int MaxNameLength = 128;

    /// <summary>Reads a list.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="names">Names by full id (64 hex digits).</param>
    /// <returns>False when it is no such list. A container without a proper id or name is left out.</returns>
    /// <remarks>
    /// <code>
    /// [{"Id":"8dfafdbc3a40...","Names":["/db","/web-1/database"],"Image":"postgres","State":"running",...},...]
    /// </code>
    /// A name with a second slash is that of a link from another container.
    /// </remarks>
    public static bool TryParse(ReadOnlySpan<byte> json, out Dictionary<string, string> names)
    {
        names = new Dictionary<string, string>(StringComparer.Ordinal);
        List<ListedContainer?>? list;
        try
        {
            list = JsonSerializer.Deserialize(json, ContainerJson.Default.ListListedContainer);
        }
        catch (JsonException)
        {
            return false;
        }

        foreach (var container in list?.Take(MaxContainers) ?? [])
        {
            if (container?.Id is { } id && CgroupNames.IsFullId(id) && NameOf(container.Names) is { } name)
            {
                names[id] = name;
            }
        }

        return list is not null;
    }

    private static string? NameOf(string?[]? names)
    {
        foreach (var name in names ?? [])
        {
            var plain = name.AsSpan().TrimStart('/');
            if (plain.Length > 0 && !plain.Contains('/'))
            {
                plain = plain[..Math.Min(plain.Length, MaxNameLength)];
                return string.Create(plain.Length, plain, static (text, from) =>
                {
                    for (var i = 0; i < text.Length; i++)
                    {
                        // Engines allow these characters only; another is not theirs, and may be meant for a terminal.
                        var isProper = char.IsAsciiLetterOrDigit(from[i]) || from[i] is '_' or '.' or '-';
                        text[i] = isProper ? from[i] : '\uFFFD';
                    }
                });
            }
        }

        return null;
    }
}

/// <summary>A container in the engine's list. Both members are what a stranger wrote.</summary>
/// <param name="Id">The full id.</param>
/// <param name="Names">Its names.</param>
internal sealed record ListedContainer(string? Id, string?[]? Names);

/// <summary>Reads the list without reflection.</summary>
[JsonSerializable(typeof(List<ListedContainer>))]
internal sealed partial class ContainerJson : JsonSerializerContext;
