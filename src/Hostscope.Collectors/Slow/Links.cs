using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// Carrier, speed and size of packets of each network interface, from /sys/class/net. To tell its speed a driver is
/// asked under the lock of all network configuration, which may be held for long.
/// </summary>
/// <remarks>
/// Documentation/ABI/testing/sysfs-class-net. The speed is in Mbit/s, -1 when the driver does not know; it and the
/// carrier cannot be read (EINVAL) while an interface is switched off:
/// <code>
/// /sys/class/net/eth0/carrier          1
/// /sys/class/net/eth0/speed            1000
/// /sys/class/net/eth0/carrier_changes  3
/// /sys/class/net/eth0/mtu              1500
/// </code>
/// </remarks>
internal sealed class Links : SlowCollector
{
    private const long BytesPerMegabit = 125_000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("There is no /sys/class/net here.", "In a container, mount the host's /sys.");

    private readonly SysFolder _folder;
    private readonly NameTable<Link> _links;
    private readonly Action<Link> _read;
    private List<SlowValue> _values = [];

    public Links(CollectorContext context)
        : base(context, "links", Period)
    {
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/net");
        _links = new(name => new Link(_folder.Folder(name), name));
        _read = link => link.Read(Buffer, _values);
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
        return _folder.Visit(default, _links, _read).IsOk ? CollectResult.Ok : NotHere;
    }

    private sealed class Link(SysFolder folder, string name)
    {
        private readonly SlowValue _up = new(Metrics.LinkUp, name);
        private readonly SlowValue _speed = new(Metrics.LinkSpeed, name);
        private readonly SlowValue _changes = new(Metrics.LinkChanges, name);
        private readonly SlowValue _mtu = new(Metrics.LinkMtu, name);
        private readonly SysNumber _upFile = folder.Number("carrier");
        private readonly SysNumber _speedFile = folder.Number("speed");
        private readonly SysNumber _changesFile = folder.Number("carrier_changes");
        private readonly SysNumber _mtuFile = folder.Number("mtu");

        public void Read(ReadBuffer buffer, List<SlowValue> values)
        {
            var carrier = _upFile.Read(buffer, out var up);
            _up.Value = carrier.Error == Errno.Invalid ? 0 : up;
            var megabits = _speedFile.Value(buffer);
            _speed.Value = megabits > 0 ? Fields.Times(megabits, BytesPerMegabit) : Frame.Absent;
            _changes.Value = _changesFile.Value(buffer);
            _mtu.Value = _mtuFile.Value(buffer);
            values.Add(_up);
            values.Add(_speed);
            values.Add(_changes);
            values.Add(_mtu);
        }
    }
}
