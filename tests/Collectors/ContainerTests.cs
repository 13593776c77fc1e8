using Hostscope.Model;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: within a container with a limit both are shown, the machine's memory and the limit, and what is used is held
/// against the limit. Method: a recorded container.
/// </summary>
public sealed class ContainerTests
{
    [Fact]
    public void The_machines_memory_and_the_containers_limit_are_two_things()
    {
        const long Machine = 8_192_000_000;
        const long Limit = 512 << 20;
        var files = new FakeFiles(Path.Combine(Fixtures.Folder, "container-limits"));
        using var host = new FakeHost(files);
        host.ScanTables();
        var frame = host.Tick();

        var facts = HostFacts.Read(FakeFiles.Roots, files);
        Assert.Equal(("docker", Machine), (facts.Container, facts.MemoryBytes));
        Assert.Equal(Machine, frame.Raw(Metrics.MemoryLimit));

        var own = Assert.Single(host.Cgroups!.Table.Rows.ToArray());
        Assert.Equal((CgroupKind.Root, Limit), (own.Info.Kind, own.MemoryLimitBytes));
        Assert.InRange(own.MemoryBytes, 1, Limit);
        Assert.InRange(own.CpuLimitMilli, 1, 500);
        Assert.InRange(own.Tasks, host.Processes!.Table.Count, 14);
    }
}
