using System.Globalization;
using System.Security.Cryptography;

namespace Hostscope.Access;

/// <summary>
/// Passwords as they are kept: PBKDF2 with HMAC-SHA-256 (RFC 8018), 600,000 rounds, as OWASP's Password Storage Cheat
/// Sheet has it.
/// </summary>
/// <example><c>pbkdf2-sha256$600000$JQ9c7y0Vn3fOQk0Wv2mX1g==$eJ4Q…=</c>: scheme, rounds, salt, hash.</example>
public static class PasswordHash
{
    /// <summary>Rounds of new hashes: some 0.2 s of one core, for us and for whoever guesses.</summary>
    public const int Rounds = 600_000;

    /// <summary>Fewest and most rounds in a file: less guards nothing, more would hold a core for seconds.</summary>
    public const int MinRounds = 100_000, MaxRounds = 10_000_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>Hashes a password with a new salt.</summary>
    public static string Create(string password, int rounds = Rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(rounds, salt, Derive(password, salt, rounds));
    }

    /// <summary>A hash that no known password has, to be verified in place of one that there is not.</summary>
    public static string OfNobody(int rounds = Rounds) =>
        Format(rounds, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    /// <summary>
    /// Whether a password is the one of a hash. Takes the time of the hash's rounds, whatever comes of it.
    /// </summary>
    /// <exception cref="FormatException">It is no hash; <see cref="RoundsOf"/> tells.</exception>
    public static bool Verify(string password, string stored)
    {
        if (!TryParse(stored, out var rounds, out var salt, out var hash))
        {
            throw new FormatException("BUG: a hash that was not checked when it was read.");
        }

        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), hash);
    }

    /// <summary>The rounds of a hash; <c>null</c> when it is none.</summary>
    public static int? RoundsOf(string stored) => TryParse(stored, out var rounds, out _, out _) ? rounds : null;

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, HashBytes);

    private static string Format(int rounds, byte[] salt, byte[] hash) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}${rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");

    private static bool TryParse(string stored, out int rounds, out byte[] salt, out byte[] hash)
    {
        rounds = 0;
        salt = new byte[SaltBytes];
        hash = new byte[HashBytes];
        return stored.Split('$') is [Scheme, var roundsText, var saltText, var hashText]
            && int.TryParse(roundsText, NumberStyles.None, CultureInfo.InvariantCulture, out rounds)
            && rounds is >= MinRounds and <= MaxRounds
            && Convert.TryFromBase64String(saltText, salt, out var saltLength) && saltLength == SaltBytes
            && Convert.TryFromBase64String(hashText, hash, out var hashLength) && hashLength == HashBytes;
    }
}
