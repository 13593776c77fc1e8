using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// The kinds of block devices that pass their requests on to another device, or to memory. A cgroup's I/O is accounted
/// on both, so that a sum over all devices would count it twice.
/// </summary>
internal sealed class StackedDevices
{
    private readonly HashSet<int> _majors = [];

    /// <summary>Whether the device of a word such as <c>253:0</c> is stacked on another.</summary>
    public bool Contains(ReadOnlySpan<byte> device)
    {
        var colon = device.IndexOf((byte)':');
        return colon > 0 && Fields.TryRaw(device[..colon], out var major) && _majors.Contains((int)major);
    }

    /// <summary>Takes the numbers of the drivers from /proc/devices.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "devices". The numbers of some drivers are given at boot:
    /// <code>
    /// Character devices:
    ///   1 mem
    ///
    /// Block devices:
    ///   7 loop
    ///   9 md
    /// 253 device-mapper
    /// 254 virtblk
    /// </code>
    /// </remarks>
    public void Parse(ReadOnlySpan<byte> text)
    {
        _majors.Clear();
        var isBlock = false;
        var lines = new Lines(text);
        while (lines.Next(out var line))
        {
            var words = new Words(line);
            isBlock |= line.StartsWith("Block"u8);
            if (isBlock && words.NextRaw(out var major) && words.Next(out var driver) && IsStacked(driver))
            {
                _majors.Add((int)major);
            }
        }
    }

    private static bool IsStacked(ReadOnlySpan<byte> driver) =>
        driver.SequenceEqual("device-mapper"u8) || driver.SequenceEqual("md"u8) || driver.SequenceEqual("mdp"u8)
        || driver.SequenceEqual("loop"u8) || driver.SequenceEqual("zram"u8);
}
