using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// Temperatures of the zones that the firmware describes, from /sys/class/thermal: only where the sensor chips give
/// none, because the zones mostly tell the same once more, with less detail.
/// </summary>
/// <remarks>
/// Documentation/driver-api/thermal/sysfs-api.rst. A zone, in thousandths of a degree:
/// <code>
/// /sys/class/thermal/thermal_zone0/type              x86_pkg_temp
/// /sys/class/thermal/thermal_zone0/temp              45000
/// /sys/class/thermal/thermal_zone0/trip_point_0_type critical
/// /sys/class/thermal/thermal_zone0/trip_point_0_temp 105000
/// </code>
/// </remarks>
internal sealed class ThermalZones : SlowCollector
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>The kernel allows no more trip points (THERMAL_MAX_TRIPS of old kernels).</summary>
    private const int MaxTrips = 12;

    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("The firmware describes no thermal zone here, as is usual in a virtual machine.");

    private readonly Hwmon _hwmon;
    private readonly SysFolder _folder;
    private readonly NameTable<Zone> _zones;
    private readonly Action<Zone> _read;
    private List<SlowValue> _values = [];

    public ThermalZones(CollectorContext context, Hwmon hwmon)
        : base(context, "thermal", Period)
    {
        _hwmon = hwmon;
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/thermal");
        _zones = new(name => new Zone(_folder.Folder(name), name, Buffer));
        _read = ReadZone;
    }

    /// <inheritdoc/>
    protected override bool IsHere(out CollectResult reason)
    {
        // Nothing is missing where the chips tell the temperatures.
        reason = _hwmon.HasTemperatures ? CollectResult.Ok : NotHere;
        return !_hwmon.HasTemperatures && _folder.Exists;
    }

    /// <inheritdoc/>
    protected override CollectResult Read(List<SlowValue> values)
    {
        _values = values;
        var listed = _folder.Visit("thermal_zone"u8, _zones, _read);
        return listed.IsOk && _zones.Count > 0 ? CollectResult.Ok : NotHere;
    }

    private void ReadZone(Zone zone)
    {
        zone.Temperature.Value = zone.File.Value(Buffer);
        _values.Add(zone.Temperature);
        if (zone.Critical is not null)
        {
            _values.Add(zone.Critical);
        }
    }

    private sealed class Zone
    {
        public Zone(SysFolder folder, string name, ReadBuffer buffer)
        {
            var type = folder.Text("type", buffer) ?? name;
            File = folder.Number("temp");
            Temperature = new SlowValue(Metrics.Temperature, name, type, "thermal");
            for (var trip = 0; trip < MaxTrips && Critical is null; trip++)
            {
                var limit = folder.Text($"trip_point_{trip}_type", buffer) == "critical"
                    ? folder.Number($"trip_point_{trip}_temp").Value(buffer)
                    : Frame.Absent;
                Critical = limit > 0
                    ? new SlowValue(Metrics.TemperatureLimit, name, type, "thermal", "high.critical") { Value = limit }
                    : null;
            }
        }

        public SysNumber File { get; }

        public SlowValue Temperature { get; }

        public SlowValue? Critical { get; }
    }
}
