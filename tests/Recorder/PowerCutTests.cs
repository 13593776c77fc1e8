using System.Globalization;
using System.Text;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// P-02. Goal: whatever a power cut leaves, the store opens, everything that was acknowledged is there, and of the rest
/// a prefix or nothing. Method: a recording process writes down every write, sync, rename and deletion; from that list
/// states of the disk are made: everything synced, and of what was not a random part, in sectors.
/// HOSTSCOPE_CRASH_STATES sets how many.
/// </summary>
public sealed class PowerCutTests
{
    private const int Seed = 4711;

    /// <summary>What closing the old tail, making the new one and the first ticks in it take.</summary>
    private const int OperationsOfNewTail = 160;

    private static readonly int States = int.Parse(
        Environment.GetEnvironmentVariable("HOSTSCOPE_CRASH_STATES") ?? "150", CultureInfo.InvariantCulture);

    /// <summary>After a failure they wait in memory for 10 s; the machine's seconds are not all whole ones.</summary>
    private const int TicksUntilRetry = 11;

    [Fact]
    public void Every_state_a_power_cut_may_leave_opens_with_all_that_was_acknowledged()
    {
        using var files = new StoreHarness(1);
        var operations = Record(files);
        Assert.True(operations.Count > 2_000, $"only {operations.Count} operations were recorded");
        var random = new Random(1);
        CutAndVerify(
            files, operations, Enumerable.Range(0, States).Select(_ => random.Next(operations.Count)), random);
    }

    [Fact]
    public void A_sync_that_fails_where_the_log_is_moved_into_the_tail_is_seen_before_anything_is_acknowledged()
    {
        using var files = new StoreHarness(1);
        var counted = Record(files).Where(operation => operation.Kind is not ('o' or 'a')).ToList();
        var syncs = counted.Select((operation, i) => (operation.Kind, operation.Name, At: i))
            .Where(item => item.Kind == 's' && item.Name.StartsWith("tail.db", StringComparison.Ordinal)).ToList();
        var moved = syncs.FindIndex(item => item.Name == "tail.db" && item.At > counted.Count / 4);
        Assert.InRange(syncs[moved].At, 0, counted.Count * 3 / 4);
        var random = new Random(2);
        foreach (var (_, name, at) in syncs[(moved - 2)..(moved + 2)])
        {
            var operations = Record(files, ("FAIL_FROM", $"{at}"));
            var failed = operations.FindIndex(operation => operation.Kind == 'e');
            Assert.Equal(name, operations[failed].Name);
            CutAndVerify(
                files, operations,
                Enumerable.Range(0, States / 4).Select(_ => failed + random.Next(OperationsOfNewTail)), random,
                $", call {at}, a sync of {name}, having failed", TicksUntilRetry + 1);
        }
    }

    private static void CutAndVerify(
        StoreHarness files, List<Operation> operations, IEnumerable<int> points, Random random, string what = "",
        int beingWritten = 1)
    {
        var disk = new RecordedDisk();
        var next = 0;
        foreach (var point in points.Order().ToList())
        {
            while (next < point)
            {
                disk.Apply(operations[next++]);
            }

            var state = files.NewDirectory();
            disk.CutPower(state, random);
            CrashChild.Verify(state, Seed, run: 1, disk.Acknowledged, $"power cut at operation {point}{what}",
                beingWritten);
            Directory.Delete(state, recursive: true);
            Directory.CreateDirectory(state);
        }
    }

    private static List<Operation> Record(StoreHarness files, params (string Name, string Value)[] environment)
    {
        var (directory, tools) = (files.NewDirectory(), files.NewDirectory());
        var (library, log) = (CrashChild.CompileLibrary(tools), Path.Combine(tools, "log"));
        using var child = CrashChild.Start(
            directory, Seed, 700,
            [("LD_PRELOAD", library), ("RECORD_DIR", directory), ("RECORD_LOG", log), .. environment]);
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.Equal(0, child.ExitCode);
        return RecordedDisk.Read(log);
    }

    private sealed record Operation(char Kind, string Name, long At, byte[] Content);

    /// <summary>What a disk certainly has, and what it may have.</summary>
    private sealed class RecordedDisk
    {
        private const int SectorBytes = 512;

        private readonly Dictionary<string, Content> _files = [];
        private readonly Dictionary<string, Content> _certain = [];
        private readonly List<Operation> _names = [];

        public int Acknowledged { get; private set; }

