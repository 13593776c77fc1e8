using System.Net;
using System.Net.Sockets;

namespace Hostscope.Program.Tests;

/// <summary>
/// Goal: what is wrong is said in one line that names the thing, its value and what is allowed, with an exit code that
/// a script can tell apart. Method: the published binary with every kind of bad input; the line is compared to the
/// letter.
/// </summary>
public sealed class BadInputTests
{
    private const int Usage = 2;
    private const int Unavailable = 69;
    private const int Configuration = 78;

    private const string Interval = "give 0.1 to 60 seconds in whole milliseconds, such as 0.5, 1s or 500ms";
    private const string Address =
        "give http://ADDRESS:PORT with an IP address or localhost, such as http://127.0.0.1:4678 or http://[::1]:4678";
    private const string HostId =
        "give 1 to 63 of a-z, 0-9, '.', '-' and '_', beginning with a letter or digit; " +
        "'local' always means the machine that answers";
    private const string OpenToAll =
        "can be reached from the network, and nobody would have to log in; make a user with 'hostscope user add " +
        "NAME'; or listen on http://127.0.0.1:4678 and reach it through an SSH tunnel or a proxy with a login; or " +
        "say --no-auth if everybody who reaches this address may see this machine";
    private const string StoreMax = "give 64MiB or more, such as 500MiB or 2GiB";
    private const string StoreFloor = "give a number of bytes, such as 0, 256MiB or 1GiB";
    private const string Socket =
        "is not allowed; give the absolute path of a socket, such as /run/docker.sock or /run/podman/podman.sock; " +
        "the system allows 107 bytes";
    private const string Keys =
        "Allowed: listen, noAuth, users, allowedHosts, publicUrl, tlsCert, tlsKey, trustedProxies, proxySecretFile, " +
        "proxyRole, maxViewers, metricsTopN, interval, hostId, dataDir, noRecord, storeMax, storeFloor, " +
        "storeSync, root, procRoot, sysRoot, containerEngine, logConfig, and the limits of docs/LIMITS.md";

