using System.Text;
using CsCheck;
using Hostscope.Collectors.Processes;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: no secret of a command line leaves the collector, and what is no secret stays readable.
/// Method: 240 command lines in the folder corpus, every secret labelled; any bytes for the rest.
/// </summary>
/// <remarks>In the corpus the sign for NUL stands between arguments, and guillemets around each secret.</remarks>
public sealed class ArgumentMaskTests
{
    private static readonly string[] Words =
    [
        "--password", "=", ":", "\0", " ", "'", "\"", "\\", "://", "@", "sh", "-c", "curl", "-u", "&", ";", "{", "eyJ",
        ".", "/", "token", "mysql", "-p", "\n", "ghp_", "A1b2C3d4E5f6G7h8I9j0", "é", "…",
    ];

    private readonly ArgumentMask _mask = new();

    public static TheoryData<string> Secrets => [.. Corpus("secrets.txt")];

    public static TheoryData<string> Harmless => [.. Corpus("harmless.txt")];

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_labelled_secret_is_masked(string line)
    {
        var masked = _mask.Mask(CommandLine(line));
        var parts = line.Split('«', '»');
        Assert.True(parts.Length >= 3, "The line has no label.");
        for (var i = 1; i < parts.Length; i += 2)
        {
            Assert.DoesNotContain(parts[i], masked, StringComparison.Ordinal);

            // Not a part of it either: neither half is worth anything to anybody, but a half is half the search.
            Assert.DoesNotContain(parts[i][(parts[i].Length / 2)..], masked, StringComparison.Ordinal);
        }

        Assert.Contains("***", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void At_most_one_harmless_line_in_twenty_is_altered()
    {
        var lines = Corpus("harmless.txt");
        var altered = lines.Where(line => _mask.Mask(CommandLine(line)) != Expected(line)).ToList();
        Assert.True(lines.Length >= 60 && Corpus("secrets.txt").Length >= 60, "The corpus has lost lines.");
        Assert.True(altered.Count <= lines.Length / 20, string.Join('\n', altered.Select(
            line => $"{line}\n  -> {_mask.Mask(CommandLine(line))}")));
    }

    [Theory]
    [InlineData("mysql␀-h␀db1␀-phunter2␀shop", "-h db1 -p*** shop")]
    [InlineData("curl␀-u␀admin:x123␀https://a.example", "-u admin:*** https://a.example")]
    [InlineData("psql␀postgresql://app:pw@db:5432/shop?ssl=on", "postgresql://app:***@db:5432/shop?ssl=on")]
    [InlineData("app␀--password␀--verbose␀x", "--password --verbose x")]
    [InlineData("app␀--token␀--␀x", "--token -- x")]
    [InlineData("sh␀-c␀mysql -pfoo; echo done", "-c mysql -p***; echo done")]
    [InlineData("curl␀-d␀{\"password\":\"a\\\"b\",\"user\":\"bob\"}", "-d {\"password\":\"***\",\"user\":\"bob\"}")]
    [InlineData("app␀https://h/?token=abc&page=2", "https://h/?token=***&page=2")]
    [InlineData("app␀Server=db;Password=a b;Encrypt=true", "Server=db;Password=***;Encrypt=true")]
    [InlineData("openssl␀rsa␀-passin␀env:PW␀-in␀k.pem", "rsa -passin env:PW -in k.pem")]
    [InlineData("mysqld --password=x1y2 --port=3306", "--password=*** --port=3306")]
    [InlineData("app␀line one\nline two", "line one line two")]
    [InlineData("app", "")]
    [InlineData("app␀", "")]
    public void What_is_around_a_secret_stays(string line, string expected) =>
        Assert.Equal(expected, _mask.Mask(CommandLine(line)));

    [Fact]
    public void What_is_too_long_ends_with_an_ellipsis_and_never_in_the_middle_of_a_word()
    {
        var line = "app\0word\0" + new string('x', 3000) + "\0--token\0" + new string('s', 3000);
        var masked = _mask.Mask(Encoding.ASCII.GetBytes(line));
        Assert.EndsWith("--token …", masked, StringComparison.Ordinal);
        Assert.DoesNotContain("sss", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void At_most_64_arguments_are_shown()
    {
        var line = string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i}\0"));
        var masked = _mask.Mask(Encoding.ASCII.GetBytes(line));
        Assert.EndsWith("a63 …", masked, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_make_it_throw_or_give_more_than_4_KB_or_a_control_character() =>
        Gen.OneOf(
            Gen.Byte.Array[0, 5000],
            Gen.Int[0, Words.Length - 1].Select(i => Words[i])
                .Array[0, 400].Select(words => Encoding.UTF8.GetBytes(string.Concat(words))))
        .Sample(bytes =>
        {
            var masked = new ArgumentMask().Mask(bytes);
            Assert.True(Encoding.UTF8.GetByteCount(masked) <= (3 * ArgumentMask.MaxBytes));
            Assert.DoesNotContain(masked, char.IsControl);
        });

    [Fact]
    public void A_password_is_masked_whatever_its_characters() =>
        Gen.Char["abcXYZ0189!#$%^*()_+-=[]{}|:,.<>?/~@&;"].Array[8, 40].Select(c => new string(c))
        .Where(secret => !secret.StartsWith('-') && secret.Any(char.IsLetter))
        .Sample(secret =>
        {
            foreach (var line in new[]
            {
                $"app\0--password={secret}\0x", $"app\0--password\0{secret}\0x", $"app\0DB_PASSWORD={secret}\0x",
                $"app\0{{\"password\":\"{secret}\"}}\0x", $"mysql\0-p{secret}\0x", $"app\0-Da.password={secret}\0x",
            })
            {
                var masked = new ArgumentMask().Mask(Encoding.UTF8.GetBytes(line));
                Assert.DoesNotContain(secret, masked, StringComparison.Ordinal);
            }
        });

    [Theory]
    [InlineData("a=")]
    [InlineData("password=")]
    [InlineData("a:b@")]
    [InlineData("://u:p")]
    [InlineData("eyJa.")]
    [InlineData("x/")]
    [InlineData("x+")]
    [InlineData("token:")]
    [InlineData("a://")]
    [InlineData("auth=true,")]
    [InlineData("'\"\\")]
    public void The_work_grows_with_the_length_and_not_with_its_square(string repeated)
    {
        // Counted in allocations and characters there is nothing to see: a bound of time, wide enough for a busy
        // machine.
        var line = Encoding.ASCII.GetBytes(
            "app\0" + string.Concat(Enumerable.Repeat(repeated, 4000 / repeated.Length)));
        var before = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 20; i++)
        {
            _mask.Mask(line);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(before) < TimeSpan.FromSeconds(2));
    }

    internal static byte[] CommandLine(string line) => Encoding.UTF8.GetBytes(
        string.Concat(line.Where(character => character is not ('«' or '»'))).Replace('␀', '\0') + "\0");

    private static string Expected(string line)
    {
        var separator = line.Contains('␀', StringComparison.Ordinal) ? '␀' : ' ';
        var first = line.IndexOf(separator, StringComparison.Ordinal);
        return first < 0 ? "" : line[(first + 1)..].Replace('␀', ' ');
    }

    private static string[] Corpus(string name) => File.ReadAllLines(Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Fixtures.Folder)))!,
        "tests", "Collectors", "Processes", "corpus", name));
}
