using Hostscope.Bus;

namespace Hostscope.Recorder.Tests;

/// <summary>The specification for a range that was exported and opened elsewhere.</summary>
public sealed class PortableFileTests : HistorySpec
{
    private RecordedFile? _file;
    private string? _path;

    [Fact]
    public async Task A_file_says_of_which_host_and_range_it_is_and_opens_where_nothing_can_be_written()
    {
        using var harness = new StoreHarness(2);
        harness.Tick(50);
        await Keep(harness);
        Assert.Equal("h", _file!.Host.Id);
        Assert.Equal(harness.Ticks[0].Frame.UnixMs, _file.FromMs);
        Assert.Equal([_path], Directory.GetFiles(Path.GetDirectoryName(_path)!));
        Assert.Equal(RecordingState.Ended, (await _file.History.StatusAsync(CancellationToken.None)).State);
        Assert.Same(_file.History, _file.Find("h"));
        Assert.Null(_file.Find("other"));
    }

    [Fact]
    public async Task What_is_not_such_a_file_is_refused_in_words()
    {
        using var harness = new StoreHarness(2);
        harness.Tick(50);
        await Keep(harness);
        var bytes = await File.ReadAllBytesAsync(_path!, TestContext.Current.CancellationToken);
        Assert.Contains("does not exist", Refusal(_path + "x", null), StringComparison.Ordinal);
        Assert.Contains("not an export", Refusal(_path + "2", new byte[5000]), StringComparison.Ordinal);
        bytes[63] = 99; // The version in SQLite's header.
        Assert.Contains("newer version", Refusal(_path + "3", bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task What_must_stay_free_is_not_taken_by_an_export(int looksBefore)
    {
        FaultyDisk? disk = null;
        using var harness = new StoreHarness(
            2, options => options with { FreeFloorBytes = 400L << 20 }, inner => disk = new FaultyDisk(inner));
        harness.Tick(2000, withTables: false);
        disk!.FreeBytes = 300L << 20;
        disk.LooksLeft = looksBefore;
        using var file = new MemoryStream();
        var query = new ExportQuery(
            harness.Ticks[0].Frame.UnixMs, harness.Ticks[^1].Frame.UnixMs + 1, ExportFormat.Hscope);
        var answer = await harness.History.ExportAsync(query, file, CancellationToken.None);
        Assert.True(answer.Problem!.LacksSpace);
        Assert.Contains(
            "300 MiB are free and 400 MiB must stay free", answer.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, file.Length);
        Assert.True(disk.LooksLeft < 0, "it looked again while it wrote");
        Assert.DoesNotContain(harness.Disk.List(), item => item.Name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    internal override async Task<IHistory> Keep(StoreHarness harness)
    {
        _path = Path.Combine(harness.NewDirectory(), "range.hscope");
        var stream = File.Create(_path);
        await using (stream.ConfigureAwait(false))
        {
            var query = new ExportQuery(
                harness.Ticks[0].Frame.UnixMs, harness.Ticks[^1].Frame.UnixMs + 1, ExportFormat.Hscope);
            var answer = await harness.History.ExportAsync(query, stream, CancellationToken.None);
            Assert.Null(answer.Problem);
            Assert.Equal(stream.Length, answer.Value!.Bytes);
        }

        Assert.DoesNotContain(harness.Disk.List(), file => file.Name.EndsWith(".tmp", StringComparison.Ordinal));
        _file = RecordedFile.Open(_path, TimeProvider.System);
        return _file.History;
    }

    private static string Refusal(string path, byte[]? content)
    {
        if (content is not null)
        {
            File.WriteAllBytes(path, content);
        }

        return Assert.ThrowsAny<IOException>(() => RecordedFile.Open(path, TimeProvider.System)).Message;
    }
}
