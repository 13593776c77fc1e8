using System.Text;

namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: kernel, distribution and firmware are quoted word for word. Method: files that a test writes.
/// </summary>
public sealed class WordFactsTests
{
    private readonly FakeFiles _files = new();

    [Fact]
    public void What_is_there_is_quoted_and_what_is_not_is_left_out()
    {
        Write("proc/sys/kernel/ostype", "Linux");
        Write("proc/sys/kernel/osrelease", "6.1.0-28-amd64");
        Write("proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)");
        Write("proc/sys/kernel/domainname", "(none)");
        Write("proc/sys/kernel/hostname", "web-1");
        Write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"");
        Write("sys/class/dmi/id/sys_vendor", "Dell Inc.");
        Write("sys/class/dmi/id/product_serial", "SECRET1");
        Write("sys/class/dmi/id/product_uuid", "SECRET2");
        var words = HostFacts.Read(FakeFiles.Roots, _files).Words;
        Assert.Equal("#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)", words.Uname["version"]);
        Assert.Equal("(none)", words.Uname["domainname"]);
        Assert.Equal("web-1", words.Uname["nodename"]);
        Assert.DoesNotContain("machine", words.Uname.Keys);
        Assert.Equal("debian", words.OsRelease["ID"]);
        Assert.Equal([new("sys_vendor", "Dell Inc.")], words.Dmi);
    }

    private void Write(string path, string text) =>
        _files.Contents[$"/host/{path}"] = Encoding.ASCII.GetBytes(text + "\n");
}
