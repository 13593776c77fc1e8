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
