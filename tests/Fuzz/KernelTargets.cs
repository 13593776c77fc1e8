using System.Text;
using Hostscope.Collectors;
using Hostscope.Collectors.Processes;
using Hostscope.Collectors.Tests;
using Hostscope.Collectors.Tests.Cgroups;
using Hostscope.Collectors.Tests.Kernel;
using Hostscope.Collectors.Tests.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Fuzz.Tests;

/// <summary>A collector over the files of a machine, one of which is another in each run.</summary>
internal sealed class CollectorTarget : Target
{
    private readonly string _collector;
    private readonly List<byte[]> _seeds = [];

    public CollectorTarget(string collector)
        : base("collector-" + collector)
    {
        _collector = collector;
        foreach (var machine in Machines.Names)
        {
            var files = Machines.Open(machine);
            using (var fake = new FakeHost(files, collector))
            {
                fake.TickUntilSettled();
            }

            _seeds.AddRange(Machines.Read(machine, files)
                .Where(file => file.Content.Length <= MaxBytes)
                .Select(file => Input(file.Content, machine, file.Path)));
        }
    }

    /// <summary>The collectors of a tick that read files; one asks the kernel by a call.</summary>
    public static IEnumerable<string> Collectors
    {
        get
        {
            using var fake = new FakeHost(new FakeFiles());
            return [.. fake.Collectors.Select(one => one.Name).Where(one => new CollectorTarget(one).Seeds.Count > 0)];
        }
    }

    public override IReadOnlyList<byte[]> Seeds => _seeds;

    public override int HeadLength(byte[] input) => LengthOfLines(input, 2);

    public override void Run(byte[] input)
    {
        var content = Split(input, 2, out var head);
        var files = Machines.Open(head[0]);
        using var fake = new FakeHost(files, _collector);
        fake.TickUntilSettled();
        files.Contents[head[1]] = content;
        for (var i = 0; i < 2; i++)
        {
            fake.Time.Advance(TimeSpan.FromMinutes(1)); // Slow sources are asked again.
            fake.TickUntilSettled();
            Assert.DoesNotContain("BUG", fake.Results[_collector].Reason ?? "", StringComparison.Ordinal);
        }
    }
}

/// <summary>The recorded machines, and one that has everything.</summary>
internal static class Machines
{
    private const string Complete = "complete";

    public static IEnumerable<string> Names => Fixtures.Hosts.Append(Complete);

    /// <summary>The files of a machine.</summary>
    public static FakeFiles Open(string machine)
    {
        if (machine != Complete)
        {
            return new FakeFiles(Path.Combine(Fixtures.Folder, machine));
        }

        var files = new FakeFiles();
        foreach (var (_, path, content) in KernelSamples.Fast.Concat(KernelSamples.Slow))
        {
            files.Contents[path] = Encoding.UTF8.GetBytes(content);
        }

        return files;
    }

    /// <summary>The files that were opened, with what is in them.</summary>
    public static IEnumerable<(string Path, byte[] Content)> Read(string machine, FakeFiles files)
    {
        foreach (var path in files.Opens.Keys)
        {
            var onDisk = Path.Combine(Fixtures.Folder, machine, "t0", path["/host/".Length..]);
            if (files.Contents.TryGetValue(path, out var content))
            {
                yield return (path, content);
            }
            else if (File.Exists(onDisk))
            {
                yield return (path, File.ReadAllBytes(onDisk));
            }
        }
    }
}

/// <summary>The static facts of a host.</summary>
internal sealed class FactsTarget : Target
{
    private readonly List<byte[]> _seeds = [];

    public FactsTarget()
        : base("host-facts")
    {
        foreach (var host in Fixtures.Hosts)
        {
            var files = Machines.Open(host);
            HostFacts.Read(FakeFiles.Roots, files);
            _seeds.AddRange(Machines.Read(host, files)
                .Where(file => file.Content.Length <= MaxBytes)
                .Select(file => Input(file.Content, host, file.Path)));
        }
    }

    public override IReadOnlyList<byte[]> Seeds => _seeds;

    public override int HeadLength(byte[] input) => LengthOfLines(input, 2);

    public override void Run(byte[] input)
    {
        var content = Split(input, 2, out var head);
        var files = Machines.Open(head[0]);
        files.Contents[head[1]] = content;
        var info = HostFacts.Read(FakeFiles.Roots, files);
        Assert.Matches("^[a-z0-9._-]+$", info.Id);
        Assert.NotEmpty(info.Name);
        Assert.True(Printable.Is(info.Name), info.Name);
    }
}

