using Hostscope.Collectors.Cgroups;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: the bounds hold and a tick allocates nothing. Method: real folders with a group too many and a level too deep.
/// </summary>
public sealed class LargeTreeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cgroups").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly CountingFiles _files = new();
    private readonly CollectorContext _context;
    private readonly CgroupCollector _collector;

    public LargeTreeTests()
    {
        Directory.CreateDirectory($"{_folder}/proc/self");
        Directory.CreateDirectory($"{_folder}/sys/fs/cgroup");
        File.WriteAllText($"{_folder}/proc/self/mountinfo", CgroupHost.UnifiedMounts);
        _context = new CollectorContext(
            new HostRoots($"{_folder}/proc", $"{_folder}/sys", _folder, _folder), new FrameBuilder(), _time, _files);
        _collector = new CgroupCollector(_context, () => TimeSpan.Zero);
    }

    [Fact]
    public void Of_more_groups_than_the_bound_the_bound_is_shown()
    {
        Make("", 1);
        for (var i = 0; i < CgroupTree.MaxGroups; i++)
        {
            Make($"/g{i}", i);
        }

        Tick();
        Assert.Equal(CgroupTree.MaxGroups, _collector.Table.Count);
        Tick();
        Assert.Equal(CgroupTree.MaxGroups, _collector.Table.Count);
        Assert.InRange(_files.Kept, 1, CgroupDescriptors.MaxKept);
    }

    [Fact]
    public void Groups_deeper_than_the_bound_are_left_out()
    {
        var path = "";
        Make(path, 0);
        for (var depth = 1; depth <= CgroupTree.MaxDepth + 5; depth++)
        {
            path += "/d";
            Make(path, depth);
        }

        Tick();
        Assert.Equal(CgroupTree.MaxDepth + 1, _collector.Table.Count);
    }

    [Fact]
    public void A_tick_allocates_nothing_after_warm_up()
    {
        Make("", 1);
        for (var i = 0; i < 200; i++)
        {
            Make($"/g{i % 10}/h{i}", i);
        }

        for (var i = 0; i < 40; i++)
        {
            Tick();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            _collector.Collect();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Closing_the_host_closes_every_file()
    {
        Make("", 1);
        Make("/a", 1);
        Tick();
        Assert.NotEqual(0, _files.Kept);
        _context.Dispose();
        Assert.Equal(0, _files.Kept);
    }

    public void Dispose()
    {
        _context.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CollectResult.Ok, _collector.Collect());
    }

    private void Make(string group, long usage)
    {
        var folder = $"{_folder}/sys/fs/cgroup{group}";
        Directory.CreateDirectory(folder);
        File.WriteAllText($"{folder}/cpu.stat", $"usage_usec {usage}\nuser_usec {usage}\nsystem_usec 0\n");
    }

    private sealed class CountingFiles : HostFiles
    {
        public int Kept { get; private set; }

        public override int Open(int directory, ReadOnlySpan<byte> path)
        {
            var descriptor = base.Open(directory, path);
            Kept += descriptor >= 0 ? 1 : 0;
            return descriptor;
        }

        public override void Close(int descriptor)
        {
            Kept--;
            base.Close(descriptor);
        }
    }
}
