using System.Text;

namespace Hostscope.Collectors.Tests.Kernel;

/// <summary>A machine that has everything: files as kernels of real machines write them, and who reads them.</summary>
internal static class KernelSamples
{
    public const string Snmp =
        "Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards\n" +
        "Ip: 2 64 12931 1 2 3 0 4\n" +
        "Icmp: InMsgs InErrors InCsumErrors InDestUnreachs\n" +
        "Icmp: 11 1 0 7\n" +
        "IcmpMsg: InType3\n" +
        "IcmpMsg: 7\n" +
        "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs " +
        "OutSegs RetransSegs InErrs OutRsts InCsumErrors\n" +
        "Tcp: 1 200 120000 -1 73 2 5 10 17 12821 6726 42 6 114 0\n" +
        "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors\n" +
        "Udp: 109 8 9 110 12 13\n";

    public const string Snmp6 =
        "Ip6InReceives                   \t31\nIp6InOctets                     \t3193\n" +
        "Icmp6InMsgs                     \t5\nUdp6InErrors                    \t4\n" +
        "Udp6InCsumErrors                \t6\n";

    public const string Netstat =
        "TcpExt: SyncookiesSent SyncookiesRecv ListenOverflows ListenDrops TCPSynRetrans TCPFuture\n" +
        "TcpExt: 21 22 23 24 25 26\n" +
        "IpExt: InNoRoutes InOctets OutOctets\n" +
        "IpExt: 0 481604792 562809\n";

    public const string Sockstat =
        "sockets: used 15\nTCP: inuse 31 orphan 2 tw 44 alloc 35 mem 361\nUDP: inuse 6 mem 7\nUDPLITE: inuse 0\n" +
        "FRAG: inuse 3 memory 4096\n";

    public const string Conntrack =
        "entries  clashres found new invalid\n" +
        "0000000a  00000001 00000002 00000000 0000001f\n" +
        "0000000a  00000010 00000003 00000000 00000001\n";

    public const string Mdstat =
        "Personalities : [raid1] [raid6] [raid5] [raid4] [raid0]\n" +
        "md0 : active raid1 sdb1[1] sda1[0](F) sdc1[2](S)\n" +
        "      104320 blocks super 1.2 [2/1] [_U]\n" +
        "      [===>.................]  recovery = 16.2% (17014/104320) finish=1.2min speed=9000K/sec\n" +
        "      bitmap: 0/1 pages [0KB], 65536KB chunk\n" +
        "\n" +
        "md1 : active raid5 sdf[2] sde[1] sdd[0]\n" +
        "      2097152 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]\n" +
        "        resync=DELAYED\n" +
        "\n" +
        "md2 : active raid10 sdj[2] sdi[1] sdh[0]\n" +
        "      3145728 blocks super 1.2 512K chunks 2 near-copies [3/3] [UUU]\n" +
        "      [=====>...............]  check =  5.1% (80000/1572864) finish=0.4min speed=61000K/sec\n" +
        "\n" +
        "md3 : active (auto-read-only) raid0 sdl[1] sdk[0]\n" +
        "      976508928 blocks super 1.2 512k chunks\n" +
        "\n" +
        "md127 : inactive sdg[0](S)\n" +
        "      976508928 blocks super 1.2\n" +
        "\n" +
        "unused devices: <none>\n";

