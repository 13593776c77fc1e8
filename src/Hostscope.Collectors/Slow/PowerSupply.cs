using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// Batteries and mains supplies, from /sys/class/power_supply. A laptop's battery is asked through its embedded
/// controller, which may take a tenth of a second.
/// </summary>
/// <remarks>
/// Documentation/ABI/testing/sysfs-class-power. Power in millionths of a watt; batteries that measure current instead
/// give it and the voltage, in millionths as well:
/// <code>
/// /sys/class/power_supply/BAT0/type         Battery
/// /sys/class/power_supply/BAT0/status       Discharging
/// /sys/class/power_supply/BAT0/capacity     87
/// /sys/class/power_supply/BAT0/power_now    7410000
/// /sys/class/power_supply/BAT0/model_name   DELL 1VX1H93
/// /sys/class/power_supply/AC/type           Mains
/// /sys/class/power_supply/AC/online         0
/// </code>
/// </remarks>
internal sealed class PowerSupply : SlowCollector
{
    /// <summary>Batteries update their values every few seconds, and asking them costs energy.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("This machine has no battery and no power supply that its kernel knows.");

    private readonly SysFolder _folder;
    private readonly NameTable<Supply> _supplies;
    private readonly Action<Supply> _read;
    private List<SlowValue> _values = [];

    public PowerSupply(CollectorContext context)
        : base(context, "power_supply", Period)
    {
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/power_supply");
        _supplies = new(name => new Supply(_folder.Folder(name), name, Buffer));
        _read = supply => supply.Read(Buffer, _values);
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
        var listed = _folder.Visit(default, _supplies, _read);
        return listed.IsOk && _supplies.Count > 0 ? CollectResult.Ok : NotHere;
    }

    private sealed class Supply
    {
        /// <summary>States as they are shown, and as the kernel writes them.</summary>
        private static readonly (string Shown, string Kernel)[] States =
        [
            ("charging", "Charging"),
            ("discharging", "Discharging"),
            ("full", "Full"),
            ("not_charging", "Not charging"),
        ];

        private readonly SysFolder _folder;
        private readonly bool _isBattery;
        private readonly SlowValue _online;
        private readonly SlowValue _charge;
        private readonly SlowValue _power;
        private readonly SlowValue[] _states;
        private readonly SysNumber _onlineFile;
        private readonly SysNumber _capacityFile;
        private readonly SysNumber _powerFile;
        private readonly SysNumber _voltageFile;
        private readonly SysNumber _currentFile;

        public Supply(SysFolder folder, string id, ReadBuffer buffer)
        {
            _folder = folder;
            _isBattery = folder.Text("type", buffer) is "Battery" or "UPS";
            var name = folder.Text("model_name", buffer) ?? id;
            _online = new SlowValue(Metrics.MainsOnline, id);
            _charge = new SlowValue(Metrics.BatteryCharge, id, name);
            _power = new SlowValue(Metrics.Power, id, name, "battery");
            _states = Array.ConvertAll(States, state => new SlowValue(Metrics.BatteryState, id, name, state.Shown));
            _onlineFile = folder.Number("online");
            _capacityFile = folder.Number("capacity");
            _powerFile = folder.Number("power_now");
            _voltageFile = folder.Number("voltage_now");
            _currentFile = folder.Number("current_now");
        }

        public void Read(ReadBuffer buffer, List<SlowValue> values)
        {
            if (!_isBattery)
            {
                _online.Value = _onlineFile.Value(buffer);
                values.Add(_online);
                return;
            }

            var capacity = _capacityFile.Value(buffer);
            _charge.Value = capacity is >= 0 and <= 100 ? capacity : Frame.Absent;
            _power.Value = ReadPower(buffer);
            values.Add(_charge);
            values.Add(_power);
            var status = _folder.Text("status", buffer);
            var isKnown = Array.Exists(States, state => state.Kernel == status);
            for (var i = 0; i < States.Length; i++)
            {
                _states[i].Value = !isKnown ? Frame.Absent : States[i].Kernel == status ? 1 : 0;
                values.Add(_states[i]);
            }
        }

        /// <summary>Drivers do not agree on the sign; the state tells the direction.</summary>
        private long ReadPower(ReadBuffer buffer)
        {
            var power = _powerFile.Value(buffer);
            if (power != Frame.Absent)
            {
                return Math.Abs(power);
            }

            var voltage = _voltageFile.Value(buffer);
            var current = _currentFile.Value(buffer);
            return voltage is Frame.Absent or < 0 || current == Frame.Absent
                ? Frame.Absent
                : (long)((Int128)voltage * Math.Abs(current) / 1_000_000);
        }
    }
}
