using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hostscope.Access;

/// <summary>
/// The right of one program at a time to change what lies in a directory: flock(2) on the directory itself. A lock file
/// would have to be made and removed, and in a directory that is somebody else's root would make it wherever a link of
/// that name leads.
/// </summary>
internal static partial class Turn
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC beside O_RDONLY, the same on x86-64 and ARM64
    private const int ExclusiveAtOnce = 6; // LOCK_EX | LOCK_NB
    private const int WouldBlock = 11; // EWOULDBLOCK

    /// <summary>Takes it; whoever disposes of it gives it back, as does the end of the process.</summary>
    /// <exception cref="IOException">Another program has it, or there is no such directory.</exception>
    public static SafeFileHandle Take(string directory)
    {
        var handle = Open(directory, CloseOnExec);
        if (handle.IsInvalid)
        {
            throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }

        // Where the file system knows no locks there is nothing to wait for.
        if (Lock(handle, ExclusiveAtOnce) != 0 && Marshal.GetLastPInvokeError() == WouldBlock)
        {
            handle.Dispose();
            throw new IOException("another 'hostscope user' or 'hostscope token' is changing it; try again");
        }

        return handle;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
