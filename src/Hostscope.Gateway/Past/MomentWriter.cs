using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Gateway.Live;
using Hostscope.Gateway.Live.Tables;
using Hostscope.Model;

namespace Hostscope.Gateway.Past;

/// <summary>
/// Writes one whole second of the past as the messages that a viewer would have got then, by the same code.
/// </summary>
internal static class MomentWriter
{
    /// <summary>Writes the answer.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="atMs">The time that was asked for.</param>
    /// <param name="moment">The moment.</param>
    /// <param name="withDetails">Whether with arguments and users of processes.</param>
    public static void Write(Utf8JsonWriter json, long atMs, Moment moment, bool withDetails)
    {
        var isEmpty = moment.NoData is not null;
        json.WriteStartObject();
        json.WriteNumber("at"u8, atMs);
        PastWriter.Write(json, "t"u8, isEmpty ? null : moment.UnixMs);
        PastWriter.Write(json, "resolution"u8, isEmpty ? null : moment.ResolutionMs);
        PastWriter.Write(json, "before"u8, isEmpty ? moment.NoData!.BeforeMs : moment.BeforeMs);
        PastWriter.Write(json, "after"u8, isEmpty ? moment.NoData!.AfterMs : moment.AfterMs);
        json.WriteBoolean("inGap"u8, isEmpty || moment.IsInGap);
        PastWriter.Write(json, moment.NoData);
        if (isEmpty)
        {
            json.WriteNull("schema"u8);
            json.WriteNull("frame"u8);
            json.WriteNull("processes"u8);
            json.WriteNull("cgroups"u8);
        }
        else
        {
            WriteMessages(json, moment, withDetails);
        }

        json.WriteEndObject();
    }

    private static void WriteMessages(Utf8JsonWriter json, Moment moment, bool withDetails)
    {
        using var wire = new Wire();
        using var writer = new TableWriter();
        var view = new SchemaView(moment.Schema, TopicNames.Default, wire.Schema);
        json.WritePropertyName("schema"u8);
        json.WriteRawValue(view.Message.Payload.Span, skipInputValidation: true);
        json.WritePropertyName("frame"u8);
        json.WriteRawValue(
            wire.Frame(moment.Frame?.Sequence ?? 0, moment.UnixMs, ElapsedMs(moment), moment.Values, view).Payload.Span,
            skipInputValidation: true);
        json.WritePropertyName("processes"u8);
        WriteProcesses(json, writer, moment, withDetails);
        json.WritePropertyName("cgroups"u8);
        if (moment.Cgroups is { } cgroups)
        {
            json.WriteRawValue(
                new CgroupFeed(writer).Snapshot(moment.PreviousCgroups, cgroups).Payload.Span,
                skipInputValidation: true);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteProcesses(
        Utf8JsonWriter json, TableWriter writer, Moment moment, bool withDetails)
    {
        if (moment.Processes is not { } table)
        {
            json.WriteNullValue();
            return;
        }

        // What no process accounts for is known only when the tables are of the two ticks whose frames are at hand.
        var isOfTick = moment.Frame is { } frame && table.Sequence == frame.Sequence
            && moment.PreviousProcesses?.Sequence == moment.PreviousFrame?.Sequence;
        json.WriteRawValue(
            new ProcessFeed(writer).Snapshot(
                moment.PreviousProcesses,
                table,
                isOfTick ? moment.PreviousFrame : null,
                isOfTick ? moment.Frame : null,
                withDetails).Payload.Span,
            skipInputValidation: true);
    }

    private static double ElapsedMs(Moment moment) => (moment.Frame, moment.PreviousFrame) switch
    {
        (null, _) => moment.ResolutionMs,
        (_, null) => Derive.Absent,
        var (frame, previous) => (frame.MonotonicNs - previous.MonotonicNs) / 1e6,
    };
}
