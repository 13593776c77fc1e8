using System.Text;
using Hostscope.Access;

namespace Hostscope.Gateway.Tests.Admission;

/// <summary>
/// O-04. Goal: a users file that others may read, or that is not well formed, is refused with its name. Method: files
/// of each kind; and many writers at once.
/// </summary>
public sealed class AccessFileTests
{
    private static readonly string Hash = PasswordHash.OfNobody(PasswordHash.MinRounds);

    [Theory]
    [InlineData("0644")]
    [InlineData("0640")]
    [InlineData("0602")]
    public void A_file_that_others_may_read_or_write_is_refused_by_name(string mode)
    {
        using var users = new TestUsers();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(users.File, (UnixFileMode)Convert.ToInt32(mode, 8));
        }

        var refused = Assert.Throws<AccessFileException>(() => AccessFile.Read(users.File));
        Assert.Equal(
            $"{users.File}: others may read or write it (mode {mode}); it holds secrets: chmod 600 {users.File}",
            refused.Message);
    }

    [Fact]
    public void What_is_written_is_for_its_owner_alone_and_reads_back()
    {
        using var users = new TestUsers();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(users.File));
        }

        var read = AccessFile.Read(users.File);
        Assert.Equal(TestUsers.Everybody.Users, read.Users);
        Assert.Equal(TestUsers.Everybody.Tokens, read.Tokens);
        Assert.Equal(["users.json"], Directory.GetFiles(Path.GetDirectoryName(users.File)!).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(".new")]
    [InlineData(".lock")]
    public void No_link_that_somebody_left_beside_it_is_followed(string name)
    {
        using var users = new TestUsers();
        var victim = users.File + "-victim";
        File.CreateSymbolicLink(users.File + name, victim);
        users.Write(AccessList.Empty);
        Assert.False(File.Exists(victim));
        Assert.Empty(AccessFile.Read(users.File).Users);
        Assert.Null(File.ResolveLinkTarget(users.File, returnFinalTarget: false));
    }

    [Fact]
    public void Of_two_that_change_it_at_once_one_is_sent_away_and_no_change_is_lost()
    {
        using var users = new TestUsers();
        AccessFile.Change(users.File, list =>
        {
            var refused = Assert.Throws<AccessFileException>(() => users.Write(AccessList.Empty));
            Assert.Equal(
                $"{users.File}: cannot be written: another 'hostscope user' or 'hostscope token' is changing it; "
                + "try again", refused.Message);
            return list;
        });
        Assert.Equal(TestUsers.Everybody.Users, AccessFile.Read(users.File).Users);
        users.Write(AccessList.Empty);
    }

    [Fact]
    public void A_file_made_by_root_in_the_directory_of_somebody_else_is_theirs()
    {
        using var users = new TestUsers();
        if (!Environment.IsPrivilegedProcess)
        {
            return; // Only root can give a directory away, and only root changes somebody else's file.
        }

        var directory = Path.GetDirectoryName(users.File)!;
        using var chown = System.Diagnostics.Process.Start("chown", ["65534:65533", directory]);
        chown.WaitForExit();
        File.Delete(users.File);
        users.Write(AccessList.Empty);
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "stat", ["-c", "%u:%g %a", users.File])
        { RedirectStandardOutput = true })!;
        Assert.Equal("65534:65533 600\n", stat.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void A_file_that_is_not_there_is_empty()
    {
        using var users = new TestUsers();
        Assert.Empty(AccessFile.Read(users.File + "-none").Users);
    }

    [Fact]
    public void No_secret_is_in_the_file()
    {
        using var users = new TestUsers();
        var text = File.ReadAllText(users.File);
        Assert.DoesNotContain(TestUsers.Password, text, StringComparison.Ordinal);
        Assert.DoesNotContain(TestUsers.Token("metrics"), text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "", "line 1: " },
        { "[]", "line 1: " },
        { """{ "version": 2 }""", "version 2 is not known; this program writes version 1" },
        { """{ "users": [] }""", "line 1: " },
        { """{ "version": 1, "user": [] }""", "line 1: " },
        { """{ "version": 1, "users": [{ "name": "a", "role": "admin" }] }""", "line 1: " },
        { User("a b", "admin", Hash), "user 1: its name is not allowed; give " + AccessList.AllowedName },
        { User("a", "root", Hash), "user 1: 'root' is no role; give one of viewer, operator, admin" },
        { User("a", """\u001b[2J\nroot""", Hash), "user 1: '?[2J?root' is no role; " },
        { User("a", "admin", "letmein"), "user 1: its password is no hash of 'hostscope user passwd'" },
        { User("a", "admin", Hash.Replace("$100000$", "$1$", StringComparison.Ordinal)), "user 1: its password is" },
        { User("a", "admin", Hash[..^4]), "user 1: its password is no hash" },
        { "null", "an object is expected" },
        { """{ "version": 1, "users": [null] }""", "user 1: an object is expected, not null" },
        { """{ "version": 1, "tokens": [null] }""", "token 1: an object is expected, not null" },
        { """{ "version": 1, "users": [{ "name": null, "role": "admin", "password": "x" }] }""", "line 1: " },
        { """{ "version": 1, "users": [], "users": [] }""", "line 1: " },
        { """{ "version": 1, "users": [{ "name": "\ud800", "role": "admin", "password": "x" }] }""", "line 1: " },
        { Tokens(Token("a", "1", "null")), "token 1: '' is no scope; give some of read:live, " },
        { Tokens(Token("a", "g", "\"metrics\"")), "token 1: its hash is none of 'hostscope token add'" },
        {
            Tokens(Token("a", "1", "\"metrics\""), Token("b", "1", "\"read:live\"")),
            "token 'b' has the hash of token 'a'; remove one of the two"
        },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_not_well_formed_is_refused_with_its_place(string text, string problem)
    {
        var refused = Assert.Throws<AccessFileException>(() =>
            AccessFile.Parse("/etc/users.json", Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith("/etc/users.json: " + problem, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("letmein", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_there_once()
    {
        var text = $$"""
            { "version": 1, "users": [
              { "name": "a", "role": "admin", "password": "{{Hash}}" },
              { "name": "a", "role": "viewer", "password": "{{Hash}}" } ] }
            """;
        var refused = Assert.Throws<AccessFileException>(() => AccessFile.Parse("f", Encoding.UTF8.GetBytes(text)));
        Assert.Equal("f: user 'a' is there twice", refused.Message);
    }

    [Fact]
    public void Passwords_are_verified_and_hashes_differ_by_their_salt()
    {
        var hash = PasswordHash.Create("correct horse", PasswordHash.MinRounds);
        Assert.True(PasswordHash.Verify("correct horse", hash));
        Assert.False(PasswordHash.Verify("correct horsf", hash));
        Assert.False(PasswordHash.Verify("", hash));
        Assert.NotEqual(hash, PasswordHash.Create("correct horse", PasswordHash.MinRounds));
        Assert.StartsWith("pbkdf2-sha256$600000$", PasswordHash.OfNobody(), StringComparison.Ordinal);
    }

    /// <summary>A token whose hash is one digit over and over.</summary>
    private static string Token(string name, string digit, string scopes) =>
        $$"""
        { "name": "{{name}}", "hash": "{{string.Concat(Enumerable.Repeat(digit, 64))}}", "scopes": [{{scopes}}],
          "created": "2026-01-31T12:00:00+00:00", "expires": null }
        """;

    private static string Tokens(params string[] tokens) =>
        $$"""{ "version": 1, "tokens": [{{string.Join(", ", tokens)}}] }""";

    private static string User(string name, string role, string hash) =>
        $$"""{ "version": 1, "users": [{ "name": "{{name}}", "role": "{{role}}", "password": "{{hash}}" }] }""";
}