    /// <summary>Files that are read on the sampling thread, with the name of the collector that does so.</summary>
    public static readonly (string Collector, string Path, string Content)[] Fast =
    [
        ("pressure", "/host/proc/pressure/cpu",
            "some avg10=30.53 avg60=9.99 avg300=4.62 total=32759003\n" +
            "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"),
        ("pressure", "/host/proc/pressure/memory",
            "some avg10=0.03 avg60=0.05 avg300=0.11 total=8402557\n" +
            "full avg10=0.03 avg60=0.05 avg300=0.11 total=8103261\n"),
        ("pressure", "/host/proc/pressure/irq", "full avg10=0.03 avg60=0.05 avg300=0.11 total=81\n"),
        ("netstat", "/host/proc/net/snmp", Snmp),
        ("netstat", "/host/proc/net/snmp6", Snmp6),
        ("netstat", "/host/proc/net/netstat", Netstat),
        ("sockets", "/host/proc/net/sockstat", Sockstat),
        ("sockets", "/host/proc/net/sockstat6", "TCP6: inuse 5\nUDP6: inuse 6\n"),
        ("file_descriptors", "/host/proc/sys/fs/file-nr", "521\t0\t2466170\n"),
        ("conntrack", "/host/proc/sys/net/netfilter/nf_conntrack_count", "10\n"),
        ("conntrack", "/host/proc/sys/net/netfilter/nf_conntrack_max", "262144\n"),
        ("conntrack", "/host/proc/net/stat/nf_conntrack", Conntrack),
        ("mdraid", "/host/proc/mdstat", Mdstat),
        ("numa", "/host/sys/devices/system/node/node0/meminfo",
            "Node 0 MemTotal:       32653528 kB\nNode 0 MemFree:        1024 kB\nNode 0 HugePages_Total:     0\n"),
        ("numa", "/host/sys/devices/system/node/node0/numastat", "numa_hit 76557759\nnuma_miss 12\n"),
        ("numa", "/host/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal:       16326764 kB\n"),
        ("numa", "/host/sys/devices/system/node/node1/numastat", "numa_hit 5\n"),
        ("rapl", "/host/sys/class/powercap/intel-rapl:0/name", "package-0\n"),
        ("rapl", "/host/sys/class/powercap/intel-rapl:0/energy_uj", "118438283\n"),
        ("rapl", "/host/sys/class/powercap/intel-rapl:0:1/name", "dram\n"),
        ("rapl", "/host/sys/class/powercap/intel-rapl:0:1/energy_uj", "20431883\n"),
    ];

    /// <summary>Files that are read on a thread of their own.</summary>
    public static readonly (string Collector, string Path, string Content)[] Slow =
    [
        ("links", "/host/sys/class/net/eth0/carrier", "1\n"),
        ("links", "/host/sys/class/net/eth0/speed", "1000\n"),
        ("links", "/host/sys/class/net/eth0/carrier_changes", "3\n"),
        ("links", "/host/sys/class/net/eth0/mtu", "1500\n"),
        ("cpufreq", "/host/sys/devices/system/cpu/cpufreq/policy0/scaling_driver", "intel_pstate\n"),
        ("cpufreq", "/host/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2899853\n"),
        ("cpufreq", "/host/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "4900000\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/name", "coretemp\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/temp1_label", "Package id 0\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/temp1_input", "45000\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/temp1_max", "100000\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/temp1_crit", "65261850\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/temp2_input", "-5000\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/fan1_input", "1184\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/power1_average", "7420000\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/in0_input", "1200\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/in0_label", "Vcore\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/in0_min", "0\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/in0_max", "1740\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/in1_input", "-11904\n"),
        ("hwmon", "/host/sys/class/hwmon/hwmon2/curr1_input", "350\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/temp", "46000\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/trip_point_0_temp", "80000\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/trip_point_1_type", "critical\n"),
        ("thermal", "/host/sys/class/thermal/thermal_zone0/trip_point_1_temp", "105000\n"),
        ("power_supply", "/host/sys/class/power_supply/AC/type", "Mains\n"),
        ("power_supply", "/host/sys/class/power_supply/AC/online", "0\n"),
        ("power_supply", "/host/sys/class/power_supply/BAT0/type", "Battery\n"),
        ("power_supply", "/host/sys/class/power_supply/BAT0/status", "Discharging\n"),
        ("power_supply", "/host/sys/class/power_supply/BAT0/capacity", "87\n"),
        ("power_supply", "/host/sys/class/power_supply/BAT0/power_now", "7410000\n"),
        ("power_supply", "/host/sys/class/power_supply/BAT0/model_name", "DELL 1VX1H93\n"),
    ];

    /// <summary>The files as the fake kernel has them.</summary>
    public static FakeFiles Files()
    {
        var files = new FakeFiles();
        foreach (var (_, path, content) in Fast.Concat(Slow))
        {
            files.Contents[path] = Encoding.UTF8.GetBytes(content);
        }

        return files;
    }
}
