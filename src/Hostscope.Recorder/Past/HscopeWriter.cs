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
internal sealed class HscopeWriter(IStoreDisk disk, HostInfo host)
{
    public const string HeadKey = "hscope";

    private long _number;

    /// <summary>Makes the file beside the store and hands it on.</summary>
    public async Task<HistoryAnswer<ExportResult>> WriteAsync(
        IPast past, BlockIndex index, ExportQuery query, Stream destination, CancellationToken cancellation)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"export-{Interlocked.Increment(ref _number)}{SegmentName.TemporaryEnding}");
        try
        {
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
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            return new HistoryAnswer<ExportResult>(
                new QueryProblem("format", StoreFault.From(exception, name).Message));
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
}
