using Hostscope.Model;

namespace Hostscope.Gateway.Prometheus;

/// <content>Temperatures, voltages, fans, power, batteries, RAID.</content>
internal static partial class Families
{
    private static LabelRule[] SensorLabels =>
    [
        new("chip", series => ChipOf(Rule.ValueOf(series, "hw.id"))),
        new("sensor", series => ChannelOf(Rule.ValueOf(series, "hw.id"))),
    ];

    private static Rule[] Sensors =>
    [
        Sensor(Metrics.Temperature, "temp_celsius", "Hardware monitor for temperature (input)"),
        Limit(Metrics.TemperatureLimit, "high.degraded", "temp_max_celsius", "Hardware monitor for temperature (max)"),
        Limit(Metrics.TemperatureLimit, "high.critical", "temp_crit_celsius",
            "Hardware monitor for temperature (crit)"),
        Sensor(Metrics.Voltage, "in_volts", "Hardware monitor for voltage (input)"),
        Limit(Metrics.VoltageLimit, "low.critical", "in_lcrit_volts", "Hardware monitor for voltage (lcrit)"),
        Limit(Metrics.VoltageLimit, "low.degraded", "in_min_volts", "Hardware monitor for voltage (min)"),
        Limit(Metrics.VoltageLimit, "high.degraded", "in_max_volts", "Hardware monitor for voltage (max)"),
        Limit(Metrics.VoltageLimit, "high.critical", "in_crit_volts", "Hardware monitor for voltage (crit)"),
        Sensor(Metrics.FanSpeed, "fan_rpm", "Hardware monitor for fan revolutions per minute (input)"),
        Label(Metrics.Temperature),
        Label(Metrics.FanSpeed),
        Label(Metrics.Voltage),
        ChipName(Metrics.Temperature),
        ChipName(Metrics.FanSpeed),
        ChipName(Metrics.Voltage),
        new(Metrics.Temperature, "node_thermal_zone_temp", Gauge, "Zone temperature in Celsius")
        {
            Where = series => !IsOfChip(series),
            Labels =
            [
                ("type", "hw.name"),
                new("zone", series => Rule.ValueOf(series, "hw.id")
                    .Replace("thermal_zone", "", StringComparison.Ordinal)),
            ],
        },
        new(Metrics.Power, "node_power_supply_power_watt", Gauge,
            "power_watt value of /sys/class/power_supply/<power_supply>.")
        { Where = Is("hw.parent", "battery"), Labels = [("power_supply", "hw.id")] },
        new(Metrics.Power, "hostscope_hwmon_power_watts", Gauge,
            "Power measured by a sensor, or the mean over its interval where it gives only that.")
        { Where = series => !Is("hw.parent", "battery")(series), Labels = SensorLabels },
        new(Metrics.Energy, "node_rapl_{part}_joules_total", Counter, "Current RAPL {part} value in joules")
        {
            Part = series => RaplZone(series).Name,
            Labels =
            [
                new("index", series => RaplZone(series).Index),
                new("path", series => $"/sys/class/powercap/{Rule.ValueOf(series, "hw.id")}"),
            ],
        },
        new(Metrics.BatteryCharge, "node_power_supply_capacity", Gauge,
            "capacity value of /sys/class/power_supply/<power_supply>.")
        { Labels = [("power_supply", "hw.id")], Multiply = 100 },
        new(Metrics.MainsOnline, "node_power_supply_online", Gauge,
            "online value of /sys/class/power_supply/<power_supply>.")
        { Labels = [("power_supply", "hw.id")] },
        new(Metrics.BatteryState, "hostscope_battery_state", Gauge, "1 for the state the battery is in.")
        { Labels = [("battery", "hw.id"), ("state", "hw.state")] },
        new(Metrics.RaidDisks, "node_md_disks", Gauge, "Number of active/failed/spare disks of device.")
        {
            Where = Is("linux.md.disk.state", "active", "failed", "spare"),
            Labels = [("device", "linux.md.device"), ("state", "linux.md.disk.state")],
        },
        new(Metrics.RaidDisks, "node_md_disks_required", Gauge, "Total number of disks of device.")
        { Where = Is("linux.md.disk.state", "required"), Labels = [("device", "linux.md.device")] },
        RaidState("inactive", "recovering", "resync", "check") with
        { Labels = [("device", "linux.md.device"), ("state", "linux.md.state")] },

        // node_exporter knows no reshape: of an array that is being reshaped it says that it is active.
        RaidState("active", "reshape") with
        { Labels = [("device", "linux.md.device"), new("state", _ => "active")], Terms = 2 },
        new(Metrics.RaidSize, "node_md_blocks", Gauge, "Total number of blocks on device.")
        { Labels = [("device", "linux.md.device")], Divide = 1024 },
        new(Metrics.RaidSynced, "node_md_blocks_synced", Gauge, "Number of blocks synced on device.")
        { Labels = [("device", "linux.md.device")], Divide = 1024 },
        new(Metrics.RaidSync, "hostscope_md_sync_progress_ratio", Gauge,
            "How far a recovery, resync, reshape or check is, 0 to 1; absent when none is going on.")
        { Labels = [("action", "linux.md.sync.action"), ("device", "linux.md.device")] },
        new(Metrics.RaidSyncSpeed, "hostscope_md_sync_bytes_per_second", Gauge,
            "Speed of a recovery, resync, reshape or check for each disk; absent when none is going on.")
        { Labels = [("action", "linux.md.sync.action"), ("device", "linux.md.device")] },
    ];

