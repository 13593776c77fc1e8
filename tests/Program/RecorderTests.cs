using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: whatever the state of the store, the live view starts, says what is the matter, and touches nothing that it
/// cannot read (P-06, P-07); marks, exports and exported files work from the command line. Method: the published binary
/// on directories in every sorry state.
/// </summary>
public sealed class RecorderTests
{
    private const int Usage = 2;
    private const int Unavailable = 69;
    private const int Configuration = 78;

    /// <summary>Offset of the user version, big-endian (https://www.sqlite.org/fileformat.html).</summary>
    private const int UserVersionOffset = 60;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task P_06_a_second_instance_is_refused_in_one_line()
    {
        using var scratch = new Scratch();
        var directory = scratch.File("data");
        await using var first = await StartAsync(directory);
        await StateAsync(first, "recording");
        var clock = Stopwatch.StartNew();
        await using var second = await Server.RunAsync([], "--listen", "http://127.0.0.1:0", "--data-dir", directory);
        Assert.Equal(Unavailable, await second.EndAsync());
        Assert.True(clock.Elapsed < Soon, $"It took {clock.Elapsed}.");
        Assert.Equal(
            [
                $"hostscope: another Hostscope (process {first.Id}) records into {directory}; stop it, or give this "
                + "one another directory with --data-dir, or say --no-record",
            ],
            second.Error.Lines);
        await first.EndWellAsync();
        await using var third = await StartAsync(directory);
        await StateAsync(third, "recording");
    }

    [Fact]
    public async Task P_06_a_store_of_a_newer_version_is_not_touched()
    {
        using var scratch = new Scratch();
        var directory = await RecordAsync(scratch);
        var tail = Path.Combine(directory, "rec", "tail.db");
        var bytes = await File.ReadAllBytesAsync(tail, Ct);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(UserVersionOffset), 2);
        await File.WriteAllBytesAsync(tail, bytes, Ct);
        var before = Files(directory);
        await using (var server = await StartAsync(directory))
        {
            var recorder = await StateAsync(server, "refused");
            Assert.Contains("newer", recorder.GetProperty("reason").GetString(), StringComparison.OrdinalIgnoreCase);
            await using var viewer = await server.ViewAsync();
            await viewer.FirstAsync("frame");
            await server.EndWellAsync();
        }

