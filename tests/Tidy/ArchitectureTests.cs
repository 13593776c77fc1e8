using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Hostscope.Tidy.Tests;

/// <summary>
/// Goal: the rooms stay apart. Method: the project files against the one table of who may know whom
/// (docs/ARCHITECTURE.md shows the same table).
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Hostscope.Model"] = [],
        ["Hostscope.Collectors"] = ["Hostscope.Model"],
        ["Hostscope.Bus"] = ["Hostscope.Model"],
        ["Hostscope.Sampling"] = ["Hostscope.Model", "Hostscope.Collectors", "Hostscope.Bus"],
        ["Hostscope.Recorder"] = ["Hostscope.Model", "Hostscope.Bus"],
        ["Hostscope.Access"] = [],
        ["Hostscope.Gateway"] = ["Hostscope.Model", "Hostscope.Bus", "Hostscope.Access"],
        ["Hostscope.Bus.Nats"] = ["Hostscope.Model", "Hostscope.Bus"],
    };

    [Fact]
    public void Each_room_knows_only_the_rooms_of_the_table()
    {
        foreach (var project in Repository.Below(["src/"], ".csproj"))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            if (name == "Hostscope")
            {
                continue;
            }

            Assert.True(MayKnow.ContainsKey(name), $"{project} is not in the table of rooms.");
            Assert.All(References(project), reference =>
                Assert.True(MayKnow[name].Contains(reference), $"{name} must not know {reference}."));
        }
    }

    [Fact]
    public void Nothing_knows_the_program_but_its_tests()
    {
        foreach (var project in Repository.Below(["src/"], ".csproj"))
        {
            Assert.DoesNotContain("Hostscope", References(project));
        }
    }

    [Fact]
    public void There_is_no_room_for_leftovers()
    {
        Assert.All(Repository.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal)), file =>
            Assert.DoesNotMatch("(?i)/(common|shared|utils?|helpers?|misc)(/|\\.)", file));
    }

    [Fact]
    public void Every_log_message_has_an_id_of_its_own()
    {
        var ids = Repository.Below(["src/"], ".cs")
            .SelectMany(file => EventId().Matches(Repository.Text(file)).Select(match => match.Groups[1].Value))
            .ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Functions_of_the_system_come_from_its_c_library_and_from_nowhere_else()
    {
        var imports = Repository.Below(["src/"], ".cs")
            .SelectMany(file => Import().Matches(Repository.Text(file)).Select(match => match.Groups[1].Value))
            .ToList();
        Assert.NotEmpty(imports);
        Assert.All(imports, library => Assert.Equal("\"libc\"", library));
    }

    [Fact]
    public void No_source_file_names_what_starts_programs_or_loads_code()
    {
        // The compiler bans the types; this also finds what goes around it: a suppression, reflection, a system call.
        Assert.All(
            Repository.Below(["src/"], ".cs"), file => Assert.DoesNotMatch(Loader(), Repository.Text(file)));
    }

    [Fact]
    public void Every_package_has_a_line_with_its_reason()
    {
        var reasons = Repository.Text("docs/DEPENDENCIES.md");
        var packages = XDocument.Parse(Repository.Text("Directory.Packages.props")).Descendants()
            .Where(e => e.Name.LocalName is "PackageVersion" or "GlobalPackageReference")
            .Select(e => e.Attribute("Include")!.Value);
        Assert.All(packages, package => Assert.Contains(package, reasons, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_package_that_dev_installs_has_a_line_with_its_reason()
    {
        var installed = DebianPackage().Matches(Repository.Text("dev")).Select(match => match.Groups[1].Value);
        var reasons = Repository.Lines("docs/DEPENDENCIES.md")
            .Where(line => line.StartsWith("| Debian's ", StringComparison.Ordinal))
            .SelectMany(line => line.Split('|')[1].Replace(" Debian's ", "", StringComparison.Ordinal).Split(','))
            .Select(name => name.Trim());
        Assert.Equal(reasons.Order(StringComparer.Ordinal), installed.Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(string project) => XDocument.Parse(Repository.Text(project))
        .Descendants("ProjectReference")
        .Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/')));

    [GeneratedRegex(@"\[(?:LibraryImport|DllImport)\(\s*([^,)]+)")]
    private static partial Regex Import();

    [GeneratedRegex(@"\b(?:Process\.Start|ProcessStartInfo|NativeLibrary|dlopen|execve|posix_spawn|popen)\b")]
    private static partial Regex Loader();

    [GeneratedRegex(@"missing\+=\(([a-z0-9-]+)\)")]
    private static partial Regex DebianPackage();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();
}
