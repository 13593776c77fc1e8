using System.Runtime.InteropServices;

namespace Hostscope.Gateway.Http;

/// <summary>
/// How many files this process may have open, and what that means for connections. Systems start services with a soft
/// limit of 1,024 for the sake of programs that use select(2), which nothing here does.
/// </summary>
internal static partial class Descriptors
{
    /// <summary>Descriptors that connections never take: collectors and recorder open fewer at once.</summary>
    public const int Reserve = 48;

    /// <summary>For what is open beside connections when limits are made to fit: /proc, logs, the store.</summary>
    private const int Others = 128;

    /// <summary>Headroom that is asked for where the system allows it.</summary>
    private const int Wanted = 1024;

    private const int RlimitNofile = 7;

    /// <summary>Most open files now: the soft limit, RLIMIT_NOFILE of getrlimit(2).</summary>
    public static long Most()
    {
        Span<ulong> limit = stackalloc ulong[2]; // The soft one, the hard one.
        return GetLimit(RlimitNofile, ref MemoryMarshal.GetReference(limit)) == 0 ? Clamped(limit[0]) : int.MaxValue;
    }

    /// <summary>Raises the soft limit to a number, or as far as the hard one allows; what it is then.</summary>
    public static long Raise(long to)
    {
        Span<ulong> limit = stackalloc ulong[2];
        ref var both = ref MemoryMarshal.GetReference(limit);
        if (GetLimit(RlimitNofile, ref both) != 0 || Clamped(limit[0]) >= to)
        {
            return Most();
        }

        limit[0] = Math.Min((ulong)to, limit[1]);
        SetLimit(RlimitNofile, ref both); // When it may not, the answer says so.
        return Most();
    }

    /// <summary>
    /// Raises the soft limit so that all connections that the options allow have descriptors; where it cannot be,
    /// lowers the options, so that one too many is told so rather than cut off.
    /// </summary>
    /// <param name="options">Changed where need be.</param>
    /// <returns>The limit of the system when the options were lowered, else <c>null</c>.</returns>
    public static long? Fit(GatewayOptions options)
    {
        long asked = options.MaxViewers + options.MaxConnections;
        return Fit(options, Raise(asked + Wanted));
    }

    /// <summary>The same, for a limit that is given.</summary>
    public static long? Fit(GatewayOptions options, long most)
    {
        var room = most - Others;
        if (options.MaxViewers + options.MaxConnections <= room)
        {
            return null;
        }

        options.MaxViewers = (int)Math.Max(1, Math.Min(options.MaxViewers, room * 3 / 4));
        options.MaxConnections = (int)Math.Max(16, Math.Min(options.MaxConnections, room - options.MaxViewers));
        return most;
    }

    private static long Clamped(ulong limit) => (long)Math.Min(limit, int.MaxValue);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, ref ulong softAndHard);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ref ulong softAndHard);
}
