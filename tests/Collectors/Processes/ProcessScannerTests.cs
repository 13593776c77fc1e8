using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Time.Testing;

namespace Hostscope.Collectors.Tests.Processes;

/// <summary>
/// Goal: the table is the truth about a /proc in which everything changes while it is read, and costs no more files
/// than it must. Method: a /proc of the test's making, and what was opened in it.
/// </summary>
public sealed class ProcessScannerTests : IDisposable
{
    private readonly FakeProcesses _proc = new();
    private readonly CollectorContext _context;
    private readonly ProcessScanner _scanner;
    private readonly ProcessTable _table = new();

    public ProcessScannerTests()
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

    [Fact]
    public void A_row_has_what_the_files_say()
    {
        _proc.Add(42, p =>
        {
            (p.UserTicks, p.SystemTicks, p.Threads, p.ReadBytes, p.State) = (12, 3, 4, 8192, "D");
            p.CommandLine = "/usr/bin/worker\0--password=geheim\0"u8.ToArray();
        });
        Assert.Equal(CollectResult.Ok, Scan());

        var row = Row(42);
        Assert.Equal(("worker", "--password=***", 1000, "anna"),
            (row.Info.Name, row.Info.Arguments, row.Info.UserId, row.Info.User));
        Assert.Equal("/system.slice/worker.service", row.Info.Cgroup);
        Assert.Equal((1000L, 1), (row.Info.StartTicks, row.Info.ParentPid));
        Assert.Equal((12, 3, 4, 8192, 7), (row.UserTicks, row.SystemTicks, row.Threads, row.ReadBytes, row.WriteBytes));
        Assert.Equal(('D', 0, 20, 2), (row.State, row.Nice, row.Priority, row.MajorFaults));
        Assert.Equal(931L * Environment.SystemPageSize, row.RssBytes);
    }

    [Fact]
    public void A_counter_that_flickers_to_0_is_absent_once_and_no_spike_when_it_is_back()
    {
        var process = _proc.Add(42, p => (p.UserTicks, p.SystemTicks, p.ReadBytes) = (360_000, 3, 1L << 40));
        (long User, long System, long Read)[] said = [(360_000, 3, 1L << 40), (0, 0, 0), (360_010, 4, 1L << 40)];
        var rates = new List<ProcessRates>();
        ProcessTable? before = null;
        foreach (var (user, system, read) in said)
        {
            (process.UserTicks, process.SystemTicks, process.ReadBytes) = (user, system, read);
            Scan();
            var now = new ProcessTable();
            now.CopyFrom(_table);
            now.MonotonicNs = (before?.MonotonicNs ?? 0) + 1_000_000_000;
            var ofScan = new ProcessRates[now.Count];
            DeriveProcesses.Rates(before, now, ofScan);
            rates.AddRange(ofScan);
            before = now;
        }

        Assert.All(rates, rate => Assert.True(double.IsNaN(rate.Cpu) && double.IsNaN(rate.ReadBytes), $"{rate}"));
        Assert.Equal((360_010, 4, 1L << 40), (Row(42).UserTicks, Row(42).SystemTicks, Row(42).ReadBytes));

        // Whoever says 0 twice means it.
        (process.UserTicks, process.SystemTicks) = (0, 0);
        Scan();
        Assert.Equal((Frame.Absent, Frame.Absent), (Row(42).UserTicks, Row(42).SystemTicks));
        Scan();
        Assert.Equal((0, 0), (Row(42).UserTicks, Row(42).SystemTicks));
    }

    [Fact]
    public void What_has_not_changed_is_the_same_object_and_its_files_are_not_read_again()
    {
        _proc.Add(42);
        Scan();
        var info = Row(42).Info;
        Scan();
        _proc.Opened.Clear();
        for (var i = 0; i < 25; i++)
        {
            Scan();
        }

        Assert.Same(info, Row(42).Info);
        string[] lookedAtOnce = ["42/cgroup", "42/statm"];
        Assert.Subset(lookedAtOnce.ToHashSet(), _proc.Opened.ToHashSet());
        Assert.True(_proc.Opened.Count <= 2);
    }

    [Fact]
    public void User_and_cgroup_are_looked_at_again_at_once_and_then_each_thirty_scans()
    {
        var process = _proc.Add(42, p => p.UserId = 0);
        Scan();
        (process.UserId, process.Cgroup) = (1000, "0::/user.slice\n");
        Scan();
        Assert.Equal(("anna", "/user.slice"), (Row(42).Info.User, Row(42).Info.Cgroup));

        process.Cgroup = "0::/elsewhere.slice\n";
        var scans = 0;
        do
        {
            Scan();
            scans++;
        }
        while (Row(42).Info.Cgroup != "/elsewhere.slice");
        Assert.InRange(scans, 1, ProcessFacts.CheckEveryTicks);
    }

