using CsCheck;
using Hostscope.Collectors.Cgroups;
using Hostscope.Model;

namespace Hostscope.Collectors.Tests.Cgroups;

/// <summary>
/// Goal: people see the names they gave. Method: paths as systemd and the container engines make them.
/// </summary>
public sealed class CgroupNamesTests
{
    private const string Id = "3f2a9c01d4e5b6a7988776655443322110ffeeddccbbaa998877665544332211";
    private const string Short = "3f2a9c01d4e5";

    public static TheoryData<string, string, CgroupKind> Corpus => new()
    {
        { "/", "/", CgroupKind.Root },
        { "", "/", CgroupKind.Root },
        { "/system.slice", "system.slice", CgroupKind.Slice },
        { "/user.slice/user-1000.slice", "user-1000.slice", CgroupKind.Slice },
        { "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", CgroupKind.Unit },
        { "/init.scope", "init.scope", CgroupKind.Unit },
        { "/system.slice/nginx.service", "nginx.service", CgroupKind.Unit },
        { "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", CgroupKind.Unit },
        { "/system.slice/docker.socket", "docker.socket", CgroupKind.Unit },
        { @"/system.slice/srv-my\x2ddata.mount", "srv-my-data.mount", CgroupKind.Unit },
        { @"/system.slice/dev-disk-by\x2duuid-a\x2db.swap", "dev-disk-by-uuid-a-b.swap", CgroupKind.Unit },
        { @"/system.slice/caf\xc3\xa9.service", "café.service", CgroupKind.Unit },
        { @"/system.slice/bad\xff.service", "bad\uFFFD.service", CgroupKind.Unit },
        { @"/system.slice/bell\x07.service", "bell\uFFFD.service", CgroupKind.Unit },
        { @"/system.slice/end\x2", @"end\x2", CgroupKind.Group },
        { $"/system.slice/docker-{Id}.scope", Short, CgroupKind.Container },
        { $"/system.slice/docker-{Id}.scope/init", "init", CgroupKind.Group },
        { $"/docker/{Id}", Short, CgroupKind.Container },
        { "/docker/buildx", "buildx", CgroupKind.Group },
        { $"/machine.slice/libpod-{Id}.scope", Short, CgroupKind.Container },
        { $"/machine.slice/libpod-{Id}.scope/container", "container", CgroupKind.Group },
        { $"/machine.slice/libpod-conmon-{Id}.scope", $"libpod-conmon-{Id}.scope", CgroupKind.Unit },
        { $"/libpod_parent/libpod-{Id}", Short, CgroupKind.Container },
        { "/kubepods.slice", "kubepods.slice", CgroupKind.Slice },
        { $"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{Id}.scope", Short, CgroupKind.Container },
        { $"/kubepods.slice/kubepods-pod1.slice/crio-{Id}.scope", Short, CgroupKind.Container },
        { $"/kubepods.slice/kubepods-pod1.slice/crio-conmon-{Id}.scope", $"crio-conmon-{Id}.scope", CgroupKind.Unit },
        { $"/kubepods/burstable/pod8f2c/{Id}", Short, CgroupKind.Container },
        { "/kubepods/burstable/pod8f2c", "pod8f2c", CgroupKind.Group },
        { $"/default/nerdctl-{Id}.scope", Short, CgroupKind.Container },
        { $"/ecs/task/{Id}", Short, CgroupKind.Container },
        { "/lxc/web", "web", CgroupKind.Container },
        { "/lxc.payload/web", "web", CgroupKind.Container },
        { "/lxc.payload.web", "web", CgroupKind.Container },
        { "/lxc.monitor.web", "lxc.monitor.web", CgroupKind.Group },
        { @"/machine.slice/machine-web\x2d1.scope", "web-1", CgroupKind.Container },
        { @"/machine.slice/machine-qemu\x2d1\x2dvm.scope", "qemu-1-vm", CgroupKind.Container },
        { "/machine.slice/systemd-nspawn@web.service", "web", CgroupKind.Container },
        { $"/process_api/{Id[..32]}", Id[..32], CgroupKind.Group },
        { $"/a/{Id}0", $"{Id}0", CgroupKind.Group },
        { $"/a/{Id[..63]}G", $"{Id[..63]}G", CgroupKind.Group },
    };

    [Theory]
    [MemberData(nameof(Corpus))]
    public void A_path_tells_the_name_and_the_kind(string path, string name, CgroupKind kind)
    {
        var info = CgroupNames.Describe(path);
        Assert.Equal((name, kind), (info.Name, info.Kind));
        Assert.Equal(path is "" ? "/" : path, info.Path);
    }

    [Fact]
    public void Any_path_has_a_name_without_control_characters() =>
        Gen.String[Gen.Char["/ab.-\\x2d\u0001é\ud800"], 0, 30].Sample(text =>
        {
            var info = CgroupNames.Describe("/" + text);
            return info.Name is not null && !info.Name.Any(char.IsControl);
        });
}
