using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Hostscope.Access;

/// <summary>
/// Random texts that open something: 256 bits from the kernel, as base64url. Only their SHA-256 is ever kept: with so
/// many bits there is nothing to guess, so a slow hash would add nothing.
/// </summary>
public static class Secret
{
    private const int Bytes = 32;

    /// <summary>Characters of a secret: 256 bits in base64url without padding.</summary>
    public const int Length = 43;

    /// <summary>A new one.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of it: SHA-256 in hexadecimal, 64 characters.</summary>
    public static string Hash(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