/// <summary>The files of one process among others.</summary>
internal sealed class ProcessTarget() : Target("processes")
{
    private static readonly byte[] Stat =
        FakeProcesses.StatOf(100, new FakeProcess { Name = "a b) R 1 ("u8.ToArray() });

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Input(Stat, "stat"),
        Input("rchar: 1\nwchar: 2\nread_bytes: 345678\nwrite_bytes: 7\ncancelled_write_bytes: 0\n"u8, "io"),
        Input("/usr/bin/java\0-Dpassword=x\0--token\0abc\0https://u:p@h/?key=1\0-jar\0app.jar\0"u8, "cmdline"),
        Input("mysql\0-pSecret\0-h\0db\0"u8, "cmdline"),
        Input("5:memory:/a\n1:name=systemd:/system.slice/a.service\n0::/system.slice/a.service\n"u8, "cgroup"),
        Input("<img src=x>"u8, "name"),
        Input("root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"u8, "/etc/passwd"),
        Input("22 27 0:21 / /proc rw,relatime - proc proc rw,hidepid=invisible,gid=4\n"u8, "/proc/self/mountinfo"),
        Input("0.61 0.36 0.18 1/89 10731\n"u8, "/proc/loadavg"),
    ];

    public override IReadOnlyList<string> Words { get; } =
        ["password=", "--token", "Authorization: Bearer ", "AKIAIOSFODNN7EXAMPLE", "ghp_", "eyJ", ") S 1 ", ".slice/"];

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var content = Split(input, 1, out var head);
        var files = new FakeProcesses();
        files.Add(99, process => process.UserTicks = 7);
        files.Add(100, process => Put(files, process, head[0], content));
        using var context = new CollectorContext(new HostRoots(), new FrameBuilder(), new FakeTimeProvider(), files);
        var collector = new ProcessCollector(context, new ProcessOptions { CpuTime = () => TimeSpan.Zero });
        for (var i = 0; i < 3; i++)
        {
            collector.Collect();
            foreach (var row in collector.Table.Rows)
            {
                Assert.True(Printable.Is(row.Info.Name), row.Info.Name);
                Assert.True(Printable.Is(row.Info.Arguments ?? ""), row.Info.Arguments);
            }
        }

        Assert.Contains(collector.Table.Rows.ToArray(), row => row.Info.Pid == 99);
    }

    private static void Put(FakeProcesses files, FakeProcess process, string file, byte[] content)
    {
        switch (file)
        {
            case "stat":
                process.Stat = content;
                break;
            case "io":
                process.Io = content;
                break;
            case "cmdline":
                process.CommandLine = content;
                break;
            case "cgroup":
                process.Cgroup = Encoding.Latin1.GetString(content);
                break;
            case "name":
                process.Name = content;
                break;
            default:
                files.Files[file] = content;
                break;
        }
    }
}

/// <summary>The files of one cgroup of v2 among others.</summary>
internal sealed class CgroupTarget() : Target("cgroups")
{
    private const string Group = "/host/sys/fs/cgroup/system.slice/a.service/";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Input(Encoding.UTF8.GetBytes(CgroupHost.UnifiedMounts), "/host/proc/self/mountinfo"),
        Input(Encoding.UTF8.GetBytes(CgroupHost.HybridMounts), "/host/proc/self/mountinfo"),
        Input("Block devices:\n  7 loop\n  9 md\n253 device-mapper\n"u8, "/host/proc/devices"),
        Input(
            "usage_usec 77\nuser_usec 3\nsystem_usec 4\nnr_periods 9\nnr_throttled 1\nthrottled_usec 5\n"u8,
            Group + "cpu.stat"),
        Input("200000 100000\n"u8, Group + "cpu.max"),
        Input("2040109465\n"u8, Group + "memory.current"),
        Input("max\n"u8, Group + "memory.max"),
        Input("low 0\nhigh 0\nmax 0\noom 1\noom_kill 1\n"u8, Group + "memory.events"),
        Input("anon 77\nfile 88\ninactive_file 5\nactive_file 9\n"u8, Group + "memory.stat"),
        Input("254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n253:1 rbytes=1 wbytes=2\n"u8, Group + "io.stat"),
        Input("12\n"u8, Group + "pids.current"),
        Input("some avg10=0.00 avg60=0.00 avg300=0.00 total=77\nfull avg10=0.00 total=7\n"u8, Group + "cpu.pressure"),
        Input("some avg10=0.00 avg60=0.00 avg300=0.00 total=77\n"u8, Group + "memory.pressure"),
    ];

    public override IReadOnlyList<string> Words { get; } =
        ["cgroup2", "max", "rbytes=", "total=", "254:0 ", "usage_usec "];

    public override int HeadLength(byte[] input) => LengthOfLines(input, 1);

    public override void Run(byte[] input)
    {
        var content = Split(input, 1, out var head);
        using var host = new CgroupHost(CgroupHost.UnifiedMounts);
        host.AddUnified("", 1);
        host.AddUnified("/system.slice", 5);
        host.AddUnified("/system.slice/a.service", 3);
        host.Files.Contents[head[0]] = content;
        for (var i = 0; i < 3; i++)
        {
            var result = host.Tick();
            Assert.DoesNotContain("BUG", result.Reason ?? "", StringComparison.Ordinal);
        }
    }
}

/// <summary>What may be shown to people.</summary>
internal static class Printable
{
    /// <summary>Whether a text has no control character.</summary>
    public static bool Is(string text) => !text.Any(char.IsControl);
}
