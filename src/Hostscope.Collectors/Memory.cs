using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>Memory and swap, from /proc/meminfo: every field as it is, and a breakdown that adds up.</summary>
internal sealed class Memory : ICollector
{
    private readonly CollectorContext _context;
    private readonly ProcFile _meminfo;
    private readonly NameTable<Field> _fields;
    private readonly long[] _roles = new long[Enum.GetValues<Role>().Length];
    private readonly SeriesCell _limit;
    private readonly SeriesCell _available;
    private readonly SeriesCell _used;
    private readonly SeriesCell _shared;
    private readonly SeriesCell _kernel;
    private readonly SeriesCell _cached;
    private readonly SeriesCell _free;
    private readonly SeriesCell _swapUsed;
    private readonly SeriesCell _swapFree;

    public Memory(CollectorContext context)
    {
        _context = context;
        _meminfo = context.OpenProc("meminfo", ReadShape.Whole);
        var builder = context.Builder;
        _fields = new(name => new Field(builder.Define(Metrics.MemoryInfo, name), RoleOf(name)));
        _limit = builder.Define(Metrics.MemoryLimit);
        _available = builder.Define(Metrics.MemoryAvailable);
        _used = builder.Define(Metrics.MemoryUsage, "used");
        _shared = builder.Define(Metrics.MemoryUsage, "shared");
        _kernel = builder.Define(Metrics.MemoryUsage, "kernel");
        _cached = builder.Define(Metrics.MemoryUsage, "cached");
        _free = builder.Define(Metrics.MemoryUsage, "free");
        _swapUsed = builder.Define(Metrics.SwapUsage, "used");
        _swapFree = builder.Define(Metrics.SwapUsage, "free");
    }

    /// <summary>What a field is to the breakdown.</summary>
    internal enum Role
    {
        /// <summary>Nothing: it is only passed on.</summary>
        None,
        Total,
        Free,
        Available,
        Cached,
        Buffers,
        Shared,
        SlabReclaimable,
        SlabUnreclaimable,
        KernelStack,
        PageTables,
        SecondaryPageTables,
        PerCpu,
        SwapTotal,
        SwapFree,
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        var read = _meminfo.Read(_context.Buffer);
        if (!read.IsOk)
        {
            return _meminfo.Failure(read);
        }

        Array.Fill(_roles, Frame.Absent);
        var badLine = _context.Buffer.Length == 0 ? 1 : 0;
        _fields.Begin();
        var lines = new Lines(_context.Buffer.Content);
        while (lines.Next(out var line))
        {
            if (lines.IsCut || !ParseLine(line, out var name, out var bytes))
            {
                badLine = badLine == 0 ? lines.Number : badLine;
            }
            else if (_fields.See(name, out var field))
            {
                field.Cell.Set(bytes);
                _roles[(int)field.Role] = bytes;
            }
        }

        _fields.End();
        SetMemory();
        SetSwap();
        return _meminfo.Understood(badLine);
    }

    /// <summary>Reads a line of /proc/meminfo.</summary>
    /// <remarks>
    /// Documentation/filesystems/proc.rst, "meminfo". What kB names are units of 1,024 bytes; lines without a unit are
    /// numbers of pages of their own size:
    /// <code>
    /// MemTotal:       24684084 kB
    /// Active(anon):       1540 kB
    /// HugePages_Total:       0
    /// </code>
    /// </remarks>
    /// <param name="line">The line.</param>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">Bytes, or the number as it is where there is no unit.</param>
    internal static bool ParseLine(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out long value)
    {
        value = Frame.Absent;
        if (!Fields.KeyValue(line, out name, out var rest) || name.IsEmpty)
        {
            return false;
        }

        var words = new Words(rest);
        if (!words.NextRaw(out value))
        {
            return false;
        }

        if (words.Next(out var unit))
        {
            value = Fields.Times(value, 1024);
            return unit.SequenceEqual("kB"u8);
        }

        return true;
    }

