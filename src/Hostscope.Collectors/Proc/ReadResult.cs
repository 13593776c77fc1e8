using System.Runtime.InteropServices;

namespace Hostscope.Collectors.Proc;

/// <summary>How reading a file ended.</summary>
internal enum ReadStatus
{
    /// <summary>The whole file is in the buffer.</summary>
    Ok,

    /// <summary>There is no such file, process or device (any more).</summary>
    Missing,

    /// <summary>It is there, and not ours to read.</summary>
    Denied,

    /// <summary>The kernel gave another error, named by <see cref="ReadResult.Error"/>.</summary>
    IoError,

    /// <summary>It is longer than the buffer's bound.</summary>
    TooLarge,
}

/// <summary>How reading a file ended.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Error">The errno of a read that failed, else 0.</param>
internal readonly record struct ReadResult(ReadStatus Status, int Error = 0)
{
    /// <summary>The whole file is in the buffer.</summary>
    public static readonly ReadResult Ok;

    /// <summary>True when the whole file is in the buffer.</summary>
    public bool IsOk => Status == ReadStatus.Ok;

    /// <summary>The result that an errno means.</summary>
    public static ReadResult FromErrno(int errno) => errno switch
    {
        Errno.NoEntry or Errno.NoProcess or Errno.NoDevice or Errno.NotDirectory => new(ReadStatus.Missing, errno),
        Errno.Access or Errno.NotPermitted => new(ReadStatus.Denied, errno),
        _ => new(ReadStatus.IoError, errno),
    };

    /// <summary>
    /// The result as a collection's result, in words for people. Allocates: keep it while it stays the same.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The bound it was read under.</param>
    public CollectResult ToCollectResult(string path, int maxBytes) => Status switch
    {
        ReadStatus.Ok => CollectResult.Ok,
        ReadStatus.Missing => CollectResult.Unavailable($"{path} does not exist on this machine."),
        ReadStatus.Denied => CollectResult.Unavailable(
            $"{path} may not be read by this user.", "Run as root, or give the user read access to the file."),
        ReadStatus.TooLarge => CollectResult.Failed($"{path} is larger than {maxBytes} bytes."),
        _ => CollectResult.Failed(
            $"{path} could not be read: {Marshal.GetPInvokeErrorMessage(Error)} (errno {Error})."),
    };
}
