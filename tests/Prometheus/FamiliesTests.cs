using System.Text;
using Hostscope.Gateway.Prometheus;
using Hostscope.Model;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// Goal: every row of the schema is told, under a sound name, or has a reason not to. Method: rules over the tables,
/// and frames made by hand through the plan.
/// </summary>
public sealed class FamiliesTests
{
    [Fact]
    public void Each_row_of_the_schema_is_shown_or_has_a_reason_not_to_be()
    {
        var shown = Families.All.Select(rule => rule.Metric).ToHashSet();
        var forgotten = Metrics.All.Where(metric => !shown.Contains(metric) && !Families.NotShown.ContainsKey(metric));
        Assert.Empty(forgotten.Select(metric => $"{metric.Name}: {metric.Description}"));
        Assert.DoesNotContain(Families.NotShown.Keys, shown.Contains);
        Assert.All(Families.NotShown.Values, Assert.NotEmpty);
    }

    [Fact]
    public void Rules_read_labels_that_their_rows_have() => Assert.All(Families.All, rule =>
    {
        var series = new Series(1, rule.Metric, [.. rule.Metric.Labels.Select(_ => "x")]);
        rule.Where?.Invoke(series);
        Assert.All(rule.LabelsOf(series), label => Assert.True(TextFormat.IsLabelName(label.Name), label.Name));
        Assert.True(TextFormat.IsMetricName(rule.FamilyOf(series).Name), rule.FamilyOf(series).Name);
    });

    [Fact]
    public void One_name_has_one_type_one_help_and_one_set_of_labels()
    {
        Assert.All(Families.All.GroupBy(rule => rule.Name), same =>
            Assert.Single(same.Select(rule =>
                (rule.Type, rule.Help, string.Join(',', rule.Labels.Select(label => label.Name)))).Distinct()));
        var fixedNames = TableFamilies.All.Concat(SelfFamilies.All).Concat(HostFamilies.All)
            .Select(family => family.Name).ToList();
        Assert.Equal(fixedNames.Count, fixedNames.Distinct().Count());
        Assert.Empty(fixedNames.Intersect(Families.All.Select(rule => rule.Name)));
    }

