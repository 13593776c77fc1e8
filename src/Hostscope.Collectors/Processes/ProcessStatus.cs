using Hostscope.Collectors.Proc;

namespace Hostscope.Collectors.Processes;

/// <summary>The effective user from /proc/PID/status.</summary>
internal static class ProcessStatus
{
    /// <summary>Reads the second number of the line Uid: real, effective, saved and file system user.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, table "Contents of the status fields". The name is escaped by the kernel, so
    /// a process cannot write a line of its own here.
    /// <code>
    /// Name:	nginx
    /// Umask:	0022
    /// Uid:	0	33	0	33
    /// Gid:	33	33	33	33
    /// </code>
    /// </remarks>
    /// <returns>False when there is no such line.</returns>
    public static bool TryParseUser(ReadOnlySpan<byte> text, out uint userId)
    {
        userId = 0;
        if (!Fields.FindKey(text, "Uid"u8, out var value))
        {
            return false;
        }

        var words = new Words(value);
        if (!words.Skip(1) || !words.Next(out var word)
            || Fields.UInt64(word, out var number) != NumberStatus.Ok || number > uint.MaxValue)
        {
            return false;
        }

        userId = (uint)number;
        return true;
    }
}