    public static TheoryData<string, int, string> CommandLines => new()
    {
        { "--intervall 2", Usage, "unknown option '--intervall'; did you mean --interval?" },
        { "--color", Usage, "unknown option '--color'; see 'hostscope --help'" },
        { "show", Usage, "unknown command or argument 'show'; see 'hostscope --help'" },
        { "--interval", Usage, "Required argument missing for option: '--interval'; see 'hostscope --help'" },
        { "--interval 0", Usage, $"--interval: '0' is not allowed; {Interval}" },
        { "--interval 0.0999", Usage, $"--interval: '0.0999' is not allowed; {Interval}" },
        { "--interval 60.001", Usage, $"--interval: '60.001' is not allowed; {Interval}" },
        { "--interval 0.1001", Usage, $"--interval: '0.1001' is not allowed; {Interval}" },
        { "--interval 1e1", Usage, $"--interval: '1e1' is not allowed; {Interval}" },
        { "--interval -1", Usage, $"--interval: '-1' is not allowed; {Interval}" },
        { "--interval NaN", Usage, $"--interval: 'NaN' is not allowed; {Interval}" },
        { "--interval 1m", Usage, $"--interval: '1m' is not allowed; {Interval}" },
        { "--metrics-top-n 0", Usage, "--metrics-top-n: '0' is not allowed; give a whole number, 1 to 1000" },
        { "--metrics-top-n 1001", Usage, "--metrics-top-n: '1001' is not allowed; give a whole number, 1 to 1000" },
        { "--store-max 63MiB", Usage, $"--store-max: '63MiB' is not allowed; {StoreMax}" },
        { "--store-max 2GX", Usage, $"--store-max: '2GX' is not allowed; {StoreMax}" },
        { "--store-max -1", Usage, $"--store-max: '-1' is not allowed; {StoreMax}" },
        { "--store-floor much", Usage, $"--store-floor: 'much' is not allowed; {StoreFloor}" },
        { "--store-sync 0", Usage, "--store-sync: '0' is not allowed; give 1 to 60 seconds, such as 1s or 10s" },
        { "--store-sync 61s", Usage, "--store-sync: '61s' is not allowed; give 1 to 60 seconds, such as 1s or 10s" },
        { "--listen 4678", Usage, $"--listen: '4678' is not allowed; {Address}" },
        { "--listen http://127.0.0.1", Usage, $"--listen: 'http://127.0.0.1' is not allowed; {Address}" },
        { "--listen http://127.0.0.1:65536", Usage, $"--listen: 'http://127.0.0.1:65536' is not allowed; {Address}" },
        { "--listen http://127.1:80", Usage, $"--listen: 'http://127.1:80' is not allowed; {Address}" },
        { "--listen http://::1:80", Usage, $"--listen: 'http://::1:80' is not allowed; {Address}" },
        { "--listen http://example.org:80", Usage, $"--listen: 'http://example.org:80' is not allowed; {Address}" },
        { "--listen http://127.0.0.1:80/x", Usage, $"--listen: 'http://127.0.0.1:80/x' is not allowed; {Address}" },
        {
            "--listen https://127.0.0.1:4678", Configuration,
            "--listen: 'https://127.0.0.1:4678' needs a certificate; give --tls-cert and --tls-key, or serve http:// " +
            "and put a proxy with the certificate before it"
        },
        { "--tls-cert /x.pem", Configuration, "--tls-cert: needs --tls-key, too" },
        {
            "--tls-cert /nowhere.pem --tls-key /nowhere.key --listen http://127.0.0.1:0", Configuration,
            "/nowhere.pem: cannot be read: Could not find file '/nowhere.pem'."
        },
        {
            "--public-url https://metrics.example.org/x", Usage,
            "--public-url: 'https://metrics.example.org/x' is not allowed; give scheme, name and, if it is not the " +
            "usual one, port, such as https://metrics.example.org; a path before Hostscope's own is the proxy's matter"
        },
        { "--trusted-proxies 127.0.0.1", Configuration, "--trusted-proxies: needs --proxy-secret-file, too" },
        {
            "--trusted-proxies 10.0.0.0/8", Usage,
            "--trusted-proxies: '10.0.0.0/8' is not allowed; give the IP address of a proxy, such as 127.0.0.1 or ::1"
        },
        {
            "--proxy-secret-file /nowhere", Configuration,
            "--proxy-secret-file: '/nowhere' cannot be read: Could not find file '/nowhere'."
        },
        {
            "--proxy-role root", Usage,
            "--proxy-role: 'root' is not allowed; give one of viewer, operator, admin"
        },
        { "--session-days 0", Usage, "--session-days: '0' is not allowed; give a whole number, 1 to 90" },
        { "--password-queue -1", Usage, "--password-queue: '-1' is not allowed; give a whole number, 0 to 1000" },
        {
            "user add a/b", Usage,
            "the name 'a/b' is not allowed; give 1 to 64 of letters, digits, '.', '-', '_' and '@'"
        },
        {
            "user add a --role root", Usage, "--role: 'root' is not allowed; give one of viewer, operator, admin"
        },
        {
            "token add a --scope all", Usage,
            "--scope: 'all' is not allowed; give some of read:live, read:history, read:procs, metrics, write:marks"
        },
        { "--listen http://0.0.0.0:4678", Configuration, $"--listen: 'http://0.0.0.0:4678' {OpenToAll}" },
        { "--listen http://[::]:4678", Configuration, $"--listen: 'http://[::]:4678' {OpenToAll}" },
        { "--listen http://192.0.2.7:4678", Configuration, $"--listen: 'http://192.0.2.7:4678' {OpenToAll}" },
        {
            "--listen http://192.0.2.77:4678 --no-auth", Unavailable,
            "cannot listen on http://192.0.2.77:4678: this machine does not have the address"
        },
        { "--host-id local", Usage, $"--host-id: 'local' is not allowed; {HostId}" },
        { "--host-id Web", Usage, $"--host-id: 'Web' is not allowed; {HostId}" },
        { "--host-id -a", Usage, $"--host-id: '-a' is not allowed; {HostId}" },
        { "--host-id a/b", Usage, $"--host-id: 'a/b' is not allowed; {HostId}" },
        { "--max-viewers 0", Usage, "--max-viewers: '0' is not allowed; give a whole number, 1 to 100000" },
        { "--root /nowhere", Usage, "--root: '/nowhere' is not allowed; give an existing directory" },
        { "--proc-root /nowhere", Usage, "--proc-root: '/nowhere' is not allowed; give an existing directory" },
        { "--sys-root /dev/null", Usage, "--sys-root: '/dev/null' is not allowed; give an existing directory" },
        {
            "--root /dev", Configuration,
            "/dev/proc: no such directory; say with --proc-root where the host's /proc is"
        },
        { "--container-engine run/docker.sock", Usage, $"--container-engine: 'run/docker.sock' {Socket}" },
        { "--container-engine /run", Usage, $"--container-engine: '/run' {Socket}" },
        { $"--container-engine /{new string('x', 107)}", Usage,
            $"--container-engine: '/{new string('x', 107)}' {Socket}" },
        { "--config /nowhere.json", Usage, "--config: '/nowhere.json' is not allowed; there is no such file" },
        { "--log-config /nowhere", Usage, "--log-config: '/nowhere' is not allowed; there is no such file" },
        {
            "--allowed-hosts http://x --listen http://127.0.0.1:0", Configuration,
            "allowedHosts: 'http://x' is not a host name or address, alone or with a port, " +
            "such as metrics.example.org or localhost:9000."
        },
    };

