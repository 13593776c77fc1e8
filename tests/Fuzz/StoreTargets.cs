using Hostscope.Bus;
using Hostscope.Model;
using Hostscope.Recorder;
using Hostscope.Recorder.Codec;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;
using Hostscope.Recorder.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Fuzz.Tests;

/// <summary>A recorded store of which one file is another in each run.</summary>
internal sealed class StoreTarget : Target
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly RecorderOptions _options;
    private readonly long _fromMs;
    private readonly long _toMs;

    public StoreTarget()
        : base("store")
    {
        using var harness = new StoreHarness(1, host: new SimulatedHost(1, processes: 5));
        harness.Tick(320, withTables: false);
        _options = harness.Options;
        _fromMs = harness.Ticks[0].Frame.UnixMs;
        _toMs = harness.Ticks[^1].Frame.UnixMs + 1;
        harness.Store.Close();
        foreach (var file in Directory.GetFiles(harness.Options.Directory))
        {
            _files.Add(Path.GetFileName(file), File.ReadAllBytes(file));
        }

        Seeds = [.. _files.Where(file => file.Value.Length is > 0 and < 400_000)
            .Select(file => Input(file.Value, file.Key))];
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override IReadOnlyList<string> Words { get; } = ["SQLite format 3\0", "CREATE TABLE ", "WITHOUT ROWID"];

    public override int MaxBytes => 400_000;

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var content = Split(input, 1, out var head);
        var directory = Directory.CreateDirectory(
            Path.Combine(Scratch, "hostscope-fuzz-" + Guid.NewGuid().ToString("N"))).FullName;
        try
        {
            foreach (var (name, bytes) in _files)
            {
                File.WriteAllBytes(Path.Combine(directory, name), name == head[0] ? content : bytes);
            }

            var disk = new StoreDisk(directory);
            using var store = new TickStore(disk, _options with { Directory = directory });
            Questions.Ask(new History(new OpenStore(store), new FakeTimeProvider(), null), _fromMs, _toMs);
        }
        catch (StoreVersionException)
        {
            // The version of the format is a number in the file, and may be any.
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Memory where there is some to be had.</summary>
    internal static string Scratch => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private sealed class OpenStore(TickStore store) : IPast
    {
        public StoreView View => store.View;

        public ReaderPool? Readers => store.Readers;

        public HistoryStatus Status() => new() { State = RecordingState.Recording };
    }
}

/// <summary>An exported file, as a stranger may send one.</summary>
internal sealed class HscopeTarget : Target
{
    private readonly string _path = Path.Combine(StoreTarget.Scratch, $"fuzz-{Guid.NewGuid():N}.hscope");
    private readonly long _fromMs;
    private readonly long _toMs;

    public HscopeTarget()
        : base("hscope-file")
    {
        using var harness = new StoreHarness(2, host: new SimulatedHost(2, processes: 5));
        harness.Tick(60);
        _fromMs = harness.Ticks[0].Frame.UnixMs;
        _toMs = harness.Ticks[^1].Frame.UnixMs + 1;
        using var stream = new MemoryStream();
        var query = new ExportQuery(_fromMs, _toMs, ExportFormat.Hscope);
        var exporting = harness.History.ExportAsync(query, stream, CancellationToken.None).AsTask();
        Assert.Null(exporting.GetAwaiter().GetResult().Problem);
        Seeds = [stream.ToArray()];
    }

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override IReadOnlyList<string> Words { get; } = ["SQLite format 3\0", "CREATE TABLE ", "{\"host\":"];

    public override int MaxBytes => 400_000;

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        try
        {
            using var file = RecordedFile.Open(_path, TimeProvider.System);
            Questions.Ask(file.History, _fromMs, _toMs);
        }
        catch (IOException)
        {
            // Refused, in words for people.
        }
    }

    public override void Close() => File.Delete(_path);
}

/// <summary>What is within the checksums, which keep accidents out and no one who can count.</summary>
internal sealed class PayloadTarget : Target
{
    private readonly List<byte[]> _seeds = [];

    public PayloadTarget()
        : base("payloads")
    {
        using var harness = new StoreHarness(3, host: new SimulatedHost(3, processes: 5));
        harness.Tick(20);
        harness.Crash();
        var tail = harness.Store.Content.TailContent;
        _seeds.AddRange(tail.Ticks.Select(tick => Input(tick.Payload, "tick")));
        var writer = new ByteWriter();
        Column.Write(writer, [1, 2, 3, Frame.Absent, 5, 1000, 0, 0], new long[8]);
        _seeds.Add(Input(writer.Written, "column"));
        _seeds.AddRange(new[] { "header", "series", "event", "group" }.Select(kind => Input(new byte[40], kind)));
    }

    public override IReadOnlyList<byte[]> Seeds => _seeds;

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var payload = Split(input, 1, out var head);
        switch (head[0])
        {
            case "tick":
                var decoder = new TickDecoder();
                if (decoder.TryRead(payload))
                {
                    _ = decoder.Processes(payload).Length + decoder.Cgroups(payload).Length + decoder.Values.Length;
                }

                break;
            case "column":
                Column.TryRead(payload, new long[8]);
                break;
            case "header":
                BlockHeader.Read(1, payload);
                break;
            case "series":
                SeriesDefinition.Read(1, payload);
                break;
            case "event":
                EventCodec.Read(1, payload);
                break;
            default:
                SeriesGroup.Parse(payload);
                break;
        }
    }
}

/// <summary>One question of each kind; an answer that says why it has nothing is one.</summary>
internal static class Questions
{
    public static void Ask(IHistory history, long fromMs, long toMs)
    {
        Wait(history.StatusAsync(default));
        var catalog = Wait(history.CatalogAsync(fromMs, toMs, default));
        var keys = (catalog.Value ?? []).Take(3).Select(series => series.Key).ToList();
        Wait(history.SeriesAsync(new SeriesQuery(keys, fromMs, toMs, 50), default));
        Wait(history.MomentAsync(toMs - 1000, default));
        Wait(history.OverviewAsync(new OverviewQuery(fromMs, toMs, 20), default));
        Wait(history.EventsAsync(new EventQuery(fromMs, toMs), default));
        Wait(history.SearchAsync(new ProcessQuery("post", fromMs, toMs, 5), default));
    }

    private static T Wait<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
