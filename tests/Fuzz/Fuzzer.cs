using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hostscope.Fuzz.Tests;

/// <summary>
/// Feeds a target for as long as it may take, watches each run, and keeps the input that was too much for it.
/// </summary>
internal static class Fuzzer
{
    /// <summary>Longest run of one input. What takes longer is run three times: a busy machine is no bug.</summary>
    public static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1);

    /// <summary>Most that one run may allocate, bytes.</summary>
    public const long MostAllocated = 16L << 20;

    private const int Repetitions = 3;

    /// <summary>A run that has not ended by then never will.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Time for each target: HOSTSCOPE_FUZZ_SECONDS, or as much as a gate of minutes has.</summary>
    public static TimeSpan Budget { get; } = TimeSpan.FromSeconds(double.Parse(
        Environment.GetEnvironmentVariable("HOSTSCOPE_FUZZ_SECONDS") ?? "10", CultureInfo.InvariantCulture));

    /// <summary>Where the kept inputs are.</summary>
    public static string Corpus { get; } = Path.Combine(FindRoot(), "tests", "fixtures", "fuzz");

    /// <summary>Seed of this run: HOSTSCOPE_FUZZ_SEED, or another each time.</summary>
    public static int Seed { get; } = int.TryParse(
        Environment.GetEnvironmentVariable("HOSTSCOPE_FUZZ_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed
        : RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>The inputs that were once too much for a target.</summary>
    public static IEnumerable<string> Kept(string target)
    {
        var folder = Path.Combine(Corpus, target);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>Mutates until the time is over; fails with the first input that is too much.</summary>
    public static void Fuzz(Target target)
    {
        try
        {
            FuzzOpen(target);
        }
        finally
        {
            target.Close();
        }
    }

    /// <summary>Feeds one input; what was wrong, or <c>null</c>.</summary>
    private static string? Check(Target target, byte[] input)
    {
        var (took, allocated) = (TimeSpan.MaxValue, long.MaxValue);
        for (var i = 0; i < Repetitions && (took > LongestRun || allocated > MostAllocated); i++)
        {
            var before = target is INetworkTarget
                ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();
            var began = Stopwatch.GetTimestamp();
            try
            {
                target.Run(input);
            }
            catch (Exception exception)
            {
                return exception.ToString();
            }

            var after = target is INetworkTarget
                ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();
            took = TimeSpan.FromTicks(Math.Min(took.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
            allocated = Math.Min(allocated, after - before);
        }

        return took > LongestRun ? $"It took {took.TotalSeconds:F1} s."
            : allocated > MostAllocated ? $"It allocated {allocated >> 20} MiB."
            : null;
    }

    private static void FuzzOpen(Target target)
    {
        byte[][] seeds = [.. target.Seeds, .. Kept(target.Name).Select(File.ReadAllBytes)];
        Assert.NotEmpty(seeds);
        var mutator = new Mutator(Seed, seeds, target);
        byte[] current = [];
        string? failure = null;
        long runs = 0;
        var began = Stopwatch.GetTimestamp();
        var thread = new Thread(() =>
        {
            foreach (var seed in seeds)
            {
                current = seed;
                failure ??= Check(target, seed);
            }

            while (failure is null && Stopwatch.GetElapsedTime(began) < Budget)
            {
                current = mutator.Next();
                failure = Check(target, current);
                runs++;
            }
        });
        thread.IsBackground = true;
        thread.Start();
        if (!thread.Join(Budget + Patience))
        {
            failure = "it never ends";
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{target.Name}: {runs} inputs, seed {Seed}");
        if (failure is not null)
        {
            Assert.Fail($"{failure}\n{Keep(target.Name, current)}");
        }
    }

    private static string Keep(string target, byte[] input)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(input))[..12];
        var folder = Path.Combine(FindRoot(), "artifacts", "fuzz", target);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, name), input);
        var begin = Encoding.Latin1.GetString(input[..Math.Min(200, input.Length)]);
        return $"The input ({input.Length} bytes, seed {Seed}) is artifacts/fuzz/{target}/{name}; once it is mended, "
            + $"keep it as tests/fixtures/fuzz/{target}/{name}. It begins: {begin}";
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hostscope.slnx")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException("The tests must run from a build below the repository.");
        }

        return folder;
    }
}

/// <summary>A target that works on other threads than the one that feeds it.</summary>
internal interface INetworkTarget;
