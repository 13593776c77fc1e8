using Hostscope.Gateway.Live.Sending;
using Hostscope.Gateway.Live.Tables;
using Hostscope.Model;

namespace Hostscope.Gateway.Live;

/// <summary>
/// A schema as the viewers of one topic set see it: which series, and the message that says so. The same object for all
/// of them, so "has this viewer this schema" is a comparison of references.
/// </summary>
internal sealed class SchemaView
{
    public SchemaView(Schema schema, Topics topics, Func<Schema, Topics, int[], Message> encode)
    {
        Schema = schema;
        var slots = new List<int>(schema.Count);
        for (var i = 0; i < schema.Count; i++)
        {
            if ((schema.Series[i].Metric.Topic & topics) != 0)
            {
                slots.Add(i);
            }
        }

        Slots = [.. slots];
        Message = encode(schema, topics, Slots);
    }

    public Schema Schema { get; }

    /// <summary>Positions in <see cref="Schema"/> of the series that are sent, in order.</summary>
    public int[] Slots { get; }

    /// <summary>The message <c>schema</c>.</summary>
    public Message Message { get; }
}

/// <summary>
/// What a viewer is given at a tick: immutable, but for the backlog, which the encoder adds before it hands the object
/// to a viewer that asked for one.
/// </summary>
/// <param name="Epoch">Grows when the host's numbering begins anew; sequences compare within one.</param>
/// <param name="Sequence">Number of the tick; 0 before the first one.</param>
/// <param name="View">The series of the frame.</param>
/// <param name="Frame">The message <c>frame</c>; empty before the first tick.</param>
internal sealed record Update(int Epoch, long Sequence, SchemaView View, Message Frame)
{
    /// <summary>
    /// The message <c>hello</c> from its member <c>interval</c> on; what stands before is the viewer's own, as it holds
    /// the time of sending. <c>null</c> when nobody asked at this tick.
    /// </summary>
    public Message? HelloRest { get; set; }

    /// <summary>What the recorder says; <c>null</c> when nothing is recorded.</summary>
    public RecorderNote? Recorder { get; init; }

    /// <summary>The processes; <c>null</c> when nobody watches them or none were scanned in this tick.</summary>
    public TableUpdate? Processes { get; init; }

    /// <summary>The cgroups; <c>null</c> when nobody watches them or none were scanned in this tick.</summary>
    public TableUpdate? Cgroups { get; init; }
}