    [Fact]
    public void Resident_memory_is_corrected_by_what_stat_leaves_out()
    {
        var process = _proc.Add(42, p => p.ResidentPages = 1000);
        Scan();
        Assert.Equal(931L * Environment.SystemPageSize, Row(42).RssBytes);
        Scan();
        Assert.Equal(1000L * Environment.SystemPageSize, Row(42).RssBytes);
        process.ResidentPages = 0;
        for (var i = 0; i < ProcessFacts.CheckEveryTicks; i++)
        {
            Scan();
        }

        Assert.Equal(0, Row(42).RssBytes);
    }

    [Fact]
    public void A_process_that_runs_another_program_is_read_anew()
    {
        var process = _proc.Add(42, p => p.Flags = 0x40);
        Scan();
        (process.Flags, process.CommandLine) = (0, "worker\0--serve\0"u8.ToArray());
        Scan();
        Assert.Equal("--serve", Row(42).Info.Arguments);

        (process.Name, process.CommandLine) = ("other"u8.ToArray(), "other\0-x\0"u8.ToArray());
        Scan();
        Assert.Equal(("other", "-x"), (Row(42).Info.Name, Row(42).Info.Arguments));
    }

    [Fact]
    public void A_process_that_loses_its_parent_gets_its_new_one()
    {
        var process = _proc.Add(42, p => p.ParentPid = 41);
        Scan();
        var before = Row(42).Info;
        process.ParentPid = 1;
        Scan();
        Assert.Equal(before with { ParentPid = 1 }, Row(42).Info);
    }

    [Fact]
    public void A_process_id_that_is_given_again_is_another_process()
    {
        _proc.Add(42, p => (p.UserTicks, p.ReadBytes) = (500, 5));
        Scan();
        Scan();
        _proc.Add(42, p =>
        {
            (p.StartTicks, p.Name, p.UserTicks) = (2000, "newcomer"u8.ToArray(), 1);
            p.CommandLine = "newcomer\0-a\0"u8.ToArray();
        });
        Scan();
        var row = Row(42);
        Assert.Equal((2000L, "newcomer", "-a"), (row.Info.StartTicks, row.Info.Name, row.Info.Arguments));
        Assert.Equal(1, row.UserTicks);
        Assert.Equal(2, _scanner.KeptDescriptors);
    }

    [Fact]
    public void A_process_id_that_is_given_again_is_another_process_also_when_nothing_is_kept_open()
    {
        _proc.Limit = 0;
        _proc.Add(42);
        Scan();
        _proc.Add(42, p => (p.StartTicks, p.Name) = (2000, "newcomer"u8.ToArray()));
        Scan();
        Assert.Equal((2000L, "newcomer"), (Row(42).Info.StartTicks, Row(42).Info.Name));
        Assert.Equal(0, _scanner.KeptDescriptors);
    }

    [Fact]
    public void A_process_that_ends_between_the_listing_and_the_reading_is_not_in_the_table()
    {
        _proc.Add(42);
        _proc.Add(43);
        _proc.AfterListing = () => _proc.Processes.Remove(43);
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal([42], Pids());
    }

    [Fact]
    public void A_known_process_that_ends_between_the_listing_and_the_reading_leaves_no_descriptor()
    {
        _proc.Add(42);
        _proc.Add(43);
        Scan();
        _proc.AfterListing = () => _proc.Processes.Remove(43);
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal([42], Pids());
        Assert.Equal(2, _proc.OpenCount);
    }

