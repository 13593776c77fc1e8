using System.Text.Json;
using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>What a viewer asks for.</summary>
internal enum ClientMessageKind
{
    /// <summary>The message is none that we know; <see cref="ClientMessage.Problem"/> says what is wrong.</summary>
    Invalid,

    /// <summary>Choose what is sent.</summary>
    Subscribe,

    /// <summary>Send a new <c>hello</c>.</summary>
    Resync,
}

/// <summary>A message from a viewer, read.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Topics">The topics of a subscription.</param>
/// <param name="Problem">What is wrong and what is allowed, at most 123 bytes: it travels in a close frame.</param>
internal readonly record struct ClientMessage(
    ClientMessageKind Kind, Topics Topics = Topics.None, string? Problem = null)
{
    /// <summary>Most bytes of a message.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Most topics named in one subscription, repetitions included.</summary>
    public const int MaxTopics = 64;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>
    /// Reads one message; never throws. Members that are not known are ignored, as the wire's rules say.
    /// <code>
    /// {"type":"subscribe","topics":["system","cores"]}
    /// {"type":"resync"}
    /// </code>
    /// </summary>
    public static ClientMessage Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            return Parse(document.RootElement);
        }
        catch (JsonException)
        {
            return Invalid("not a JSON object");
        }
        catch (InvalidOperationException)
        {
            // What the reader throws for a string that is no UTF-8 text or has half a surrogate pair.
            return Invalid("a string is not valid Unicode");
        }
    }

    private static ClientMessage Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Invalid("not a JSON object");
        }

        if (!root.TryGetProperty("type"u8, out var type) || type.ValueKind != JsonValueKind.String)
        {
            return Invalid("'type' is missing; it is subscribe or resync");
        }

        return type.GetString() switch
        {
            "subscribe" => ParseSubscribe(root),
            "resync" => new ClientMessage(ClientMessageKind.Resync),
            _ => Invalid("'type' is subscribe or resync"),
        };
    }

    private static ClientMessage ParseSubscribe(JsonElement root)
    {
        if (!root.TryGetProperty("topics"u8, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return Invalid($"'topics' is a list of: {TopicNames.Allowed}");
        }

        if (list.GetArrayLength() > MaxTopics)
        {
            return Invalid($"'topics' has more than {MaxTopics} entries");
        }

        var topics = Topics.None;
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.String || !TopicNames.TryParse(entry.GetString(), out var topic))
            {
                return Invalid($"'topics' has an unknown entry; known are: {TopicNames.Allowed}");
            }

            topics |= topic;
        }

        return new ClientMessage(ClientMessageKind.Subscribe, topics);
    }

    private static ClientMessage Invalid(string problem) => new(ClientMessageKind.Invalid, Problem: problem);
}
