using System.Globalization;
using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: the scan keeps files open where that pays and never starves the rest of the process, on machines of any size.
/// Method: a fake /proc with limits of descriptors, of 5,000 and of 50,000 processes.
/// </summary>
public sealed class ProcessDescriptorTests : IDisposable
{
    private readonly FakeProcesses _proc = new();
    private readonly CollectorContext _context;
    private readonly ProcessScanner _scanner;
    private readonly ProcessTable _table = new();

    public ProcessDescriptorTests()
    {
        _context = new CollectorContext(new HostRoots(), new FrameBuilder(), new FakeTimeProvider(), _proc);
        _scanner = new ProcessScanner(_context);
    }

    public void Dispose()
    {
        _scanner.Dispose();
        _context.Dispose();
        Assert.Equal(0, _proc.OpenCount);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(256, 0)]
    [InlineData(1024, 512)]
    [InlineData(4096, ProcessFiles.MaxKept)]
    [InlineData(1_048_576, ProcessFiles.MaxKept)]
    public void A_quarter_of_the_limit_and_256_always_stay_free(long limit, int bound) =>
        Assert.Equal(bound, ProcessFiles.BoundFor(limit));

    [Fact]
    public void Each_process_is_opened_once_and_read_again_through_its_descriptors()
    {
        Fill(100);
        Scan();
        Scan();
        _proc.Opened.Clear();
        Scan();
        Assert.Equal(200, _scanner.KeptDescriptors);
        Assert.DoesNotContain(_proc.Opened, path => path.EndsWith("/stat", StringComparison.Ordinal)
            || path.EndsWith("/io", StringComparison.Ordinal));
    }

    [Fact]
    public void Past_the_bound_processes_are_opened_each_time_and_are_all_there()
    {
        _proc.Limit = 1024;
        Fill(1000);
        Scan();
        Scan();
        Assert.Equal(1000, _table.Count);
        Assert.Equal(512, _scanner.KeptDescriptors);
        Assert.Equal(512, _proc.OpenCount);
        Assert.Equal(513, _proc.MostOpen);
    }

    [Fact]
    public void A_limit_that_is_lowered_meanwhile_is_respected_from_the_next_scan_on()
    {
        Fill(1000);
        Scan();
        Assert.Equal(2000, _scanner.KeptDescriptors);
        _proc.Limit = 400;
        Scan();
        Assert.Equal(1000, _table.Count);
        Assert.Equal(400 - 100 - ProcessFiles.Reserve, _scanner.KeptDescriptors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void When_descriptors_run_out_the_table_stays_whole_and_ours_are_given_back(int scansBefore)
    {
        Fill(500);
        for (var i = 0; i < scansBefore; i++)
        {
            Scan();
        }

        _proc.MaxOpen = scansBefore == 0 ? 300 : _proc.OpenCount;
        Fill(520);
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal(520, _table.Count);
        Assert.True(_scanner.KeptDescriptors < 520);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(CollectResult.Ok, Scan());
            Assert.Equal(520, _table.Count);
        }
    }

    [Fact]
    public void Ended_processes_give_their_descriptors_back_and_the_next_ones_keep_theirs()
    {
        _proc.Limit = 1024;
        Fill(1000);
        Scan();
        for (var pid = 1; pid <= 200; pid++)
        {
            _proc.Processes.Remove(pid);
        }

        Scan();
        Scan();
        Assert.Equal(800, _table.Count);
        Assert.Equal(512, _scanner.KeptDescriptors);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(50_000)]
    public void A_machine_of_many_processes_is_scanned_whole(int count)
    {
        Fill(count);
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal(count, _table.Count);
        Assert.Equal(ProcessFiles.MaxKept, _scanner.KeptDescriptors);
        var infos = _table.Rows.ToArray().Select(row => row.Info).ToList();
        Scan();
        Scan();
        Assert.Equal<object>(infos, _table.Rows.ToArray().Select(row => row.Info), ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public void A_storm_of_short_processes_on_few_ids_never_mixes_two_of_them()
    {
        var random = new Random(20261101);
        var start = 5_000L;
        for (var scan = 0; scan < 200; scan++)
        {
            for (var birth = 0; birth < 40; birth++)
            {
                var id = random.Next(1, 60);
                start++;
                _proc.Add(id, p =>
                {
                    p.StartTicks = start;
                    p.UserTicks = start;
                    p.CommandLine = [.. "x\0"u8, .. System.Text.Encoding.ASCII.GetBytes($"{start}\0")];
                });
                _proc.Processes.Remove(random.Next(1, 60));
            }

            Assert.Equal(CollectResult.Ok, Scan());
            Assert.Equal(_proc.Processes.Keys, _table.Rows.ToArray().Select(row => row.Info.Pid));
            Assert.All(_table.Rows.ToArray(), row =>
            {
                Assert.Equal(row.Info.StartTicks, row.UserTicks);
                Assert.Equal(row.Info.StartTicks.ToString(CultureInfo.InvariantCulture), row.Info.Arguments);
            });
        }
    }

    private void Fill(int count)
    {
        for (var pid = 1; pid <= count; pid++)
        {
            if (!_proc.Processes.ContainsKey(pid))
            {
                _proc.Add(pid);
            }
        }
    }

    private CollectResult Scan() => _scanner.Scan(_table);
}
