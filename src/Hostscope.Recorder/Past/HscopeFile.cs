using System.Text.Json;
using Hostscope.Bus;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Past;

/// <summary>A portable file, served like a host. It is only read, and nothing is made beside it.</summary>
internal sealed class HscopeFile : IPast, IDisposable
{
    private readonly long _bytes;

    private HscopeFile(ReaderPool readers, StoreView view, HscopeHead head, long bytes)
    {
        Readers = readers;
        View = view;
        Head = head;
        _bytes = bytes;
    }

    public HscopeHead Head { get; }

    public StoreView View { get; }

    public ReaderPool Readers { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is not there, not one of ours, damaged, or of a newer version.</exception>
    public static HscopeFile Open(string path)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new IOException($"{full} does not exist.");
        }

        var disk = new StoreDisk(Path.GetDirectoryName(full)!);
        var name = Path.GetFileName(full);
        try
        {
            FileHeader.Peek(disk, name);
            var readers = new ReaderPool(disk, DatabaseUse.ReadFixed, new BlobCache());
            var bytes = new FileInfo(full).Length;
            using var database = Database.Open(disk, name, DatabaseUse.ReadFixed);
            FileHeader.Check(database);
            var view = StoreView.Empty with
            {
                Files = [.. Enum.GetValues<Tier>().Select(tier => FilesOf(database, tier, bytes))],
            };
            var text = readers.Use(name, reader => reader.Meta(HscopeWriter.HeadKey));
            var head = text is null ? null : JsonSerializer.Deserialize(text, HscopeJson.Default.HscopeHead);
            return new HscopeFile(
                readers, view, head ?? throw new IOException($"{full} does not say which host it is of."), bytes);
        }
        catch (Exception exception) when ((StoreFault.Is(exception) && exception is not IOException)
            || exception is JsonException)
        {
            throw new IOException(
                $"{full} cannot be opened: it is not an export of Hostscope, or it is damaged.", exception);
        }
    }

    /// <inheritdoc/>
    public HistoryStatus Status() => PastStatus.Fill(
        new HistoryStatus { State = RecordingState.Ended, Reason = "This is a file.", Bytes = _bytes }, View, null);

    /// <inheritdoc/>
    public void Dispose() => Readers.Dispose();

    private static SegmentFile[] FilesOf(Database database, Tier tier, long bytes) =>
    [
        new SegmentFile
        {
            Segment = new SegmentName(tier, "", 0),
            Name = database.Name,
            Blocks = SegmentFile.ReadHeaders(database, tier),
            Bytes = bytes,
            IsSealed = true,
        },
    ];
}
