using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <content>Disks, file systems, interfaces, the network stack.</content>
internal static partial class Families
{
    private const long SectorBytes = 512;

    private static Rule[] Disks =>
    [
        Disk(Metrics.DiskIo, "read", "read_bytes_total", "The total number of bytes read successfully."),
        Disk(Metrics.DiskIo, "write", "written_bytes_total", "The total number of bytes written successfully."),
        Disk(Metrics.DiskIo, "discard", "discarded_sectors_total",
            "The total number of sectors discarded successfully.") with { Divide = SectorBytes },
        Disk(Metrics.DiskOperations, "read", "reads_completed_total",
            "The total number of reads completed successfully."),
        Disk(Metrics.DiskOperations, "write", "writes_completed_total",
            "The total number of writes completed successfully."),
        Disk(Metrics.DiskOperations, "discard", "discards_completed_total",
            "The total number of discards completed successfully."),
        Disk(Metrics.DiskOperations, "flush", "flush_requests_total",
            "The total number of flush requests completed successfully"),
        Disk(Metrics.DiskOperationTime, "read", "read_time_seconds_total",
            "The total number of seconds spent by all reads."),
        Disk(Metrics.DiskOperationTime, "write", "write_time_seconds_total",
            "This is the total number of seconds spent by all writes."),
        Disk(Metrics.DiskOperationTime, "discard", "discard_time_seconds_total",
            "This is the total number of seconds spent by all discards."),
        Disk(Metrics.DiskOperationTime, "flush", "flush_requests_time_seconds_total",
            "This is the total number of seconds spent by all flush requests."),
        Disk(Metrics.DiskMerged, "read", "reads_merged_total", "The total number of reads merged."),
        Disk(Metrics.DiskMerged, "write", "writes_merged_total", "The number of writes merged."),
        Disk(Metrics.DiskMerged, "discard", "discards_merged_total", "The total number of discards merged."),
        Disk(Metrics.DiskIoTime, null, "io_time_seconds_total", "Total seconds spent doing I/Os."),
        Disk(Metrics.DiskWeightedIoTime, null, "io_time_weighted_seconds_total",
            "The weighted # of seconds spent doing I/Os."),
        Disk(Metrics.DiskPending, null, "io_now", "The number of I/Os currently in progress.") with { Type = Gauge },
    ];

    private static LabelRule[] MountLabels =>
    [
        ("device", "system.device"), ("fstype", "system.filesystem.type"),
        ("mountpoint", "system.filesystem.mountpoint"),
    ];

    private static Rule[] Filesystems =>
    [
        Filesystem(Metrics.FilesystemUsage, "size_bytes", "Filesystem size in bytes.", "used", "free", "reserved"),
        Filesystem(Metrics.FilesystemUsage, "free_bytes", "Filesystem free space in bytes.", "free", "reserved"),
        Filesystem(Metrics.FilesystemUsage, "avail_bytes",
            "Filesystem space available to non-root users in bytes.", "free"),
        Filesystem(Metrics.FilesystemInodes, "files", "Filesystem total file nodes.", "used", "free"),
        Filesystem(Metrics.FilesystemInodes, "files_free", "Filesystem total free file nodes.", "free"),
        new(Metrics.FilesystemResponding, "node_filesystem_device_error", Gauge,
            "Whether an error occurred while getting statistics for the given device.")
        { Labels = MountLabels, Multiply = -1, Add = 1 },
        new(Metrics.FilesystemReadOnly, "node_filesystem_readonly", Gauge, "Filesystem read-only status.")
        { Labels = MountLabels },
    ];

    private static Rule[] Network =>
    [
        .. Interface(Metrics.NetworkIo, "bytes"),
        .. Interface(Metrics.NetworkPackets, "packets"),
        .. Interface(Metrics.NetworkErrors, "errs"),
        .. Interface(Metrics.NetworkDropped, "drop"),
        new(Metrics.NetworkDetails, "node_network_{network.io.direction}_{linux.network.counter}_total", Counter,
            "Network device statistic {network.io.direction}_{linux.network.counter}.")
        { Labels = [("device", "network.interface.name")] },
        Link(Metrics.LinkUp, "carrier", Gauge),
        Link(Metrics.LinkSpeed, "speed_bytes", Gauge),
        Link(Metrics.LinkChanges, "carrier_changes_total", Counter),
        Link(Metrics.LinkMtu, "mtu_bytes", Gauge),
        Link(Metrics.LinkTransitions, "carrier_{linux.network.transition}_changes_total", Counter),
        Link(Metrics.LinkAttribute, "{linux.network.attribute}", Gauge) with
        { Where = series => Rule.ValueOf(series, "linux.network.attribute") != "up" },
        Link(Metrics.LinkAttribute, "up", Gauge) with
        {
            Where = Is("linux.network.attribute", "up"),
            Help = "Value is 1 if operstate is 'up', 0 otherwise.",
        },
        new(Metrics.LinkInfo, "node_network_info", Gauge,
            "Non-numeric data from /sys/class/net/<iface>, value is always 1.")
        {
            Labels =
            [
                ("address", "linux.network.address"), ("broadcast", "linux.network.broadcast"),
                ("device", "network.interface.name"), ("duplex", "linux.network.duplex"),
                ("ifalias", "linux.network.alias"), ("operstate", "linux.network.operstate"),
            ],
        },
        Softnet("processed", "Number of processed packets"),
        Softnet("dropped", "Number of dropped packets"),
        Softnet("times_squeezed", "Number of times processing packets ran out of quota"),
    ];