    public static TheoryData<string, string> Files => new()
    {
        { """{ "intervall": 1 }""", "line 1: 'intervall' is not a setting; did you mean interval? " + Keys },
        { "{\n\n \"colour\": 1 }", "line 3: 'colour' is not a setting. " + Keys },
        { """{ "config": "x" }""", "line 1: 'config' is not a setting. " + Keys },
        { """{ "interval": 61 }""", $"line 1: interval: '61' is not allowed; {Interval}" },
        { "{\n\"interval\": \"fast\" }", $"line 2: interval: 'fast' is not allowed; {Interval}" },
        { """{ "interval": null }""", "line 1: interval: a string or a number is expected" },
        { """{ "interval": [1] }""", "line 1: interval: a string or a number is expected" },
        { """{ "interval": 1, "interval": 2 }""", "line 1: interval: given twice in the file" },
        { """{ "noAuth": "perhaps" }""", "line 1: noAuth: 'perhaps' is not allowed; give true or false" },
        { """{ "listen": [] }""", "line 1: listen: the list is empty; give one value at least" },
        { """{ "listen": [1, {}] }""", "line 1: listen: a string, or a list of strings, is expected" },
        {
            """{ "users": "/x\u0000y" }""",
            "line 1: users: '/x?y' is not allowed; give the path of a file; it need not exist"
        },
        {
            """{ "dataDir": "/x\u0000y" }""",
            "line 1: dataDir: '/x?y' is not allowed; give a directory; it is made when it does not exist"
        },
        {
            """{ "proxySecretFile": "\u0000" }""",
            "line 1: proxySecretFile: '?' is not allowed; give the path of a file"
        },
        {
            """{ "tlsCert": "/x\u0000y", "tlsKey": "/x" }""",
            "line 1: tlsCert: '/x?y' is not allowed; give the path of a PEM file"
        },
        { """{ "logConfig": "/x\u0000y" }""", "line 1: logConfig: '/x?y' is not allowed; there is no such file" },
        { """{ "root": "/x\u0000y" }""", "line 1: root: '/x?y' is not allowed; give an existing directory" },
        { """{ "containerEngine": "/x\u0000y" }""", $"line 1: containerEngine: '/x?y' {Socket}" },
        { """{ "listen": "http://0.0.0.0:80" }""", $"line 1: listen: 'http://0.0.0.0:80' {OpenToAll}" },
        { "[]", """line 1: one object with settings is expected, such as { "interval": "1s" }""" },
        {
            "{\n  \"interval\" 1\n}",
            "line 2, column 14: not JSON: '1' is invalid after a property name. Expected a ':'"
        },
        {
            """{ "interval": 1 } x""",
            "line 1, column 19: not JSON: 'x' is invalid after a single JSON value. Expected end of data"
        },
    };

