using Hostscope.Collectors;

namespace Hostscope.Prometheus.Tests;

/// <summary>
/// A folder with the files of a machine that has what ours has not: sensors, batteries, energy counters, RAID, two NUMA
/// nodes, network cards. Both exporters read it in place of /proc and /sys; nothing in it changes, so values are equal.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hostscope-machine-");

    public FakeMachine()
    {
        Directory.CreateDirectory(Roots.Root);
        Cpus();
        Sensors();
        Power();
        Network();
        File("proc/mdstat", """
            Personalities : [raid1] [raid6] [raid5] [raid4] [raid0] [raid10]
            md0 : active raid1 sdb1[1] sda1[0](F) sdc1[2](S)
                  104320 blocks super 1.2 [2/1] [_U]
                  [===>.................]  recovery = 16.2% (17014/104320) finish=1.2min speed=9000K/sec

            md1 : active raid5 sdd1[0] sde1[1] sdf1[3]
                  1953260544 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/3] [UUU]
                  bitmap: 1/8 pages [4KB], 65536KB chunk

            md2 : active raid10 sdj[3] sdi[2] sdh[1] sdg[0]
                  3145728 blocks super 1.2 512K chunks 2 near-copies [4/4] [UUUU]
                  [=>...................]  check =  5.1% (80000/1572864) finish=0.4min speed=61000K/sec

            md3 : active raid0 sdl[1] sdk[0]
                  976508928 blocks super 1.2 512k chunks

            md4 : active raid6 sdp[3] sdo[2] sdn[1] sdm[0]
                  2097152 blocks super 1.2 level 6, 512k chunk, algorithm 2 [4/4] [UUUU]
                    resync=DELAYED

            md5 : active raid5 sdt[3] sds[2] sdr[1] sdq[0]
                  2097152 blocks super 1.2 level 5, 512k chunk, algorithm 2 [4/4] [UUUU]
                  [=>...................]  reshape =  8.0% (83886/1048576) finish=2.1min speed=7600K/sec

            unused devices: <none>
            """);
        File("proc/vmstat", "pgpgin 1220493\npgpgout 882714\npswpin 3\npswpout 4\npgfault 1127384\npgmajfault 312\n"
            + "oom_kill 2");
        File("proc/sys/fs/file-nr", "1024\t0\t1631329");
        File("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234567");
        File("proc/pressure/io",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=2345678\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=45678");
        File("proc/pressure/memory",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=5678\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=78");
        for (var node = 0; node < 2; node++)
        {
            File($"sys/devices/system/node/node{node}/meminfo", $"""
                Node {node} MemTotal:       {32653528 + node} kB
                Node {node} MemFree:        {12653528 + node} kB
                Node {node} MemUsed:        20000000 kB
                Node {node} FilePages:      8000000 kB
                """);
            File($"sys/devices/system/node/node{node}/numastat",
                $"numa_hit 7655775{node}\nnuma_miss 1\nnuma_foreign 2\ninterleave_hit 3\nlocal_node 4\nother_node 5");
        }
    }

    public HostRoots Roots => new(
        $"{_folder.FullName}/proc", $"{_folder.FullName}/sys", $"{_folder.FullName}/etc", $"{_folder.FullName}/root");

    public void Dispose() => _folder.Delete(recursive: true);

    private void Cpus()
    {
        File("proc/stat", """
            cpu  4840 7 2469 153918 931 3 41 8 11 5
            cpu0 2135 3 1214 75980 441 1 35 3 5 2
            cpu1 2705 4 1255 77938 490 2 6 5 6 3
            intr 217018 0 0 14
            ctxt 461310
            btime 1764000000
            processes 11206
            procs_running 2
            procs_blocked 1
            softirq 1234 1 2 3 4 5 6 7 8 9 10
            """);
        File("proc/loadavg", "0.20 0.18 12.12 1/80 11206");
        File("proc/uptime", "813.36 1539.18");
        for (var cpu = 0; cpu < 2; cpu++)
        {
            var folder = $"sys/devices/system/cpu/cpu{cpu}/cpufreq";
            File($"{folder}/scaling_cur_freq", $"289985{cpu}");
            File($"{folder}/cpuinfo_max_freq", "4900000");
            File($"{folder}/cpuinfo_min_freq", "800000");
            File($"{folder}/cpuinfo_transition_latency", "0");
            File($"{folder}/scaling_max_freq", "4900000");
            File($"{folder}/scaling_min_freq", "800000");
            File($"{folder}/scaling_driver", "intel_pstate");
            File($"{folder}/scaling_governor", "powersave");
            File($"{folder}/scaling_available_governors", "performance powersave");
            File($"{folder}/scaling_setspeed", "<unsupported>");
            File($"{folder}/related_cpus", $"{cpu}");
        }

        Directory.CreateDirectory(Path.Combine(_folder.FullName, "sys/devices/system/cpu/cpufreq"));
    }

    private void Sensors()
    {
        var coretemp = Chip("sys/devices/platform/coretemp.0/hwmon/hwmon0", "coretemp", "../../../coretemp.0");
        File($"{coretemp}/temp1_label", "Package id 0");
        File($"{coretemp}/temp1_input", "45000");
        File($"{coretemp}/temp1_max", "84000");
        File($"{coretemp}/temp1_crit", "100000");
        File($"{coretemp}/temp2_label", "Core 0");
        File($"{coretemp}/temp2_input", "-4500");
        var board = Chip("sys/devices/platform/nct6775.656/hwmon/hwmon1", "nct6775", "../../../nct6775.656");
        File($"{board}/fan1_input", "1184");
        File($"{board}/in0_input", "1200");
        File($"{board}/in0_label", "Vcore");
        File($"{board}/in0_min", "900");
        File($"{board}/in0_max", "1740");
        File($"{board}/in1_input", "-11904");
        File($"{board}/in2_input", "3312");
        File($"{board}/in2_lcrit", "2700");
        File($"{board}/in2_crit", "3900");
        File($"{board}/temp1_input", "31500");
        var disk = Chip(
            "sys/devices/pci0000:00/0000:00:1d.0/0000:02:00.0/nvme/nvme0/hwmon2", "nvme", "../../nvme0");
        File($"{disk}/temp1_input", "38850");
        File($"{disk}/temp1_label", "Composite");
    }

    private void Power()
    {
        File("sys/class/power_supply/AC/type", "Mains");
        File("sys/class/power_supply/AC/online", "1");
        File("sys/class/power_supply/BAT0/type", "Battery");
        File("sys/class/power_supply/BAT0/status", "Discharging");
        File("sys/class/power_supply/BAT0/capacity", "87");
        File("sys/class/power_supply/BAT0/power_now", "7410000");
        Zone("intel-rapl:0", "package-0", 118438283);
        Zone("intel-rapl:0:0", "core", 98438283);
        Zone("intel-rapl:0:1", "dram", 20431883);
        Zone("intel-rapl:1", "package-1", 218438283);
        Zone("intel-rapl:1:0", "core", 198438283);
        Zone("intel-rapl:1:1", "dram", 120431883);
    }

    private void Network()
    {
        File("proc/net/dev",
            "Inter-|   Receive                                                |  Transmit\n"
            + " face |bytes packets errs drop fifo frame compressed multicast|"
            + "bytes packets errs drop fifo colls carrier compressed\n"
            + "    lo:    3193  29    0    0    0     0          0         0     3193   29    0    0  0   0   0  0\n"
            + "  eth0: 228982248 5158 1   12    3     4          5         6   213746 2611    7    8  9  10  11 12");
        var rest = string.Concat(Enumerable.Repeat(" 00000000", 9));
        File("proc/net/softnet_stat", $"""
            0001ab21 00000003 00000002{rest} 00000000
            ffffffff 00000000 00000001{rest} 00000001
            """);
        File("proc/net/sockstat", """
            sockets: used 15
            TCP: inuse 1 orphan 0 tw 4 alloc 1 mem 361
            UDP: inuse 2 mem 3
            UDPLITE: inuse 0
            RAW: inuse 0
            FRAG: inuse 0 memory 0
            """);
        File("proc/net/sockstat6", "TCP6: inuse 3\nUDP6: inuse 1\nUDPLITE6: inuse 0\nRAW6: inuse 0\n"
            + "FRAG6: inuse 0 memory 0");
        (string File, string Content)[] attributes =
        [
            ("addr_assign_type", "3"), ("address", "02:fc:00:00:00:01"), ("broadcast", "ff:ff:ff:ff:ff:ff"),
            ("carrier", "1"), ("carrier_changes", "5"), ("carrier_down_count", "2"), ("carrier_up_count", "3"),
            ("dev_id", "0x20"), ("dormant", "1"), ("duplex", "full"), ("flags", "0x1303"),
            ("ifalias", "up\\link \"1\""), ("ifindex", "2"), ("iflink", "2"), ("link_mode", "1"),
            ("mtu", "9000"), ("name_assign_type", "4"),
            ("netdev_group", "0"), ("operstate", "up"), ("phys_port_id", ""), ("phys_port_name", ""),
            ("phys_switch_id", ""), ("speed", "10000"), ("tx_queue_len", "1000"), ("type", "1"),
        ];
        foreach (var (file, content) in attributes)
        {
            File($"sys/class/net/eth0/{file}", content);
        }
    }

    private string Chip(string folder, string name, string device)
    {
        File($"{folder}/name", name);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "sys/class/hwmon"));
        System.IO.File.CreateSymbolicLink(Path.Combine(_folder.FullName, folder, "device"), device);
        System.IO.File.CreateSymbolicLink(
            Path.Combine(_folder.FullName, "sys/class/hwmon", Path.GetFileName(folder)),
            "../../" + folder["sys/".Length..]);
        return folder;
    }

    private void Zone(string id, string name, long microjoules)
    {
        File($"sys/class/powercap/{id}/name", name);
        File($"sys/class/powercap/{id}/energy_uj", $"{microjoules}");
        File($"sys/class/powercap/{id}/max_energy_range_uj", "262143328850");
    }

    private void File(string path, string content)
    {
        var full = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content.ReplaceLineEndings("\n") + "\n");
    }
}
