using System.Text;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Memory of each NUMA node and how often it had to be taken from another one, from /sys/devices/system/node. On a
/// machine with one node it would be the memory of the machine once more.
/// </summary>
internal sealed class Numa : ICollector
{
    private static readonly CollectResult NotHere = CollectResult.Unavailable("The kernel has no NUMA nodes here.");

    private static readonly CollectResult OnlyOne = CollectResult.Unavailable(
        "This machine has one NUMA node: its memory is the machine's.");

    /// <summary>What is shown of a node's meminfo.</summary>
    private static readonly string[] Shown =
        ["MemTotal", "MemFree", "MemUsed", "FilePages", "AnonPages", "Shmem", "Slab"];

    /// <summary>A node comes with a memory board: not something to look for in every tick.</summary>
    private const int CountEveryTicks = 60;

    private readonly CollectorContext _context;
    private readonly SysFolder _folder;
    private readonly NameTable<Node> _nodes;
    private readonly Action<Node> _read;
    private CollectResult _result;
    private long _ticks;

    public Numa(CollectorContext context)
    {
        _context = context;
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/devices/system/node");
        _nodes = new(name => new Node(context, $"{_folder.Path}/{name}", name["node".Length..]));
        _read = Read;
    }

    /// <inheritdoc/>
    public string Name => "numa";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        if (!_folder.Exists)
        {
            return NotHere;
        }

        if (_nodes.Count < 2 && (_ticks++ % CountEveryTicks != 0 || !HasTwo()))
        {
            return _nodes.Count == 1 ? OnlyOne : NotHere;
        }

        _result = CollectResult.Ok;
        return _folder.Visit("node"u8, _nodes, _read).IsOk ? _result : NotHere;
    }

    /// <summary>Reads a line of a node's meminfo.</summary>
    /// <remarks>
    /// drivers/base/node.c, node_read_meminfo:
    /// <code>
    /// Node 0 MemTotal:       32653528 kB
    /// Node 0 HugePages_Total:     0
    /// </code>
    /// </remarks>
    /// <param name="line">The line.</param>
    /// <param name="name">The kernel's name.</param>
    /// <param name="value">Bytes, or a number where the kernel gives no unit.</param>
    internal static bool ParseMeminfo(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out long value)
    {
        name = default;
        value = Frame.Absent;
        var words = new Words(line);
        if (!words.Skip(2) || !Fields.KeyValue(words.Rest, out name, out var rest))
        {
            return false;
        }

        var numbers = new Words(rest);
        if (!numbers.NextRaw(out value))
        {
            return false;
        }

        value = numbers.Next(out var unit) && unit.SequenceEqual("kB"u8) ? Fields.Times(value, 1024) : value;
        return true;
    }

    /// <summary>Reads a line of a node's numastat.</summary>
    /// <remarks>
    /// Documentation/admin-guide/numastat.rst, in pages:
    /// <code>
    /// numa_hit 76557759
    /// numa_miss 0
    /// </code>
    /// </remarks>
    internal static bool ParseNumastat(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out long value)
    {
        value = Frame.Absent;
        var words = new Words(line);
        return words.Next(out name) && words.NextRaw(out value);
    }

    private bool HasTwo()
    {
        _ = _folder.Visit("node"u8, _nodes, static _ => { });
        return _nodes.Count >= 2;
    }

    private void Read(Node node)
    {
        var result = node.Read(_context.Buffer);
        _result = _result.Status == CollectStatus.Ok ? result : _result;
    }

    private sealed class Node
    {
        private readonly ProcFile _meminfo;
        private readonly ProcFile _numastat;
        private readonly NameTable<SeriesCell> _allocations;
        private readonly Dictionary<byte[], SeriesCell> _memory = new(NameComparer.Instance);

        public Node(CollectorContext context, string folder, string id)
        {
            _meminfo = context.Keep(new ProcFile(context.Files, $"{folder}/meminfo", ReadShape.Whole));
            _numastat = context.Keep(new ProcFile(context.Files, $"{folder}/numastat", ReadShape.Whole));
            _allocations = new(name => context.Builder.Define(Metrics.NumaAllocations, id, name));
            foreach (var name in Shown)
            {
                _memory.Add(
                    Encoding.ASCII.GetBytes(name), context.Builder.Define(Metrics.NumaMemory, id, name));
            }
        }

        public CollectResult Read(ReadBuffer buffer)
        {
            var read = _meminfo.Read(buffer);
            var memory = read.IsOk ? _meminfo.Understood(TakeMeminfo(buffer.Content)) : _meminfo.Failure(read);
            read = _numastat.Read(buffer);
            var pages = read.IsOk ? _numastat.Understood(TakeNumastat(buffer.Content)) : _numastat.Failure(read);
            return memory.Status == CollectStatus.Ok ? pages : memory;
        }

        private int TakeMeminfo(ReadOnlySpan<byte> text)
        {
            var badLine = text.IsEmpty ? 1 : 0;
            var cells = _memory.GetAlternateLookup<ReadOnlySpan<byte>>();
            var lines = new Lines(text);
            while (lines.Next(out var line))
            {
                if (lines.IsCut || !ParseMeminfo(line, out var name, out var value))
                {
                    badLine = badLine == 0 ? lines.Number : badLine;
                }
                else if (cells.TryGetValue(name, out var cell))
                {
                    cell.Set(value);
                }
            }

            return badLine;
        }

        private int TakeNumastat(ReadOnlySpan<byte> text)
        {
            var badLine = text.IsEmpty ? 1 : 0;
            _allocations.Begin();
            var lines = new Lines(text);
            while (lines.Next(out var line))
            {
                if (lines.IsCut || !ParseNumastat(line, out var name, out var value))
                {
                    badLine = badLine == 0 ? lines.Number : badLine;
                }
                else if (_allocations.See(name, out var cell))
                {
                    cell.Set(value);
                }
            }

            _allocations.End();
            return badLine;
        }
    }
}
