using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>What a portable file says of itself.</summary>
/// <param name="Host">The host it was recorded on.</param>
/// <param name="FromMs">Beginning of the range that was asked for; blocks are copied whole.</param>
/// <param name="ToMs">End of that range.</param>
internal sealed record HscopeHead(HostInfo Host, long FromMs, long ToMs);

/// <summary>Writes and reads <see cref="HscopeHead"/> without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HscopeHead))]
internal sealed partial class HscopeJson : JsonSerializerContext;

/// <summary>
/// Copies the blocks of a range into one file: a segment that holds every tier (docs/STORE.md). Blocks are copied as
/// they are, so up to five minutes more than asked for are in it at either end.
/// </summary>
internal sealed class HscopeWriter(IStoreDisk disk, HostInfo host, RecorderOptions options)
{
    public const string HeadKey = "hscope";

    /// <summary>What may be written between two looks at the space, the caches of two exports included.</summary>
    private const long ReserveBytes = 8 << 20;

    private long _number;

    /// <summary>Makes the file beside the store and hands it on.</summary>
    public async Task<HistoryAnswer<ExportResult>> WriteAsync(
        IPast past, BlockIndex index, ExportQuery query, Stream destination, CancellationToken cancellation)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"export-{Interlocked.Increment(ref _number)}{SegmentName.TemporaryEnding}");
        try
        {
            CheckSpace();
            var ticks = Write(name, past, index, query, cancellation);
            var file = new FileStream(
                Path.Combine(disk.Directory, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (file.ConfigureAwait(false))
            {
                await file.CopyToAsync(destination, cancellation).ConfigureAwait(false);
                return new HistoryAnswer<ExportResult>(
                    new ExportResult(ticks, PastStatus.IntervalOf(index.View), file.Length));
            }
        }
        catch (NoSpaceException exception)
        {
            return new HistoryAnswer<ExportResult>(
                new QueryProblem("format", exception.Message) { LacksSpace = true });
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            var fault = StoreFault.From(exception, name);
            return new HistoryAnswer<ExportResult>(
                new QueryProblem("format", fault.Message) { LacksSpace = fault.Kind == FaultKind.Full });
        }
        finally
        {
            TryDelete(name);
        }
    }

    private long Write(
        string name, IPast past, BlockIndex index, ExportQuery query, CancellationToken cancellation)
    {
        using var writer = SegmentWriter.Open(disk, name, DatabaseUse.Scratch);
        writer.WriteMeta(HeadKey, JsonSerializer.Serialize(
            new HscopeHead(host, query.FromMs, query.ToMs), HscopeJson.Default.HscopeHead));
        long ticks = 0;
        foreach (var tier in Enum.GetValues<Tier>())
        {
            foreach (var block in index.Overlapping(tier, query.FromMs, query.ToMs))
            {
                cancellation.ThrowIfCancellationRequested();
                CheckSpace(); // One statfs(2) beside the writing of some 100 kB.
                ticks += tier == Tier.Second ? block.Header.Ticks : 0;
                Copy(writer, block);
            }
        }

        var events = new EventQuery(query.FromMs, query.ToMs);
        for (long? after = 0; after is { } id;)
        {
            var page = EventReader.Read(past, events with { AfterId = id });
            writer.Append(null, [], page.Events);
            after = page.NextAfterId;
        }

        return ticks;
    }

    /// <summary>
    /// What must stay free is not an export's to take: recording would drop history to have it free again.
    /// </summary>
    private void CheckSpace()
    {
        var (free, total) = disk.Space();
        var floor = RetentionLimits.FloorOf(options, total);
        if (free < floor + ReserveBytes)
        {
            throw new NoSpaceException(
                $"Such a file is made in {disk.Directory} first, where {free >> 20} MiB are free and {floor >> 20} MiB "
                + "must stay free (option storeFloor). Free some space, ask for a shorter range, or take csv or "
                + "jsonl, which need none.");
        }
    }

    private static void Copy(SegmentWriter writer, IBlock block)
    {
        var parts = block is EncodedBlock memory ? memory.Seal() : ((StoredBlock)block).Sealed();
        var ids = block.Header.Groups.Select(block.Group).OfType<SeriesGroup>()
            .SelectMany(group => group.Ids.ToArray());
        var definitions = block.Definitions;
        writer.Append(
            block.Header, ids.Select(id => definitions.GetValueOrDefault(id)).OfType<SeriesDefinition>(), parts, []);
    }

    private void TryDelete(string name)
    {
        try
        {
            disk.Delete(name);
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            // The next start deletes it: it is known by its ending.
        }
    }

    /// <summary>Ends the writing; the message is for people.</summary>
    private sealed class NoSpaceException(string message) : Exception(message);
}
