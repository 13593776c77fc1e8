using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Processes;

/// <summary>What the process table takes from /proc/PID/io.</summary>
/// <remarks>
/// Documentation/filesystems/proc.rst, "/proc/PID/io". Bytes since the process started, those of its ended threads
/// included. rchar and wchar count what passed through read(2) and write(2), pipes and caches included; read_bytes and
/// write_bytes what was fetched from, or is to be sent to, storage. A kernel without CONFIG_TASK_IO_ACCOUNTING does not
/// have the last three lines.
/// <code>
/// rchar: 3110908
/// wchar: 553179
/// syscr: 16820
/// syscw: 544
/// read_bytes: 1114112
/// write_bytes: 729088
/// cancelled_write_bytes: 397312
/// </code>
/// </remarks>
/// <param name="ReadBytes">read_bytes, or <see cref="Frame.Absent"/>.</param>
/// <param name="WriteBytes">write_bytes, or <see cref="Frame.Absent"/>.</param>
internal readonly record struct ProcessIo(long ReadBytes, long WriteBytes)
{
    /// <summary>No values.</summary>
    public static readonly ProcessIo None = new(Frame.Absent, Frame.Absent);

    /// <summary>Reads the file; false when a line that it knows is not as documented, or cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessIo io)
    {
        long read = Frame.Absent, written = Frame.Absent;
        var understood = !text.IsEmpty && text[^1] == '\n';
        var lines = new Lines(text);
        while (understood && lines.Next(out var line))
        {
            if (line.StartsWith("read_bytes:"u8))
            {
                understood = Fields.TryRaw(Fields.Trim(line[11..]), out read);
            }
            else if (line.StartsWith("write_bytes:"u8))
            {
                understood = Fields.TryRaw(Fields.Trim(line[12..]), out written);
            }
        }

        io = understood ? new ProcessIo(read, written) : None;
        return understood;
    }
}