    [Fact]
    public void Processes_that_start_while_the_directory_is_listed_are_each_listed_at_most_once()
    {
        for (var pid = 1; pid <= 100; pid++)
        {
            _proc.Add(pid);
        }

        _proc.ListChunk = 7;
        var next = 1000;
        _proc.DuringListing = () => _proc.Add(next++);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(CollectResult.Ok, Scan());
            Assert.Equal(Pids().Distinct().Order(), Pids());
        }
    }

    [Fact]
    public void A_directory_in_any_order_gives_a_table_in_the_order_of_process_ids()
    {
        _proc.ListsInOrder = false;
        for (var pid = 1; pid <= 300; pid += 3)
        {
            _proc.Add(pid);
        }

        Scan();
        Assert.Equal(_proc.Processes.Keys, Pids());
    }

    [Fact]
    public void An_io_that_is_refused_is_absent_counted_and_not_asked_for_again_for_a_while()
    {
        var process = _proc.Add(42, p => p.IoError = Errno.Access);
        Scan();
        Assert.Equal((Frame.Absent, Frame.Absent), (Row(42).ReadBytes, Row(42).WriteBytes));
        process.IoError = 0;
        _proc.Opened.Clear();
        for (var i = 1; i < ProcessScanner.RetryIoAfterTicks; i++)
        {
            Scan();
            Assert.Equal(1, _scanner.IoDenied);
        }

        Assert.DoesNotContain("42/io", _proc.Opened);
        Scan();
        Assert.Equal((0, 7), (Row(42).ReadBytes, Row(42).WriteBytes));
        Assert.Equal(0, _scanner.IoDenied);
    }

    [Fact]
    public void A_stat_that_is_cut_costs_its_row_and_is_named()
    {
        var process = _proc.Add(42);
        _proc.Add(43);
        Scan();
        process.Stat = FakeProcesses.StatOf(42, process)[..20];
        var result = Scan();
        Assert.Equal(CollectStatus.Failed, result.Status);
        Assert.Contains("/proc/42/stat", result.Reason, StringComparison.Ordinal);
        Assert.Equal([43], Pids());

        process.Stat = null;
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal([42, 43], Pids());
    }

    [Theory]
    [InlineData(Errno.InputOutput, CollectStatus.Failed, 0)]
    [InlineData(Errno.Access, CollectStatus.Ok, 1)]
    [InlineData(Errno.NotPermitted, CollectStatus.Ok, 1)]
    public void A_stat_that_cannot_be_read_costs_its_row(int error, CollectStatus status, int denied)
    {
        _proc.Add(42, p => p.StatError = error);
        _proc.Add(43);
        Assert.Equal(status, Scan().Status);
        Assert.Equal([43], Pids());
        Assert.Equal(denied, _scanner.Denied);
    }

    [Fact]
    public void An_io_that_is_cut_costs_its_two_values()
    {
        _proc.Add(42, p => p.Io = "read_bytes: 12"u8.ToArray());
        Assert.Contains("/proc/42/io", Scan().Reason, StringComparison.Ordinal);
        Assert.Equal((Frame.Absent, 931L * Environment.SystemPageSize), (Row(42).ReadBytes, Row(42).RssBytes));
    }

    [Fact]
    public void A_proc_that_cannot_be_listed_gives_no_rows_and_says_why()
    {
        _proc.Add(42);
        Scan();
        _scanner.Forget();
        _proc.ListError = Errno.Access;
        var result = Scan();
        Assert.Equal(CollectStatus.Unavailable, result.Status);
        Assert.Contains("/proc", result.Reason, StringComparison.Ordinal);
        Assert.Equal(0, _table.Count);

        _proc.ListError = 0;
        Assert.Equal(CollectResult.Ok, Scan());
        Assert.Equal([42], Pids());
    }

    [Fact]
    public void Neither_environment_nor_anything_unforeseen_is_ever_opened()
    {
        _proc.Add(1, p => p.Flags = 0x200000);
        _proc.Add(42);
        for (var i = 0; i < 100; i++)
        {
            Scan();
        }

        string[] files = ["/stat", "/io", "/cmdline", "/cgroup", "/status", "/statm"];
        Assert.DoesNotContain(_proc.Opened, path => path.Contains("environ", StringComparison.Ordinal));
        Assert.All(_proc.Opened.Where(path => path is not ("/proc" or "/etc/passwd")),
            path => Assert.Contains(path[path.IndexOf('/', StringComparison.Ordinal)..], files));
    }

    [Fact]
    public void A_thread_of_the_kernel_has_no_arguments_and_is_not_asked_for_any()
    {
        _proc.Add(2, p => (p.Flags, p.Name) = (0x200000, "kthreadd"u8.ToArray()));
        Scan();
        Assert.Equal((true, ""), (Row(2).Info.IsKernelThread, Row(2).Info.Arguments));
        Assert.DoesNotContain("2/cmdline", _proc.Opened);
    }

    [Fact]
    public void Without_arguments_no_command_line_is_opened()
    {
        using var scanner = new ProcessScanner(_context, withArguments: false);
        _proc.Add(42);
        scanner.Scan(_table);
        Assert.Null(Row(42).Info.Arguments);
        Assert.DoesNotContain("42/cmdline", _proc.Opened);
    }

    private CollectResult Scan() => _scanner.Scan(_table);

    private ProcessSample Row(int pid) => _table.Rows.ToArray().Single(row => row.Info.Pid == pid);

    private int[] Pids() => [.. _table.Rows.ToArray().Select(row => row.Info.Pid)];
}
