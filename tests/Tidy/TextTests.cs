using System.Text.RegularExpressions;

namespace Hostscope.Tidy.Tests;

/// <summary>Goal: what is written stays readable and finished. Method: rules over the text of every file.</summary>
public sealed partial class TextTests
{
    private const int LongestFile = 500;
    private const int LongestLine = 120;
    private const long LargestFileBytes = 512 * 1024;

    private static readonly string[] Code = ["src/", "tests/", "tools/", "bench/", "web/src/", "web/test/", "web/e2e/",
        "deploy/"];

    private static IEnumerable<string> CodeFiles => Repository.Below(Code, ".cs", ".ts", ".tsx", ".mjs", ".c", ".css")
        .Where(file => !file.StartsWith("tests/fixtures/", StringComparison.Ordinal));

    [Fact]
    public void No_code_file_is_longer_than_a_reader_can_hold() =>
        Assert.All(CodeFiles, file =>
            Assert.True(Repository.Lines(file).Length <= LongestFile, $"{file} is longer than {LongestFile} lines."));

    [Fact]
    public void No_line_of_code_is_longer_than_a_screen() =>
        Assert.All(CodeFiles, file => Assert.All(Repository.Lines(file), (line, index) =>
            Assert.True(line.Length <= LongestLine, $"{file}:{index + 1} is {line.Length} characters long.")));

    /// <summary>The login page comes from the server, which does not read the page's files.</summary>
    [Fact]
    public void Every_colour_of_the_login_page_is_one_of_the_page()
    {
        var login = Repository.Text("src/Hostscope.Gateway/Admission/login.css");
        var page = Repository.Lines("web/src/styles/tokens.css").Select(line => line.Trim()).ToHashSet();
        var definitions = Definition().Matches(login).Select(match => match.Value).ToList();
        Assert.All(definitions, definition => Assert.Contains(definition, page));
        Assert.All(Use().Matches(login).Select(match => match.Groups[1].Value), name => Assert.Contains(
            definitions, definition => definition.StartsWith(name + ":", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_left_for_later() =>
        Assert.All(CodeFiles.Where(file => !file.StartsWith("tests/Tidy/", StringComparison.Ordinal)), file =>
            Assert.DoesNotMatch(Unfinished(), Repository.Text(file)));

    [Fact]
    public void No_warning_is_switched_off_in_place()
    {
        var projects = Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)
            || f.EndsWith(".props", StringComparison.Ordinal));
        var files = CodeFiles.Where(f => !f.StartsWith("tests/Tidy/", StringComparison.Ordinal)).Concat(projects);
        Assert.All(files, file => Assert.DoesNotMatch(Suppression(), Repository.Text(file)));
    }

    [Fact]
    public void No_test_waits_by_the_clock() =>
        Assert.All(
            Repository.Below(["tests/", "web/test/", "web/e2e/"], ".cs", ".ts", ".mjs")
                .Where(file => !file.StartsWith("tests/Tidy/", StringComparison.Ordinal)),
            file => Assert.DoesNotMatch(Sleep(), Repository.Text(file)));

    [Fact]
    public void No_file_is_larger_than_a_review_can_carry() =>
        Assert.All(Repository.Files.Where(file => !file.StartsWith("docs/pictures/", StringComparison.Ordinal)), file =>
            Assert.True(
                new FileInfo(Path.Combine(Repository.Root, file)).Length <= LargestFileBytes,
                $"{file} is larger than {LargestFileBytes} bytes."));

    [Fact]
    public void Lock_files_name_no_registry()
    {
        var locks = Repository.Files.Where(file => file.EndsWith("package-lock.json", StringComparison.Ordinal));
        Assert.All(locks, file => Assert.DoesNotMatch("\"resolved\": *\"http", Repository.Text(file)));
    }

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"#pragma warning disable|SuppressMessage|<NoWarn>|@ts-ignore|@ts-expect-error|eslint-disable")]
    private static partial Regex Suppression();

    [GeneratedRegex(@"Task\.Delay\(|Thread\.Sleep\(|waitForTimeout\(|Skip\s*=\s*""|\.skip\(")]
    private static partial Regex Sleep();

    [GeneratedRegex("--[a-z0-9-]+:[^;]+;")]
    private static partial Regex Definition();

    [GeneratedRegex("var\\((--[a-z0-9-]+)")]
    private static partial Regex Use();
}