    /// <summary>
    /// Parts memory into five that add up to the total exactly, whatever the kernel's fields say: they are counted at
    /// slightly different moments, and a stacked chart with a gap or an overlap is a lie. What a kernel does not count
    /// (PerCpu before 4.14, say) stays in <c>used</c>, which takes the remainder.
    /// </summary>
    /// <param name="roles">Values by <see cref="Role"/>, bytes.</param>
    /// <param name="parts">The parts, each at least 0.</param>
    /// <returns>False when a field is missing without which there is no breakdown.</returns>
    internal static bool TryPart(ReadOnlySpan<long> roles, out Parts parts)
    {
        parts = default;
        var total = roles[(int)Role.Total];
        var cachedFiles = roles[(int)Role.Cached];
        if (total == Frame.Absent || roles[(int)Role.Free] == Frame.Absent || cachedFiles == Frame.Absent)
        {
            return false;
        }

        var rest = total;
        var free = Take(ref rest, roles[(int)Role.Free]);
        var shared = Take(ref rest, Counted(roles, Role.Shared));

        // Cached contains Shmem: pages of tmpfs and shared memory live in the page cache and cannot be dropped.
        var cached = Take(ref rest, Math.Max(0, cachedFiles - shared))
            + Take(ref rest, Counted(roles, Role.Buffers)) + Take(ref rest, Counted(roles, Role.SlabReclaimable));
        var kernel = Take(ref rest, Counted(roles, Role.SlabUnreclaimable))
            + Take(ref rest, Counted(roles, Role.KernelStack)) + Take(ref rest, Counted(roles, Role.PageTables))
            + Take(ref rest, Counted(roles, Role.SecondaryPageTables)) + Take(ref rest, Counted(roles, Role.PerCpu));
        parts = new Parts(rest, shared, kernel, cached, free);
        return true;
    }

    private static long Counted(ReadOnlySpan<long> roles, Role role) => Math.Max(0, roles[(int)role]);

    private static long Take(ref long rest, long wanted)
    {
        var taken = Math.Min(rest, wanted);
        rest -= taken;
        return taken;
    }

    private static Role RoleOf(string name) => name switch
    {
        "MemTotal" => Role.Total,
        "MemFree" => Role.Free,
        "MemAvailable" => Role.Available,
        "Cached" => Role.Cached,
        "Buffers" => Role.Buffers,
        "Shmem" => Role.Shared,
        "SReclaimable" => Role.SlabReclaimable,
        "SUnreclaim" => Role.SlabUnreclaimable,
        "KernelStack" => Role.KernelStack,
        "PageTables" => Role.PageTables,
        "SecPageTables" => Role.SecondaryPageTables,
        "Percpu" => Role.PerCpu,
        "SwapTotal" => Role.SwapTotal,
        "SwapFree" => Role.SwapFree,
        _ => Role.None,
    };

    private void SetMemory()
    {
        _limit.Set(_roles[(int)Role.Total]);
        _available.Set(_roles[(int)Role.Available]);
        if (TryPart(_roles, out var parts))
        {
            _used.Set(parts.Used);
            _shared.Set(parts.Shared);
            _kernel.Set(parts.Kernel);
            _cached.Set(parts.Cached);
            _free.Set(parts.Free);
        }
    }

    private void SetSwap()
    {
        var total = _roles[(int)Role.SwapTotal];
        var free = _roles[(int)Role.SwapFree];
        if (total != Frame.Absent && free != Frame.Absent)
        {
            _swapUsed.Set(Math.Max(0, total - free));
            _swapFree.Set(free);
        }
    }

    /// <summary>A partition of the memory the kernel manages, bytes.</summary>
    internal readonly record struct Parts(long Used, long Shared, long Kernel, long Cached, long Free);

    private sealed record Field(SeriesCell Cell, Role Role);
}