    private static Rule RaidState(params string[] states) =>
        new(Metrics.RaidState, "node_md_state", Gauge, "Indicates the state of md-device.")
        { Where = Is("linux.md.state", states) };

    private static Rule Sensor(Metric metric, string name, string help) =>
        new(metric, $"node_hwmon_{name}", Gauge, help) { Where = IsOfChip, Labels = SensorLabels };

    private static Rule Limit(Metric metric, string type, string name, string help) => Sensor(metric, name, help) with
    { Where = series => IsOfChip(series) && Is("hw.limit_type", type)(series) };

    private static Rule Label(Metric metric) =>
        new(metric, "node_hwmon_sensor_label", Gauge, "Label for given chip and sensor")
        {
            Where = series => IsOfChip(series) && HasLabel(series),
            Labels = [SensorLabels[0], ("label", "hw.name"), SensorLabels[1]],
            Multiply = 0,
            Add = 1,
        };

    private static Rule ChipName(Metric metric) =>
        new(metric, "node_hwmon_chip_names", Gauge, "Annotation metric for human-readable chip names")
        {
            Where = IsOfChip,
            Labels = [SensorLabels[0], ("chip_name", "hw.parent")],
            Multiply = 0,
            Add = 1,
        };

    /// <summary>Thermal zones are temperatures that are of no chip.</summary>
    private static bool IsOfChip(Series series) => Rule.ValueOf(series, "hw.parent") != "thermal";

    /// <summary>A sensor that the driver gives no label is named after its chip and channel.</summary>
    private static bool HasLabel(Series series) => Rule.ValueOf(series, "hw.name")
        != $"{Rule.ValueOf(series, "hw.parent")} {ChannelOf(Rule.ValueOf(series, "hw.id"))}";

    /// <summary>
    /// The chip of a sensor as node_exporter names it: <c>platform_coretemp_0</c> of <c>platform/coretemp.0/temp1</c>.
    /// </summary>
    private static string ChipOf(string id)
    {
        var chip = id[..Math.Max(0, id.LastIndexOf('/'))].ToLowerInvariant();
        return string.Concat(chip.Select(c => char.IsAsciiLetterOrDigit(c) || c == ':' ? c : '_')).Trim('_');
    }

    private static string ChannelOf(string id) => id[(id.LastIndexOf('/') + 1)..];

    /// <summary>
    /// Name and index of an energy zone as node_exporter has them: <c>package-1</c> is package 1, and of
    /// <c>package-1/dram</c> the name is dram and the index that of its package; a zone without a number is 0.
    /// </summary>
    private static (string Name, string Index) RaplZone(Series series)
    {
        var path = Rule.ValueOf(series, "hw.name");
        var package = path.Split('/')[0];
        var dash = package.LastIndexOf('-');
        var hasIndex = dash > 0 && int.TryParse(package.AsSpan(dash + 1), out _);
        var ownName = hasIndex ? package[..dash] : package;
        var name = path.Contains('/', StringComparison.Ordinal) ? ChannelOf(path) : ownName;
        return (name, hasIndex ? package[(dash + 1)..] : "0");
    }
}
