using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hostscope.Access;

/// <summary>Owner and group of a file, which .NET does not know.</summary>
internal static partial class Owner
{
    private const int AtCurrentDirectory = -100;
    private const uint WantOwners = 0x18; // STATX_UID | STATX_GID

    /// <summary>
    /// Gives an open file the owner of another one, where root is us; others could not and need not. By its handle: in
    /// a directory that is somebody else's, a path may lead to another file by now.
    /// </summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void CopyTo(SafeFileHandle file, string from)
    {
        if (Environment.IsPrivilegedProcess)
        {
            var found = Statx(AtCurrentDirectory, from, 0, WantOwners, out var status);
            if (found != 0 || Chown(file, status.Owner, status.Group) != 0)
            {
                throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Chown(SafeFileHandle file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    /// <summary>struct statx of statx(2), as far as it matters: the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;
    }
}