    [Fact]
    public void A_counter_is_named_total_and_nothing_else_is()
    {
        var families = Families.All.Select(rule => new Family(rule.Name, rule.Type, rule.Help))
            .Concat(TableFamilies.All).Concat(SelfFamilies.All).Concat(HostFamilies.All);
        Assert.All(families, family =>
            Assert.Equal(family.Type == FamilyType.Counter, family.Name.EndsWith("_total", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_counter_is_made_of_a_counter() => Assert.All(Families.All, rule =>
        Assert.False(rule.Type == FamilyType.Counter && rule.Metric.Kind != MetricKind.Counter, rule.Name));

    [Fact]
    public void Ticks_are_seconds_and_guests_are_a_family_of_their_own() => Assert.Equal(
        """
        node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0.07
        node_cpu_guest_seconds_total{cpu="0",mode="user"} 3
        node_cpu_seconds_total{cpu="0",mode="user"} 1424.21

        """,
        Samples(
            (Metrics.CoreTime, ["0", "guest"], 300), (Metrics.CoreTime, ["0", "user"], 142421),
            (Metrics.CoreTime, ["0", "guest_nice"], 7)));

    [Fact]
    public void A_sum_is_there_only_when_all_its_terms_are()
    {
        string[] mount = ["/dev/vda", "/", "ext4"];
        Assert.Equal(
            """
            node_filesystem_avail_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 20
            node_filesystem_device_error{device="/dev/vda",fstype="ext4",mountpoint="/"} 0
            node_filesystem_free_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 25
            node_filesystem_size_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 125

            """,
            Samples(
                (Metrics.FilesystemUsage, [.. mount, "used"], 100), (Metrics.FilesystemUsage, [.. mount, "free"], 20),
                (Metrics.FilesystemUsage, [.. mount, "reserved"], 5), (Metrics.FilesystemResponding, mount, 1)));
        Assert.Equal(
            "node_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/\"} 20\n",
            Samples((Metrics.FilesystemUsage, [.. mount, "free"], 20)));
    }

    [Fact]
    public void Names_of_the_kernel_become_names_of_families() => Assert.Equal(
        """
        node_memory_Active_anon_bytes 1024
        node_memory_HugePages_Total 3
        node_netstat_TcpExt_ListenDrops 4
        node_sockstat_TCP_mem 2
        """ + $"\nnode_sockstat_TCP_mem_bytes {2 * Environment.SystemPageSize}\nnode_sockstat_sockets_used 9\n",
        Samples(
            (Metrics.MemoryInfo, ["Active(anon)"], 1024), (Metrics.MemoryInfo, ["HugePages_Total"], 3),
            (Metrics.NetworkStack, ["TcpExt", "ListenDrops"], 4), (Metrics.NetworkStack, ["TcpExt", "PruneCalled"], 5),
            (Metrics.Sockets, ["TCP", "mem"], 2), (Metrics.Sockets, ["sockets", "used"], 9)));

    [Fact]
    public void Units_are_those_of_node_exporter() => Assert.Equal(
        """
        node_disk_discarded_sectors_total{device="sda"} 3
        node_disk_read_time_seconds_total{device="sda"} 1.5
        node_timex_frequency_adjustment_ratio 0.999999
        node_vmstat_pgfault 12
        node_vmstat_pgmajfault 2
        node_vmstat_pswpin 5

        """,
        Samples(
            (Metrics.DiskIo, ["sda", "discard"], 1536), (Metrics.DiskOperationTime, ["sda", "read"], 1500),
            (Metrics.PageFaults, ["minor"], 10), (Metrics.PageFaults, ["major"], 2),
            (Metrics.SwapIo, ["in"], 5L * Environment.SystemPageSize), (Metrics.TimeFrequency, [], -1000)));

    [Fact]
    public void A_family_whose_values_are_all_absent_is_left_out_with_its_header()
    {
        var builder = new FrameBuilder();
        builder.Begin();
        var load = builder.Define(Metrics.Load1);
        load.Set(20);
        builder.Define(Metrics.Load5).Set(30);
        builder.Build(1, 1, 1);
        builder.Begin();
        load.Set(21);
        Assert.Equal("# HELP node_load1 1m load average.\n# TYPE node_load1 gauge\nnode_load1 0.21\n",
            Write(builder.Build(2, 2, 2)));
    }

    [Fact]
    public void The_same_values_are_the_same_bytes_in_whatever_order_devices_came()
    {
        (Metric, string[], long)[] values =
        [
            (Metrics.NetworkIo, ["eth0", "receive"], 1), (Metrics.NetworkIo, ["eth1", "receive"], 2),
            (Metrics.NetworkIo, ["eth0", "transmit"], 3), (Metrics.DiskPending, ["sda"], 4),
            (Metrics.DiskPending, ["nvme0n1"], 5), (Metrics.Load1, [], 6),
        ];
        var expected = Write(FrameOf(values));
        Assert.Equal(expected, Write(FrameOf([.. values.Reverse()])));
        Assert.Equal(
            expected.Split('\n').Where(line => !line.StartsWith('#')),
            expected.Split('\n').Where(line => !line.StartsWith('#')).SkipLast(1)
                .Order(StringComparer.Ordinal).Append(""));
    }

    [Fact]
    public void Two_devices_with_the_same_labels_are_one_sample() => Assert.Equal(
        "node_memory_a_b_bytes 1\n",
        Samples((Metrics.MemoryInfo, ["a-b"], 1), (Metrics.MemoryInfo, ["a(b)"], 2)));

    private static string Samples(params (Metric, string[], long)[] values) =>
        string.Concat(Write(FrameOf(values)).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line + "\n"));

    private static Frame FrameOf((Metric Metric, string[] Labels, long Raw)[] values)
    {
        var builder = new FrameBuilder();
        builder.Begin();
        foreach (var (metric, labels, raw) in values)
        {
            builder.Define(metric, labels).Set(raw);
        }

        return builder.Build(1, 1, 1);
    }

    private static string Write(Frame frame)
    {
        using var text = new TextFormat();
        Plan.Of(frame.Schema, Families.All).Write(text, frame.Values);
        return Encoding.UTF8.GetString(text.Written);
    }
}
