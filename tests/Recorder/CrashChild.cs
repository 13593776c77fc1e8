using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hostscope.Model;
using Hostscope.Recorder.Past;
using Hostscope.Recorder.Store;

namespace Hostscope.Recorder.Tests;

/// <summary>
/// A process that records a simulated machine as fast as it can and says after each tick that it is kept; made to be
/// killed. It is this test program itself, started with a variable.
/// </summary>
internal static class CrashChild
{
    private const string Variable = "HOSTSCOPE_TEST_CRASH_CHILD";

    /// <summary>When set, the disk is filled to its last byte at one tick and the room given back at another.</summary>
    public const string FillVariable = "HOSTSCOPE_TEST_FILL_DISK";

    public const int FillAtTick = 250;
    public const int FreeAtTick = 450;

    /// <summary>Starts the process.</summary>
    /// <param name="directory">Directory of the store.</param>
    /// <param name="seed">Seed of the machine.</param>
    /// <param name="ticks">Ticks until it ends by itself.</param>
    /// <param name="environment">More variables.</param>
    public static Process Start(
        string directory, int seed, int ticks, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        start.Environment[Variable] = Task(directory, seed, ticks);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Start(start);
    }

    /// <summary>Starts the process within a shell command, which finds its program in $0.</summary>
    public static Process StartInShell(string command, string directory, int seed, int ticks)
    {
        var start = new ProcessStartInfo("unshare", ["-rm", "sh", "-c", command, Environment.ProcessPath!, directory]);
        start.Environment[Variable] = Task(directory, seed, ticks);
        start.Environment[FillVariable] = "1";
        return Start(start);
    }

    /// <summary>Compiles the library that is preloaded into the process to record its writes or to fail them.</summary>
    public static string CompileLibrary(string directory)
    {
        var library = Path.Combine(directory, "record-writes.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Native", "record-writes.c");
        using var compiler = Process.Start(
            new ProcessStartInfo("cc", ["-O1", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"]))!;
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return library;
    }

    /// <summary>The options that parent and child open a store with.</summary>
    public static RecorderOptions Options(string directory) =>
        new() { Directory = directory, BudgetBytes = 1L << 30, FreeFloorBytes = 0 };

    /// <summary>
    /// Opens the store and compares the ticks of its newest run with the machine's: they are the first ones, exactly,
    /// at least as many as were acknowledged, and at most those that were being written.
    /// </summary>
    public static void Verify(
        string directory, int seed, long run, int acknowledged, string what, int beingWritten = 1)
    {
        using var past = new StorePast(directory);
        var index = new BlockIndex(past);
        var host = Machine(seed);
        var found = 0;
        foreach (var header in index.Headers(Codec.Tier.Second).Where(header => header.Run == run))
        {
            var frames = FrameReader.Of(index.Open(header));
            Assert.True(frames is not null, $"{what}: block {header.Number} cannot be read");
            for (var i = 0; i < frames.Times.Count; i++, found++)
            {
                var frame = host.Tick();
                Assert.Equal(frame.MonotonicNs, frames.Times[i].MonotonicNs);
                for (var s = 0; s < frames.Series.Length; s++)
                {
                    var slot = Oracle.SlotOf(frame, frames.Series[s].Key);
                    Assert.Equal(slot < 0 ? Frame.Absent : frame.Values[slot], frames.Value(s, i));
                }
            }
        }

        Assert.True(found >= acknowledged, $"{what}: {found} ticks are there, {acknowledged} were acknowledged");
        var made = acknowledged + beingWritten;
        Assert.True(found <= made, $"{what}: {found} ticks are there, only {made} were made");
    }

    [ModuleInitializer]
    internal static void RunWhenAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(';') is [var directory, var seed, var ticks])
        {
            Run(directory, Number(seed), Number(ticks));
            Environment.Exit(0);
        }
    }

    private static string Task(string directory, int seed, int ticks) =>
        string.Create(CultureInfo.InvariantCulture, $"{directory};{seed};{ticks}");

    private static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        return Process.Start(start)!;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static SimulatedHost Machine(int seed) => new(seed, processes: 8);

    private static void Run(string directory, int seed, int ticks)
    {
        // What is asked of the C library by name is found where everybody's calls are: in what was preloaded, if any.
        NativeLibrary.SetDllImportResolver(
            typeof(TickStore).Assembly, (name, _, _) => name == "libc" ? NativeLibrary.GetMainProgramHandle() : 0);
        using var store = new TickStore(new StoreDisk(directory), Options(directory));
        using var output = Console.OpenStandardOutput();
        var extra = new OverviewSeries();
        var values = Array.Empty<long>();
        var host = Machine(seed);
        Say(output, $"run {store.Run}");
        for (var i = 1; i <= ticks; i++)
        {
            FillDisk(directory, i);
            var frame = host.Tick();
            var view = new Codec.TickView
            {
                Sequence = frame.Sequence,
                UnixMs = frame.UnixMs,
                MonotonicNs = frame.MonotonicNs,
                Values = extra.Extend(frame, ref values),
                Processes = host.Processes,
                Cgroups = host.Cgroups,
            };
            store.Append(view, extra.Series, default);
            store.Flush();
            if (store.Fault is null)
            {
                Say(output, $"kept {i}");
            }
        }

        store.Close();
    }

    private static void FillDisk(string directory, int tick)
    {
        var filler = Path.Combine(directory, "filler");
        if (Environment.GetEnvironmentVariable(FillVariable) is null || (tick != FillAtTick && tick != FreeAtTick))
        {
            return;
        }

        if (tick == FreeAtTick)
        {
            File.Delete(filler);
            return;
        }

        try
        {
            using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full: as it should be.
        }
    }

    private static void Say(Stream output, string line) =>
        output.Write(System.Text.Encoding.ASCII.GetBytes(line + "\n"));

    private sealed class StorePast(string directory) : IPast, IDisposable
    {
        private readonly TickStore _store = new(new StoreDisk(directory), Options(directory));

        public StoreView View => _store.View;

        public ReaderPool? Readers => _store.Readers;

        public Bus.HistoryStatus Status() => new() { State = Bus.RecordingState.Recording };

        public void Dispose() => _store.Dispose();
    }
}
