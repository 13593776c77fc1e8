using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// Temperatures and voltages with their limits, fans and power of the sensor chips that the kernel has drivers for,
/// from /sys/class/hwmon. Some are read over a bus of 100 kbit/s or ask the firmware, which may take a tenth of a
/// second each: not something for the sampling thread.
/// </summary>
/// <remarks>
/// Documentation/hwmon/sysfs-interface.rst. A chip is a folder with a file <c>name</c>, a link <c>device</c>, and for
/// each channel files such as these, temperatures in thousandths of a degree, voltages in thousandths of a volt, power
/// in millionths of a watt:
/// <code>
/// /sys/class/hwmon/hwmon2/name           coretemp
/// /sys/class/hwmon/hwmon2/device         ../../../coretemp.0
/// /sys/class/hwmon/hwmon2/temp1_label    Package id 0
/// /sys/class/hwmon/hwmon2/temp1_input    45000
/// /sys/class/hwmon/hwmon2/temp1_max      100000
/// /sys/class/hwmon/hwmon2/temp1_crit     100000
/// /sys/class/hwmon/hwmon4/fan1_input     1184
/// /sys/class/hwmon/hwmon4/in2_label      AVCC
/// /sys/class/hwmon/hwmon4/in2_input      3312
/// /sys/class/hwmon/hwmon4/in2_min        2976
/// /sys/class/hwmon/hwmon5/power1_average 7420000
/// </code>
/// hwmon2 may be hwmon3 after the next boot; the device's name stays. A sensor that is not connected answers with an
/// error and is absent; limits that no silicon has (0, 65261.85 degrees) mean "none".
/// </remarks>
internal sealed class Hwmon : SlowCollector
{
    /// <summary>Often enough for what changes in seconds; drivers that ask the firmware stall the machine.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Most channels of a chip; server boards have some sixty.</summary>
    private const int MaxChannels = 256;

    private const long HottestLimit = 200_000;

    /// <summary>No input of a chip that watches a board is above the 240 V of a power supply's; thousandths.</summary>
    private const long HighestLimit = 400_000;

    private static readonly (string Item, string Type)[] TemperatureLimits =
        [("max", "high.degraded"), ("crit", "high.critical")];

    private static readonly (string Item, string Type)[] VoltageLimits =
        [("lcrit", "low.critical"), ("min", "low.degraded"), .. TemperatureLimits];

    private static readonly CollectResult NotHere = CollectResult.Unavailable(
        "The kernel knows no temperature, voltage, fan or power sensor here, as is usual in a virtual machine.",
        "On real hardware, load the driver of its sensors (lm-sensors' sensors-detect finds it).");

    private readonly SysFolder _folder;
    private readonly NameTable<Chip> _chips;
    private readonly Action<Chip> _read;
    private List<SlowValue> _values = [];
    private int _chipsSeen;
    private volatile bool _hasTemperatures;

    public Hwmon(CollectorContext context)
        : base(context, "hwmon", Period)
    {
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/hwmon");
        _chips = new(name => new Chip(_folder.Folder(name), name, _folder.LinkTarget(name), Buffer));
        _read = ReadChip;
    }

    /// <summary>Whether a chip gave a temperature in the last reading.</summary>
    public bool HasTemperatures => _hasTemperatures;