        Assert.Equal(before, Files(directory));
    }

    public static TheoryData<string> SorryStates =>
        ["empty files", "foreign files", "garbage", "a directory in the way", "no directory to be had"];

    [Theory]
    [MemberData(nameof(SorryStates))]
    public async Task P_06_the_live_view_starts_on_a_strange_directory(string state)
    {
        using var scratch = new Scratch();
        var directory = await RecordAsync(scratch);
        var store = Path.Combine(directory, "rec");
        switch (state)
        {
            case "empty files":
                Array.ForEach(Directory.GetFiles(store, "*.db"), file => File.WriteAllBytes(file, []));
                break;
            case "foreign files":
                File.WriteAllText(Path.Combine(store, "notes.txt"), "not ours");
                File.WriteAllText(Path.Combine(store, "s1-yesterday.db"), "not ours either");
                break;
            case "garbage":
                Array.ForEach(
                    Directory.GetFiles(store, "*.db"), file => File.WriteAllText(file, new string('x', 9000)));
                break;
            case "a directory in the way":
                File.Delete(Path.Combine(store, "tail.db"));
                Directory.CreateDirectory(Path.Combine(store, "tail.db"));
                break;
            default:
                directory = "/proc/hostscope";
                break;
        }

        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync(directory);
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        Assert.True(clock.Elapsed < Soon, $"It took {clock.Elapsed}.");
        var isHopeless = state is "a directory in the way" or "no directory to be had";
        var recorder = await StateAsync(server, isHopeless ? "paused" : "recording");
        Assert.Equal(isHopeless, recorder.GetProperty("reason").ValueKind == JsonValueKind.String);
        if (state == "garbage")
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var events = await http.GetStringAsync("/api/v1/hosts/local/events", Ct);
            Assert.Contains("A damaged file was set aside as tail.db.1.bad", events, StringComparison.Ordinal);
        }

        await server.EndWellAsync();
        if (state == "foreign files")
        {
            Assert.Equal("not ours either", File.ReadAllText(Path.Combine(store, "s1-yesterday.db")));
        }

        if (state == "garbage")
        {
            Assert.NotEmpty(Directory.GetFiles(store, "*.bad")); // Set aside, not deleted.
        }
    }

    [Fact]
    public async Task P_07_files_that_are_cut_under_us_are_no_crash_and_no_file_is_mapped_to_be_written()
    {
        using var scratch = new Scratch();
        var directory = await RecordAsync(scratch);
        await using var server = await StartAsync(directory);
        await StateAsync(server, "recording");
        using var http = new HttpClient { BaseAddress = server.Address };
        await http.GetAsync("/api/v1/hosts/local/overview", Ct);
        var maps = await File.ReadAllLinesAsync($"/proc/{server.Id}/maps", Ct);
        Assert.DoesNotContain(maps, line =>
            line.Contains(directory, StringComparison.Ordinal)
            && line.Split(' ')[1].Contains('w', StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(Path.Combine(directory, "rec"), "*.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.SetLength(0);
        }

        foreach (var question in new[] { "moment?at=now", "moment?at=-1h", "overview", "events", "processes?text=a" })
        {
            using var answer = await http.GetAsync($"/api/v1/hosts/local/{question}", Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        await viewer.FirstAsync("frame");
        await server.EndWellAsync();
    }

    [Fact]
    public async Task A_mark_from_the_command_line_is_an_event()
    {
        using var scratch = new Scratch();
        await using var server = await StartAsync(scratch.File("data"));
        await StateAsync(server, "recording");
        var listen = server.Address.GetLeftPart(UriPartial.Authority);
        await using var mark = await Server.RunAsync([], "mark", "deploy \"42\" \u00fc", "--listen", listen);
        Assert.Equal(["Marked: deploy \"42\" \u00fc"], mark.Output.Lines);
        Assert.Equal(0, await mark.EndAsync());
        using var http = new HttpClient { BaseAddress = server.Address };
        var told = "";
        var deadline = Stopwatch.StartNew();
        while (!told.Contains("deploy", StringComparison.Ordinal))
        {
            Assert.True(deadline.Elapsed < Server.Deadline, "The mark does not become an event.");
            told = await http.GetStringAsync("/api/v1/hosts/local/events?kind=mark&from=-1h", Ct);
        }

        Assert.Equal(
            "deploy \"42\" \u00fc",
            JsonDocument.Parse(told).RootElement.GetProperty("events")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_mark_that_is_not_taken_says_why()
    {
        await using var nobody = await Server.RunAsync([], "mark", "x", "--listen", "http://127.0.0.1:1");
        Assert.Equal(
            [
                "hostscope: no Hostscope answers at http://127.0.0.1:1; start it, or say with --listen where it serves",
            ],
            nobody.Error.Lines);
        Assert.Equal(Unavailable, await nobody.EndAsync());
        using var scratch = new Scratch();
        await using var server = await StartAsync(scratch.File("data"));
        await StateAsync(server, "recording");
        var listen = server.Address.GetLeftPart(UriPartial.Authority);
        await using var empty = await Server.RunAsync([], "mark", " ", "--listen", listen);
        Assert.Equal(
            [$"hostscope: {listen} did not take the mark: Give 1 to 200 characters on one line"], empty.Error.Lines);
        Assert.Equal(Usage, await empty.EndAsync());
    }

    [Fact]
    public async Task An_exported_file_opens_like_the_host_it_came_from()
    {
        using var scratch = new Scratch();
        await using var server = await StartAsync(scratch.File("data"));
        await StateAsync(server, "recording");
        await using var viewer = await server.ViewAsync();
        for (var frames = 0; frames < 5; frames++)
        {
            await viewer.FirstAsync("frame");
        }

        using var http = new HttpClient { BaseAddress = server.Address };
        var moment = await http.GetStringAsync("/api/v1/hosts/local/moment?at=-400ms", Ct);
        var at = JsonDocument.Parse(moment).RootElement.GetProperty("t").GetInt64();
        moment = await http.GetStringAsync($"/api/v1/hosts/local/moment?at={at}", Ct);
        var file = scratch.File("a.hscope");
        await File.WriteAllBytesAsync(
            file, await http.GetByteArrayAsync("/api/v1/hosts/local/export?format=hscope&from=-1h", Ct), Ct);
        await server.EndWellAsync();
        await using var opened = await Server.StartAsync("open", file);
        using var past = new HttpClient { BaseAddress = opened.Address };
        var again = await past.GetStringAsync($"/api/v1/hosts/local/moment?at={at}", Ct);
        Assert.Equal(Messages(moment), Messages(again));
        Assert.Equal("ended", (await RecorderAsync(past)).GetProperty("state").GetString());
        using var health = await past.GetAsync("/healthz", Ct);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using var mark = await past.PostAsync(
            "/api/v1/hosts/local/marks", new StringContent("{\"text\":\"x\"}", Encoding.UTF8, "application/json"), Ct);
        Assert.Equal(HttpStatusCode.Conflict, mark.StatusCode);
        Assert.Equal([file], Directory.GetFiles(scratch.Path)); // Nothing is made beside it.
        var taken = opened.Address.GetLeftPart(UriPartial.Authority);
        await using var second = await Server.RunAsync([], "open", file, "--listen", taken);
        Assert.StartsWith(
            $"hostscope: cannot listen on {taken}: another program listens there; ",
            Assert.Single(second.Error.Lines), StringComparison.Ordinal);
        await using var refused = await Server.RunAsync([], "open", file, "--allowed-hosts", "http://x");
        Assert.StartsWith(
            "hostscope: allowedHosts: 'http://x' is not a host name", Assert.Single(refused.Error.Lines),
            StringComparison.Ordinal);
        Assert.Equal(Configuration, await refused.EndAsync());
        await opened.EndWellAsync();
        Assert.Contains(opened.Error.Lines, line => line.Contains("Asked to end", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no file")]
    [InlineData("no export")]
    public async Task A_file_that_is_no_export_is_one_line(string kind)
    {
        using var scratch = new Scratch();
        var file = kind == "no file" ? scratch.File("none") : scratch.Write("a.hscope", "hello");
        await using var refused = await Server.RunAsync([], "open", file);
        Assert.Equal(Usage, await refused.EndAsync());
        Assert.StartsWith($"hostscope: {file} ", Assert.Single(refused.Error.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_has_no_hole_but_the_downtime()
    {
        using var scratch = new Scratch();
        var seen = new List<long>();
        for (var run = 0; run < 2; run++)
        {
            await using var server = await StartAsync(scratch.File("data"));
            await StateAsync(server, "recording");
            await using var viewer = await server.ViewAsync();
            while (seen.Count < (run + 1) * 5)
            {
                seen.Add((await viewer.FirstAsync("frame")).GetProperty("t").GetInt64());
            }

            await server.EndWellAsync();
        }

        await using var last = await StartAsync(scratch.File("data"));
        await StateAsync(last, "recording");
        var deadline = Stopwatch.StartNew();
        JsonElement hello, backlog;
        List<long> times;
        do
        {
            // It is read while the first ticks go by.
            Assert.True(deadline.Elapsed < Server.Deadline, "What was seen before the restart is not in the backlog.");
            hello = await last.HelloAsync();
            backlog = hello.GetProperty("backlog");
            times = [.. backlog.GetProperty("t").EnumerateArray().Select(t => t.GetInt64())];
        }
        while (!times.ToHashSet().IsSupersetOf(seen));
        Assert.Equal(times.Order(), times);
        Assert.All(
            backlog.GetProperty("columns").EnumerateArray().Where(column => column.ValueKind == JsonValueKind.Array),
            column => Assert.Equal(times.Count, column.GetArrayLength()));
        Assert.Equal("recording", hello.GetProperty("recorder").GetProperty("state").GetString());
    }

    private static Task<Server> StartAsync(string directory) => Server.StartAsync("--data-dir", directory);

    /// <summary>A directory with some seconds of history, folded.</summary>
    private static async Task<string> RecordAsync(Scratch scratch)
    {
        var directory = scratch.File("data");
        await using var server = await StartAsync(directory);
        await StateAsync(server, "recording");
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("frame");
        await viewer.FirstAsync("frame");
        await server.EndWellAsync();
        return directory;
    }

    /// <summary>Waits until the recorder is in a state.</summary>
    private static async Task<JsonElement> StateAsync(Server server, string state)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            var recorder = await RecorderAsync(http);
            if (recorder.ValueKind == JsonValueKind.Object && recorder.GetProperty("state").GetString() == state)
            {
                return recorder;
            }

            Assert.True(deadline.Elapsed < Server.Deadline, $"Not {state}, but {recorder}.");
        }
    }

    private static async Task<JsonElement> RecorderAsync(HttpClient http) =>
        JsonDocument.Parse(await http.GetStringAsync("/api/v1/status", Ct)).RootElement.GetProperty("recorder");

    private static string Messages(string moment)
    {
        var root = JsonDocument.Parse(moment).RootElement;
        return string.Join('\n', new[] { "t", "schema", "frame", "processes", "cgroups" }
            .Select(name => root.GetProperty(name).GetRawText()));
    }

    /// <summary>Names and content of the files, but for the lock, which says who looked.</summary>
    private static List<string> Files(string directory) =>
        [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock").Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")];
}
