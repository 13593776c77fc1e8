using System.Text.Json;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: the program starts as it says, serves what it says, and the same setting may be given in four places.
/// Method: the published binary; what counts is read from the wire.
/// </summary>
public sealed class StartTests
{
    [Fact]
    public async Task One_line_on_standard_output_says_where_the_page_is()
    {
        await using var server = await Server.StartAsync();
        var line = Assert.Single(server.Output.Lines);
        var name = (await server.HelloAsync()).GetProperty("host").GetProperty("name").GetString();
        Assert.Equal($"Hostscope 0.1.0 is showing {name} at {server.Address.ToString().TrimEnd('/')}", line);
        Assert.NotEqual(0, server.Address.Port);
    }

    [Fact]
    public async Task Serve_is_what_happens_without_a_command()
    {
        await using var server = await Server.StartAsync("serve", "--interval", "0.2");
        Assert.Equal(200, (await server.HelloAsync()).GetProperty("interval").GetInt32());
    }

    [Fact]
    public async Task Version_is_the_version_alone()
    {
        await using var done = await Server.RunAsync([], "--version");
        Assert.Equal(["0.1.0"], done.Output.Lines);
        Assert.Equal(0, await done.EndAsync());
    }

    [Fact]
    public async Task Help_names_every_option_and_ends_well()
    {
        await using var done = await Server.RunAsync([], "--help");
        var help = string.Join('\n', done.Output.Lines);
        Assert.All(
            [
                "--listen", "--interval", "--data-dir", "--proc-root", "--sys-root", "--root",
                "--config", "--log-config", "--no-record", "--store-max", "--store-floor", "--store-sync",
                "--host-id", "--no-auth", "--allowed-hosts", "--max-viewers", "--help", "--version", "serve",
            ],
            option => Assert.Contains(option, help, StringComparison.Ordinal));
        Assert.Equal(0, await done.EndAsync());
    }

    [Fact]
    public async Task The_command_line_goes_before_the_environment_before_the_file_before_the_default()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("hostscope.json", """
            {
              // Half a second; and a name that nothing else gives.
              "interval": 0.5,
              "hostId": "from-file",
            }
            """);
        var environment = new Dictionary<string, string> { ["HOSTSCOPE_INTERVAL"] = "600ms" };

        Assert.Equal(1000, await IntervalAsync([]));
        Assert.Equal(500, await IntervalAsync([], "--config", file));
        Assert.Equal(600, await IntervalAsync(environment, "--config", file));
        Assert.Equal(700, await IntervalAsync(environment, "--config", file, "--interval", "0.7s"));

        environment["HOSTSCOPE_CONFIG"] = file;
        await using var server = await Server.StartAsync(environment);
        var hello = await server.HelloAsync();
        Assert.Equal(600, hello.GetProperty("interval").GetInt32());
        Assert.Equal("from-file", hello.GetProperty("host").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Several_addresses_are_served_and_named()
    {
        await using var server = await Server.StartAsync(
            "--listen", "http://127.0.0.1:0", "--listen", "http://127.0.0.2:0");
        Assert.Matches("at http://127.0.0.1:[0-9]+ and http://127.0.0.2:[0-9]+$", server.Output.Lines[0]);
    }

    [Fact]
    public async Task An_address_of_the_network_needs_the_word_for_it()
    {
        await using var server = await Server.StartAsync("--listen", "http://0.0.0.0:0", "--no-auth");
        Assert.StartsWith("http://0.0.0.0:", server.Address.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_is_made_for_its_owner_alone()
    {
        using var scratch = new Scratch();
        var directory = scratch.File("data");
        await using var server = await Server.StartAsync("--data-dir", directory);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(directory));
        }
    }

    [Fact]
    public async Task Settings_of_other_programs_have_no_say()
    {
        using var scratch = new Scratch();
        scratch.Write(
            "appsettings.json", """{ "Kestrel": { "Endpoints": { "X": { "Url": "http://127.0.0.1:1" } } } }""");
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:1",
            ["ASPNETCORE_CONTENTROOT"] = scratch.Path,
            ["Kestrel__Endpoints__X__Url"] = "http://127.0.0.1:1",
        };
        await using var server = await Server.StartAsync(environment);
        Assert.NotEqual(1, server.Address.Port);
    }

    public static TheoryData<string> RecordedHosts => [.. Directory.GetDirectories(Repository.Hosts)
        .Where(host => File.Exists(Path.Combine(host, "t0", "proc", "loadavg")))
        .Select(host => Path.GetFileName(host))];

    [Theory]
    [MemberData(nameof(RecordedHosts))]
    public async Task A_recorded_host_is_served_as_if_it_were_this_machine(string host)
    {
        var root = Path.Combine(Repository.Hosts, host, "t0");
        await using var server = await Server.StartAsync("--root", root);
        await using var viewer = await server.ViewAsync();
        var hello = await viewer.FirstAsync("hello");
        var memory = File.ReadLines(Path.Combine(root, "proc", "meminfo"))
            .First(line => line.StartsWith("MemTotal:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.Equal(long.Parse(memory) * 1024, hello.GetProperty("host").GetProperty("memoryBytes").GetInt64());
        // /proc tells the name of the reader's own namespace, so that of another root is what its /etc says, if it
        // does.
        string[] names = [Path.Combine(root, "etc/hostname"), Path.Combine(root, "proc/sys/kernel/hostname")];
        Assert.Equal(
            File.ReadAllText(names.First(File.Exists)).Trim(),
            hello.GetProperty("host").GetProperty("name").GetString());

        var load = File.ReadAllText(Path.Combine(root, "proc", "loadavg")).Split(' ')[0];
        var said = hello.GetProperty("schema");
        if (said.GetProperty("series").GetArrayLength() == 0)
        {
            said = await viewer.FirstAsync("schema"); // We came before the first sample.
        }

        var schema = said.GetProperty("series").EnumerateArray().ToList();
        var slot = schema.FindIndex(series => series.GetProperty("name").GetString() == "system.cpu.load_average.1m");
        var frame = await viewer.FirstAsync("frame");
        Assert.Equal(double.Parse(load), frame.GetProperty("v")[slot].GetDouble());
    }

    [Fact]
    public async Task A_host_that_tells_nothing_is_served_with_nothing()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch.File("proc"));
        await using var server = await Server.StartAsync("--root", scratch.Path, "--interval", "0.1");
        await using var viewer = await server.ViewAsync();
        var hello = await viewer.FirstAsync("hello");
        Assert.Equal(JsonValueKind.Null, hello.GetProperty("host").GetProperty("memoryBytes").ValueKind);
        await viewer.FirstAsync("frame");
        Assert.Contains(hello.GetProperty("capabilities").EnumerateArray(), capability =>
            capability.GetProperty("name").GetString() == "cpu" && !capability.GetProperty("available").GetBoolean());
    }

    [Fact]
    public async Task No_debugger_or_profiler_can_attach()
    {
        await using var server = await Server.StartAsync();
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{server.Id}-*"));
    }

    private static async Task<int> IntervalAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        await using var server = await Server.StartAsync(environment, arguments);
        JsonElement hello = await server.HelloAsync();
        return hello.GetProperty("interval").GetInt32();
    }
}