    /// <summary>Takes apart the name of a sensor's input file: <c>temp1_input</c>.</summary>
    /// <param name="file">The name.</param>
    /// <param name="channel">What is before the underscore: <c>temp1</c>.</param>
    /// <param name="metric">What it measures.</param>
    /// <returns>False for every other file.</returns>
    internal static bool ParseInput(string file, out string channel, out Metric metric)
    {
        metric = Metrics.Temperature;
        var underscore = file.IndexOf('_', StringComparison.Ordinal);
        channel = underscore < 0 ? "" : file[..underscore];
        var item = underscore < 0 ? "" : file[(underscore + 1)..];
        var kind = channel.TrimEnd(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        if (kind.Length == channel.Length)
        {
            return false;
        }

        metric = kind switch
        {
            "fan" => Metrics.FanSpeed,
            "power" => Metrics.Power,
            "in" => Metrics.Voltage,
            _ => Metrics.Temperature,
        };
        return (kind, item) is ("temp" or "fan" or "power" or "in", "input") or ("power", "average");
    }

    /// <summary>
    /// The device of a chip with the folder it is in, which tells its kind: <c>platform/coretemp.0</c>,
    /// <c>nvme/nvme0</c>.
    /// </summary>
    /// <param name="chip">
    /// Where the link of the chip in /sys/class/hwmon points to, such as
    /// <c>../../devices/platform/coretemp.0/hwmon/hwmon2</c>; <c>null</c> when it is no link.
    /// </param>
    /// <param name="device">
    /// Where its link <c>device</c> points to, such as <c>../../../coretemp.0</c>; <c>null</c> when there is none.
    /// </param>
    internal static string? DeviceOf(string? chip, string? device)
    {
        if (device is null)
        {
            return null;
        }

        var parts = new List<string>();
        foreach (var part in $"{chip}/{device}".Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return string.Join('/', parts.TakeLast(2));
    }

    /// <inheritdoc/>
    protected override bool IsHere(out CollectResult reason)
    {
        reason = NotHere;
        return _folder.Exists;
    }

    /// <inheritdoc/>
    protected override CollectResult Read(List<SlowValue> values)
    {
        _values = values;
        _chipsSeen = 0;
        var listed = _folder.Visit("hwmon"u8, _chips, _read);
        _hasTemperatures = values.Exists(static value => value.IsTemperature && value.Value != Frame.Absent);
        return listed.IsOk && _chipsSeen > 0 ? CollectResult.Ok : NotHere;
    }

    private void ReadChip(Chip chip)
    {
        _chipsSeen++;
        chip.Read(Buffer);
        _values.AddRange(chip.Values);
    }

    private sealed class Chip
    {
        private readonly List<(SysNumber File, SlowValue Value)> _inputs = [];

        public Chip(SysFolder folder, string folderName, string? target, ReadBuffer buffer)
        {
            var name = folder.Text("name", buffer) ?? folderName;
            var device = DeviceOf(target, folder.LinkTarget("device")) ?? folderName;
            var files = folder.List();
            foreach (var file in files)
            {
                if (_inputs.Count < MaxChannels && ParseInput(file, out var channel, out var metric)
                    && !(file.EndsWith("_average", StringComparison.Ordinal) && files.Contains($"{channel}_input")))
                {
                    var label = folder.Text($"{channel}_label", buffer) ?? $"{name} {channel}";
                    var value = new SlowValue(metric, $"{device}/{channel}", label, name);
                    _inputs.Add((folder.Number(file), value));
                    Values.Add(value);
                    AddLimits(folder, channel, metric, value, buffer);
                }
            }
        }

        public List<SlowValue> Values { get; } = [];

        public void Read(ReadBuffer buffer)
        {
            foreach (var (file, value) in _inputs)
            {
                value.Value = file.Value(buffer);
            }
        }

        /// <summary>A limit is what the chip was given at boot: read once.</summary>
        private void AddLimits(SysFolder folder, string channel, Metric metric, SlowValue of, ReadBuffer buffer)
        {
            var (limits, limitMetric, most) = metric switch
            {
                _ when metric == Metrics.Temperature => (TemperatureLimits, Metrics.TemperatureLimit, HottestLimit),
                _ when metric == Metrics.Voltage => (VoltageLimits, Metrics.VoltageLimit, HighestLimit),
                _ => ([], metric, 0),
            };
            foreach (var (item, type) in limits)
            {
                var limit = folder.Number($"{channel}_{item}").Value(buffer);
                if (limit > 0 && limit < most)
                {
                    Values.Add(new SlowValue(limitMetric, [.. of.Labels, type]) { Value = limit });
                }
            }
        }
    }
}
