using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Cgroups;

/// <summary>The few forms in which cgroup files are written (admin-guide/cgroup-v2.rst, "Format").</summary>
internal static class CgroupText
{
    /// <summary>
    /// Reads a file with one number, or <c>max</c> for none: <c>4294967296</c>. Without its newline the file was cut,
    /// and the number may be the beginning of a longer one.
    /// </summary>
    public static bool Number(ReadOnlySpan<byte> text, out long value)
    {
        value = Frame.Absent;
        var lines = new Lines(text);
        if (!lines.Next(out var line) || lines.IsCut)
        {
            return false;
        }

        var word = Fields.Trim(line);
        return word.SequenceEqual("max"u8) || Fields.TryRaw(word, out value);
    }

    /// <summary>
    /// Reads the number of a line <c>key number</c>: whether the line has the key, and the number is one.
    /// </summary>
    /// <returns><c>null</c> when the line has another key.</returns>
    public static bool? Keyed(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, ref long value)
    {
        var isIt = line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key);
        return isIt ? Fields.TryRaw(line[(key.Length + 1)..], out value) : null;
    }

    /// <summary>Whether a word is a block device's major and minor number: <c>254:0</c>.</summary>
    public static bool IsDevice(ReadOnlySpan<byte> word)
    {
        var colon = word.IndexOf((byte)':');
        return colon > 0 && Fields.TryRaw(word[..colon], out _) && Fields.TryRaw(word[(colon + 1)..], out _);
    }

    /// <summary>Divides a raw value; absent stays absent.</summary>
    public static long Divided(long raw, long unit) => raw == Frame.Absent ? raw : raw / unit;

    /// <summary>A CPU limit in thousandths of a CPU; absent when a part is, or makes no sense.</summary>
    public static long LimitMilli(long quotaUs, long periodUs) =>
        quotaUs < 0 || periodUs <= 0 ? Frame.Absent : Divided(Fields.Times(quotaUs, 1000), periodUs);

    /// <summary>Adds a device's share to a sum that is absent until the first; absent when it no longer fits.</summary>
    public static long Sum(long sum, long value)
    {
        if (sum == Frame.Absent || value == Frame.Absent)
        {
            return value;
        }

        return sum > long.MaxValue - value ? Frame.Absent : sum + value;
    }
}
