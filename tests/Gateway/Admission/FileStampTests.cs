using Hostscope.Access;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// Goal: another certificate or users file is noticed however it is put there. Method: files, and links as Kubernetes
/// mounts secrets: the file is a link through a directory that is a link, and only that one is changed.
/// </summary>
public sealed class FileStampTests
{
    [Fact]
    public void A_change_behind_links_is_a_change()
    {
        using var users = new TestUsers();
        var directory = Path.GetDirectoryName(users.File)!;
        var (first, second) = (Path.Combine(directory, "1"), Path.Combine(directory, "2"));
        var (data, file) = (Path.Combine(directory, "data"), Path.Combine(directory, "tls.crt"));
        Write(Path.Combine(Directory.CreateDirectory(first).FullName, "tls.crt"), hour: 1);
        Write(Path.Combine(Directory.CreateDirectory(second).FullName, "tls.crt"), hour: 2);
        Directory.CreateSymbolicLink(data, first);
        File.CreateSymbolicLink(file, Path.Combine("data", "tls.crt"));
        var before = FileStamp.Of(file);
        Assert.Equal(new FileStamp(At(1), 1), before);
        Directory.Delete(data);
        Assert.Equal(default, FileStamp.Of(file));
        Directory.CreateSymbolicLink(data, second);
        Assert.Equal(new FileStamp(At(2), 1), FileStamp.Of(file));
    }

    [Fact]
    public void What_is_not_there_has_the_default()
    {
        using var users = new TestUsers();
        Assert.Equal(default, FileStamp.Of(users.File + "-none"));
        Assert.Equal(default, FileStamp.Of(Path.Combine(users.File, "below-a-file")));
    }

    private static void Write(string path, int hour)
    {
        File.WriteAllText(path, "x");
        File.SetLastWriteTimeUtc(path, At(hour));
    }

    private static DateTime At(int hour) => DateTime.UnixEpoch.AddHours(hour);
}