    private static Rule[] Stack =>
    [
        new(Metrics.NetworkStack, "node_netstat_{linux.netstat.protocol}_{linux.netstat.field}", Untyped,
            "Statistic {linux.netstat.protocol}{linux.netstat.field}.")
        { Where = IsNetstatDefault },
        new(Metrics.NetworkConnections, "node_netstat_Tcp_CurrEstab", Untyped, "Statistic TcpCurrEstab.")
        { Where = Is("network.connection.state", "established") },
        Plain(Metrics.NetworkForwarding, "node_netstat_Ip_Forwarding", Untyped, "Statistic IpForwarding."),
        new(Metrics.Sockets, "node_sockstat_{linux.sockstat.protocol}_{linux.sockstat.field}", Gauge,
            "Number of {linux.sockstat.protocol} sockets in state {linux.sockstat.field}.")
        { Where = series => !IsSocketsUsed(series) },
        new(Metrics.Sockets, "node_sockstat_sockets_used", Gauge, "Number of IPv4 sockets in use.")
        { Where = IsSocketsUsed },
        new(Metrics.Sockets, "node_sockstat_{linux.sockstat.protocol}_mem_bytes", Gauge,
            "Number of {linux.sockstat.protocol} sockets in state mem_bytes.")
        { Where = Is("linux.sockstat.field", "mem"), Multiply = PageBytes },
        Plain(Metrics.ConntrackCount, "node_nf_conntrack_entries", Gauge,
            "Number of currently allocated flow entries for connection tracking."),
        Plain(Metrics.ConntrackLimit, "node_nf_conntrack_entries_limit", Gauge,
            "Maximum size of connection tracking table."),
        .. ConntrackHelp.Select(row => new Rule(
            Metrics.ConntrackEvents, $"node_nf_conntrack_stat_{row.Event}", Gauge, row.Help)
        { Where = Is("linux.conntrack.event", row.Event) }),
        Plain(Metrics.FileDescriptors, "node_filefd_allocated", Gauge, "File descriptor statistics: allocated."),
        Plain(Metrics.FileDescriptorLimit, "node_filefd_maximum", Gauge, "File descriptor statistics: maximum."),
    ];

    private static (string Event, string Help)[] ConntrackHelp =>
    [
        ("found", "Number of searched entries which were successful."),
        ("invalid", "Number of packets seen which can not be tracked."),
        ("ignore", "Number of packets seen which are already connected to a conntrack entry."),
        ("insert", "Number of entries inserted into the list."),
        ("insert_failed", "Number of entries for which list insertion was attempted but failed."),
        ("drop", "Number of packets dropped due to conntrack failure."),
        ("early_drop",
            "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached."),
        ("search_restart",
            "Number of conntrack table lookups which had to be restarted due to hashtable resizes."),
    ];

    private static Rule Disk(Metric metric, string? direction, string name, string help) =>
        new(metric, $"node_disk_{name}", Counter, help)
        {
            Where = direction is null ? null : Is("disk.io.direction", direction),
            Labels = [("device", "system.device")],
        };

    private static Rule Filesystem(Metric metric, string name, string help, params string[] states) =>
        new(metric, $"node_filesystem_{name}", Gauge, help)
        {
            Where = Is("system.filesystem.state", states),
            Labels = MountLabels,
            Terms = states.Length,
        };

    private static Rule[] Interface(Metric metric, string field) =>
    [
        .. ((string[])["receive", "transmit"]).Select(direction => new Rule(
            metric, $"node_network_{direction}_{field}_total", Counter,
            $"Network device statistic {direction}_{field}.")
        {
            Where = Is("network.io.direction", direction),
            Labels = [("device", "network.interface.name")],
        }),
    ];

    private static Rule Softnet(string counter, string help) =>
        new(Metrics.Softnet, $"node_softnet_{counter}_total", Counter, help)
        {
            Where = Is("linux.softnet.counter", counter),
            Labels = [("cpu", "cpu.logical_number")],
        };

    private static Rule Link(Metric metric, string name, FamilyType type) =>
        new(metric, $"node_network_{name}", type, $"Network device property: {name}")
        { Labels = [("device", "network.interface.name")] };

    private static bool IsSocketsUsed(Series series) =>
        Rule.ValueOf(series, "linux.sockstat.protocol") == "sockets"
        && Rule.ValueOf(series, "linux.sockstat.field") == "used";

    /// <summary>What node_exporter passes on of some 300 fields unless it is told otherwise.</summary>
    private static bool IsNetstatDefault(Series series)
    {
        var field = Rule.ValueOf(series, "linux.netstat.field");
        return (Rule.ValueOf(series, "linux.netstat.protocol"), field) switch
        {
            (_, "InErrors" or "InErrs") => true,
            ("Ip", "Forwarding") => true,
            ("Ip6" or "IpExt", "InOctets" or "OutOctets") => true,
            ("Icmp" or "Icmp6", "InMsgs" or "OutMsgs") => true,
            ("Tcp", "ActiveOpens" or "PassiveOpens" or "CurrEstab") => true,
            ("Tcp", "InSegs" or "OutSegs" or "OutRsts" or "RetransSegs") => true,
            ("TcpExt", "TCPSynRetrans" or "TCPTimeouts") => true,
            ("TcpExt", _) => field.StartsWith("Listen", StringComparison.Ordinal)
                || field.StartsWith("Syncookies", StringComparison.Ordinal),
            ("Udp" or "Udp6", "InDatagrams" or "OutDatagrams" or "NoPorts") => true,
            ("Udp" or "Udp6", "RcvbufErrors" or "SndbufErrors") => true,
            _ => false,
        };
    }
}