        public static List<Operation> Read(string log)
        {
            using var reader = new BinaryReader(File.OpenRead(log));
            var operations = new List<Operation>();
            while (reader.BaseStream.Position < reader.BaseStream.Length)
            {
                var kind = (char)reader.ReadByte();
                var name = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadUInt16()));
                var at = reader.ReadInt64();
                operations.Add(new Operation(kind, name, at, reader.ReadBytes(reader.ReadInt32())));
            }

            return operations;
        }

        public void Apply(Operation operation)
        {
            switch (operation.Kind)
            {
                case 'a':
                    var last = Encoding.ASCII.GetString(operation.Content).TrimEnd('\n').Split('\n')[^1].Split(' ');
                    Acknowledged = last[0] == "kept"
                        ? int.Parse(last[1], CultureInfo.InvariantCulture) : Acknowledged;
                    break;
                case 'o' when operation.Name.Length > 0 && _files.TryAdd(operation.Name, new Content()):
                case 'u' when _files.Remove(operation.Name):
                    _names.Add(operation with { Content = [] });
                    if (operation.Kind == 'o')
                    {
                        _made[_names.Count - 1] = _files[operation.Name];
                    }

                    break;
                case 'r':
                    var names = operation.Name.Split('\0');
                    _files[names[1]] = _files[names[0]];
                    _files.Remove(names[0]);
                    _names.Add(operation);
                    break;
                case 'd':
                    ApplyNames(_certain, _names.Count);
                    _names.Clear();
                    _made.Clear();
                    break;
                case 'w' or 't' or 's' or 'e' when _files.TryGetValue(operation.Name, out var file):
                    file.Apply(operation);
                    break;
                default:
                    break;
            }
        }

        private readonly Dictionary<int, Content> _made = [];

        /// <summary>Makes one of the states that the disk may be in.</summary>
        public void CutPower(string directory, Random random)
        {
            // Names change in order, but the last ones may not have reached the disk.
            var files = new Dictionary<string, Content>(_certain);
            ApplyNames(files, random.Next(_names.Count + 1));
            foreach (var (name, content) in files)
            {
                File.WriteAllBytes(Path.Combine(directory, name), content.AfterCut(random));
            }
        }

        private void ApplyNames(Dictionary<string, Content> files, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var operation = _names[i];
                switch (operation.Kind)
                {
                    case 'o':
                        files[operation.Name] = _made[i];
                        break;
                    case 'u':
                        files.Remove(operation.Name);
                        break;
                    default:
                        var names = operation.Name.Split('\0');
                        if (files.Remove(names[0], out var moved))
                        {
                            files[names[1]] = moved;
                        }

                        break;
                }
            }
        }

        private sealed class Content
        {
            private readonly List<Operation> _open = [];
            private byte[] _synced = [];

            public void Apply(Operation operation)
            {
                if (operation.Kind is not ('s' or 'e'))
                {
                    _open.Add(operation);
                    return;
                }

                foreach (var item in operation.Kind == 's' ? _open : [])
                {
                    Write(ref _synced, item, _ => true);
                }

                // After a sync that failed the kernel takes the pages for written: no later one writes them.
                _open.Clear();
            }

            /// <summary>Everything synced, and of the rest nothing, all, a prefix, or sectors by chance.</summary>
            public byte[] AfterCut(Random random)
            {
                var bytes = _synced.ToArray();
                var (mode, count) = (random.Next(4), random.Next(_open.Count + 1));
                for (var i = 0; i < _open.Count; i++)
                {
                    var isWhole = mode == 1 || (mode == 2 && i < count);
                    if (isWhole || mode == 3)
                    {
                        Write(ref bytes, _open[i], _ => isWhole || random.Next(2) == 0);
                    }
                }

                return bytes;
            }

            private static void Write(ref byte[] bytes, Operation operation, Func<int, bool> hasSector)
            {
                if (operation.Kind == 't')
                {
                    if (hasSector(0))
                    {
                        Array.Resize(ref bytes, (int)operation.At);
                    }

                    return;
                }

                for (var i = 0; i < operation.Content.Length; i += SectorBytes)
                {
                    if (hasSector(i))
                    {
                        var count = Math.Min(SectorBytes, operation.Content.Length - i);
                        var end = (int)operation.At + i + count;
                        if (bytes.Length < end)
                        {
                            Array.Resize(ref bytes, end);
                        }

                        operation.Content.AsSpan(i, count).CopyTo(bytes.AsSpan((int)operation.At + i));
                    }
                }
            }
        }
    }
}
