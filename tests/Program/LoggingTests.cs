using System.Text;
using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: operators decide what is logged and where to, while it runs, and cannot break it. Method: the published binary
/// with NLog.config files that change under it; levels are seen by the lines they let through.
/// </summary>
public sealed class LoggingTests : IDisposable
{
    /// <summary>The longest line that is allowed, bytes.</summary>
    private const int MaxLine = 2048;

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_level_changes_without_a_restart()
    {
        var config = _scratch.Write("NLog.config", Console("Info"));
        await using var server = await Server.StartAsync("--log-config", config);
        await ComeAndGoAsync(server);

        _scratch.Write("NLog.config", Console("Debug"));
        await server.Error.FirstAsync(line => line.EndsWith(
            $"The log configuration {config} has changed and is in force.", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Error.Lines, line => line.Contains(" Viewer ", StringComparison.Ordinal));
        await ComeAndGoAsync(server);
        await server.Error.FirstAsync(line => line.Contains(" Viewer ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_replaced_by_another_is_taken_up_as_well()
    {
        _scratch.Write("first.config", Console("Warn"));
        _scratch.Write("second.config", Console("Info"));
        var link = _scratch.File("NLog.config");
        File.CreateSymbolicLink(link, _scratch.File("first.config"));
        await using var server = await Server.StartAsync("--log-config", link, "--no-auth"); // Else root is warned.
        Assert.Empty(server.Error.Lines);
        File.CreateSymbolicLink(link + ".new", _scratch.File("second.config"));
        File.Move(link + ".new", link, overwrite: true);
        await server.Error.FirstAsync(line => line.Contains("is in force", StringComparison.Ordinal));
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        { "</rules>", "", "Line:" },
        { "type=\"Console\"", "type=\"Konsole\"", "unknown type-alias: 'Konsole'" },
        { "minlevel=\"Info\"", "minlevel=\"Noise\"", "Unknown log level: Noise; allowed: Trace, Debug, Info" },
        { "writeTo=\"console\"", "writeTo=\"screen\"", "Target 'screen' not found" },
        { "stdErr=\"true\"", "stdErr=\"maybe\"", "'StdErr'='maybe'" },
        { "stdErr=", "standardError=", "unknown property 'standardError'" },
        { "${message}", "${massage}", "massage" },
        { "<rules>", "<ruels>", "ruels" },
        { "<nlog ", "<nlog throwConfigExceptions=\"false\" ", "throwConfigExceptions cannot be turned off" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_broken_file_is_one_line_and_the_last_good_configuration_stays(
        string good, string broken, string reason)
    {
        var config = _scratch.Write("NLog.config", Console("Info"));
        await using var server = await Server.StartAsync("--log-config", config);
        _scratch.Write("NLog.config", Console("Info").Replace(good, broken, StringComparison.Ordinal));
        var line = await server.Error.FirstAsync(line => line.Contains("ERROR", StringComparison.Ordinal));
        Assert.Contains($"The log configuration {config} is not used: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.EndsWith("The last good configuration stays in force.", line, StringComparison.Ordinal);

        var before = server.Error.Lines.Count;
        _scratch.Write("NLog.config", Console("Debug"));
        await server.Error.FirstAsync(line => line.Contains("is in force.", StringComparison.Ordinal), before);
        Assert.Single(server.Error.Lines, line => line.Contains("ERROR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_broken_at_the_start_leaves_the_built_in_configuration()
    {
        var config = _scratch.Write("NLog.config", "not XML");
        await using var server = await Server.StartAsync("--log-config", config);
        var line = await server.Error.FirstAsync(line => line.Contains("ERROR", StringComparison.Ordinal));
        Assert.EndsWith("The built-in configuration stays in force.", line, StringComparison.Ordinal);
        await server.Error.FirstAsync(line => line.Contains("Version 0.1.0 shows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_removed_leaves_the_last_good_configuration()
    {
        var config = _scratch.Write("NLog.config", Console("Info"));
        await using var server = await Server.StartAsync("--log-config", config);
        File.Delete(config);
        var line = await server.Error.FirstAsync(line => line.Contains("ERROR", StringComparison.Ordinal));
        Assert.EndsWith(
            "is not used: the file cannot be read. The last good configuration stays in force.", line,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_roll_at_their_size_and_are_as_many_as_asked()
    {
        const int MaxBytes = 2_000;
        const int Kept = 3;
        var target = $$"""
            <target name="file" type="File" fileName="{{_scratch.Path}}/log/hostscope.log" layout="${message}"
                    archiveFileName="{{_scratch.Path}}/log/hostscope.log" archiveSuffixFormat=".{0}"
                    archiveAboveSize="{{MaxBytes}}" maxArchiveFiles="{{Kept}}" />
            """;
        var config = _scratch.Write("NLog.config", Config(target, "Debug", "file"));
        await using (var server = await Server.StartAsync("--log-config", config))
        {
            for (var i = 0; i < 150; i++)
            {
                await ComeAndGoAsync(server);
            }

            await server.EndWellAsync();
        }

        var files = new DirectoryInfo(_scratch.File("log")).GetFiles();
        Assert.Equal(Kept + 1, files.Length);
        Assert.All(files, file => Assert.InRange(file.Length, 1, MaxBytes + MaxLine));
        Assert.All(
            files.Where(file => file.Name != "hostscope.log"), file => Assert.InRange(file.Length, 1_000, 3_000));
        Assert.Contains("Ended after", await File.ReadAllTextAsync(
            _scratch.File("log/hostscope.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_writes_lines_and_json_when_its_rules_are_taken_out_of_their_comment()
    {
        var sample = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Server.Binary)!, "NLog.config"));
        var changed = sample
            .Replace("/var/log/hostscope", _scratch.File("log"), StringComparison.Ordinal)
            .Replace(
                "<logger name=\"*\" minlevel=\"Info\" writeTo=\"console\" />",
                "<logger name=\"*\" minlevel=\"Info\" writeTo=\"console,file,json\" />", StringComparison.Ordinal);
        Assert.NotEqual(sample, changed);
        var config = _scratch.Write("NLog.config", changed);
        await using (var server = await Server.StartAsync("--log-config", config))
        {
            await server.EndWellAsync();
            var lines = await File.ReadAllLinesAsync(
                _scratch.File("log/hostscope.log"), TestContext.Current.CancellationToken);
            Assert.Equal(server.Error.Lines, lines);
            Assert.All(lines, line => Assert.Matches(
                @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO |WARN |ERROR) Hostscope\S* \S", line));
        }

        var objects = File.ReadLines(_scratch.File("log/hostscope.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var serving = Assert.Single(objects, o => o.GetProperty("event").GetInt32() == 1);
        Assert.Equal("info", serving.GetProperty("level").GetString());
        Assert.Equal("Hostscope", serving.GetProperty("logger").GetString());
        Assert.StartsWith("Version 0.1.0 shows ", serving.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, serving.GetProperty("time").GetDateTimeOffset().Offset);
    }

    [Theory]
    [InlineData("console")]
    [InlineData("json")]
    public async Task No_text_from_outside_makes_a_line_of_its_own_or_a_long_one(string target)
    {
        var json = """
            <target name="json" type="Console" stdErr="true"><layout type="JsonLayout">
              <attribute name="message" layout="${message}" /></layout></target>
            """;
        var config = _scratch.Write("NLog.config", target == "json" ? Config(json, "Info", "json") : Console("Info"));
        var hostile = "\e[31m\r\n2026-01-01T00:00:00.000Z INFO  forged\u2028\u202e\u0085\"\\";
        await using var server = await Server.StartAsync(
            new Dictionary<string, string>
            {
                ["HOSTSCOPE_" + hostile] = "1",
                ["HOSTSCOPE_LONG_" + new string('\u00e4', 5_000)] = "1",
                ["HOSTSCOPE_QUOTES_" + new string('"', 5_000)] = "1",
            },
            "--log-config", config);
        await server.EndWellAsync();

        var lines = server.Error.Lines;
        Assert.Equal(3, lines.Count(line => line.Contains("is not a setting", StringComparison.Ordinal)
            || line.Contains("[...]", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.StartsWith("2026-01-01", StringComparison.Ordinal));
        Assert.All(lines, line =>
        {
            Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, MaxLine);
            Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u202e');
        });
        Assert.Contains(lines, line => line.Contains("x1B[31m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_file_that_cannot_be_written_is_told_of_and_the_program_goes_on()
    {
        var file = _scratch.Write("a-file", "");
        var target = $"""<target name="file" type="File" fileName="{file}/hostscope.log" />""";
        var config = _scratch.Write("NLog.config", Config(target, "Info", "file"));
        await using var server = await Server.StartAsync("--log-config", config);
        await server.Error.FirstAsync(line => line.StartsWith("hostscope: the log target ", StringComparison.Ordinal));
        await server.HelloAsync();
        Assert.Single(server.Error.Lines);
    }

    private static async Task ComeAndGoAsync(Server server)
    {
        await using var viewer = await server.ViewAsync();
        await viewer.FirstAsync("hello");
    }

    private static string Console(string level) => Config(
        """<target name="console" type="Console" stdErr="true" layout="${level:uppercase=true} ${message}" />""",
        level, "console");

    private static string Config(string target, string level, string name) => $"""
        <nlog xmlns="http://www.nlog-project.org/schemas/NLog.xsd">
          <targets>{target}</targets>
          <rules>
            <logger name="Hostscope*" minlevel="{level}" writeTo="{name}" />
          </rules>
        </nlog>
        """;
}
