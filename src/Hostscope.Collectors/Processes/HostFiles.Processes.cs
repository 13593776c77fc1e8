using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hostscope.Collectors;

/// <summary>What only the process table asks the kernel.</summary>
public partial class HostFiles
{
    /// <summary>RLIMIT_NOFILE; the same on x86-64 and arm64.</summary>
    private const int DescriptorLimitResource = 7;

    /// <summary>STATX_UID.</summary>
    private const uint OwnerMask = 0x8;

    /// <summary>
    /// Where struct statx has stx_uid; the struct is the same on every architecture and 256 bytes long.
    /// </summary>
    private const int OwnerAt = 20;

    /// <summary>
    /// Asks who owns a file (statx(2)). The owner of /proc/PID is the effective user of the process, at a tenth of the
    /// price of reading its status.
    /// </summary>
    /// <param name="directory">Directory the path is relative to, or <see cref="NoDirectory"/>.</param>
    /// <param name="path">The path, UTF-8, ending with a NUL byte.</param>
    /// <param name="userId">The owner.</param>
    /// <returns>0, or a negated errno; ENOSYS where the C library does not have the call (glibc before 2.28).</returns>
    public virtual int Owner(int directory, ReadOnlySpan<byte> path, out uint userId)
    {
        CheckTerminated(path);
        Span<byte> answer = stackalloc byte[256];
        try
        {
            var result = Result(StatX(directory, path, 0, OwnerMask, answer));
            var owner = answer.Slice(OwnerAt, sizeof(uint));
            userId = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt32LittleEndian(owner)
                : BinaryPrimitives.ReadUInt32BigEndian(owner);
            return result;
        }
        catch (EntryPointNotFoundException)
        {
            userId = 0;
            return -Errno.NoCall;
        }
    }

    /// <summary>How many descriptors this process may have open (getrlimit(2), the soft limit).</summary>
    public virtual long DescriptorLimit()
    {
        Span<ulong> limit = stackalloc ulong[2];
        return GetResourceLimit(DescriptorLimitResource, limit) == 0 ? (long)Math.Min(limit[0], int.MaxValue) : 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int directory, ReadOnlySpan<byte> path, int flags, uint mask, Span<byte> answer);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetResourceLimit(int resource, Span<ulong> limit);
}
