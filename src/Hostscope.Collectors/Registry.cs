using Hostscope.Collectors.Slow;

namespace Hostscope.Collectors;

/// <summary>The explicit list of collectors: what is not here does not run.</summary>
public static class Registry
{
    /// <summary>
    /// Makes every collector, in the order in which a tick calls them: the cheapest and most wanted first.
    /// </summary>
    public static IReadOnlyList<ICollector> Create(CollectorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var hwmon = new Hwmon(context);
        return
        [
            new Cpu(context),
            new Load(context),
            new Memory(context),
            new Vmstat(context),
            new Disks(context),
            new Network(context),
            new Filesystems(context),
            new Uptime(context),
            new Pressure(context),
            new Netstat(context),
            new Sockets(context),
            new Softnet(context),
            new FileDescriptors(context),
            new Conntrack(context),
            new TimeSync(context),
            new MdRaid(context),
            new Numa(context),
            new Rapl(context),
            new Links(context),
            new LinkAttributes(context),
            new CpuFrequency(context),
            hwmon,
            new ThermalZones(context, hwmon),
            new PowerSupply(context),
        ];
    }
}