    [Theory]
    [MemberData(nameof(CommandLines))]
    public async Task A_bad_command_line_is_one_line(string arguments, int exitCode, string line)
    {
        await using var refused = await Server.RunAsync([], arguments.Split(' '));
        Assert.Equal([$"hostscope: {line}"], refused.Error.Lines);
        Assert.Empty(refused.Output.Lines);
        Assert.Equal(exitCode, await refused.EndAsync());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_bad_file_is_one_line_with_its_place(string content, string line)
    {
        using var scratch = new Scratch();
        var file = scratch.Write("hostscope.json", content);
        await using var refused = await Server.RunAsync([], "--config", file);
        Assert.Equal([$"hostscope: {file}: {line}"], refused.Error.Lines);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Fact]
    public async Task A_file_that_is_no_file_of_settings_is_refused()
    {
        using var scratch = new Scratch();
        var large = scratch.Write("large.json", new string(' ', 70_000));
        await using var refused = await Server.RunAsync([], "--config", large);
        Assert.Equal(
            [$"hostscope: {large}: is longer than 65536 bytes; that is not a file of settings"], refused.Error.Lines);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Theory]
    [InlineData("HOSTSCOPE_INTERVAL", "0", $"'0' is not allowed; {Interval}")]
    [InlineData("HOSTSCOPE_NO_AUTH", "yes", "'yes' is not allowed; give true or false")]
    [InlineData("HOSTSCOPE_LISTEN", "", $"'' is not allowed; {Address}")]
    [InlineData("HOSTSCOPE_USERS", "", "'' is not allowed; give the path of a file; it need not exist")]
    [InlineData("HOSTSCOPE_DATA_DIR", "", "'' is not allowed; give a directory; it is made when it does not exist")]
    [InlineData("HOSTSCOPE_PROXY_SECRET_FILE", "", "'' is not allowed; give the path of a file")]
    [InlineData("HOSTSCOPE_CONFIG", "", "'' is not allowed; there is no such file")]
    [InlineData("HOSTSCOPE_LOG_CONFIG", "", "'' is not allowed; there is no such file")]
    [InlineData("HOSTSCOPE_ROOT", "", "'' is not allowed; give an existing directory")]
    [InlineData("HOSTSCOPE_CONTAINER_ENGINE", "", $"'' {Socket}")]
    [InlineData("HOSTSCOPE_MAX_VIEWERS", "-1", "'-1' is not allowed; give a whole number, 1 to 100000")]
    public async Task A_bad_variable_is_one_line_with_its_name(string name, string value, string line)
    {
        await using var refused = await Server.RunAsync(new() { [name] = value });
        Assert.Equal([$"hostscope: {name}: {line}"], refused.Error.Lines);
        Assert.Equal(Configuration, await refused.EndAsync());
    }

    [Fact]
    public async Task An_empty_path_of_an_export_is_one_line()
    {
        await using var refused = await Server.RunAsync([], "open", "");
        Assert.Equal(["hostscope: '' is not allowed; give the path of an export"], refused.Error.Lines);
        Assert.Equal(Usage, await refused.EndAsync());
    }

    [Fact]
    public async Task An_unknown_variable_is_a_warning_for_others_may_have_set_it()
    {
        await using var server = await Server.StartAsync(
            new Dictionary<string, string> { ["HOSTSCOPE_INTERVALL"] = "1" });
        await server.Error.FirstAsync(line => line.EndsWith(
            "WARN  Hostscope The environment variable HOSTSCOPE_INTERVALL is not a setting and has no effect; " +
            "did you mean HOSTSCOPE_INTERVAL?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        await using var refused = await Server.RunAsync([], "--listen", address);
        Assert.Equal(
            [
                $"hostscope: cannot listen on {address}: another program listens there; stop it, or choose another " +
                "address with --listen, such as http://127.0.0.1:0 for any free port",
            ],
            refused.Error.Lines);
        Assert.Equal(Unavailable, await refused.EndAsync());
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_one_line()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("a-file", "");
        await using var refused = await Server.RunAsync([], "--data-dir", file);
        Assert.Equal(
            [
                $"hostscope: --data-dir: '{file}' is not allowed; it is a file; give a directory; it is made when it "
                + "does not exist",
            ],
            refused.Error.Lines);
        Assert.Equal(Usage, await refused.EndAsync());
    }
}
