using System.Globalization;
using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors.Slow;

/// <summary>
/// What /sys/class/net says of each interface besides the values of <see cref="Links"/>: settings that seldom change
/// and that only <c>/metrics</c> passes on. Read seldom, and not on the sampling thread, for the same lock.
/// </summary>
/// <remarks>
/// Documentation/ABI/testing/sysfs-class-net. Numbers are decimal, or hexadecimal with 0x; some attributes cannot be
/// read (EINVAL) while an interface is switched off, and <c>duplex</c> only of some drivers:
/// <code>
/// /sys/class/net/eth0/operstate     up
/// /sys/class/net/eth0/address       02:fc:00:00:00:01
/// /sys/class/net/eth0/flags         0x1003
/// /sys/class/net/eth0/tx_queue_len  1000
/// /sys/class/net/eth0/duplex        full
/// </code>
/// </remarks>
internal sealed class LinkAttributes : SlowCollector
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Files that hold a number, and what it is called outside.</summary>
    private static readonly (string File, string Attribute)[] Numbers =
    [
        ("addr_assign_type", "address_assign_type"),
        ("dev_id", "device_id"),
        ("dormant", "dormant"),
        ("flags", "flags"),
        ("ifindex", "iface_id"),
        ("iflink", "iface_link"),
        ("link_mode", "iface_link_mode"),
        ("name_assign_type", "name_assign_type"),
        ("netdev_group", "net_dev_group"),
        ("type", "protocol_type"),
        ("tx_queue_len", "transmit_queue_length"),
    ];

    private static readonly CollectResult NotHere =
        CollectResult.Unavailable("There is no /sys/class/net here.", "In a container, mount the host's /sys.");

    private readonly SysFolder _folder;
    private readonly NameTable<Link> _links;
    private readonly Action<Link> _read;
    private List<SlowValue> _values = [];

    public LinkAttributes(CollectorContext context)
        : base(context, "netclass", Period)
    {
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/net");
        _links = new(name => new Link(_folder.Folder(name), name));
        _read = link => link.Read(Buffer, _values);
    }

    /// <summary>Reads the number of an attribute: <c>1000</c>, <c>-1</c>, <c>0x1003</c>.</summary>
    /// <param name="text">The content of the file, trimmed; <c>null</c> when it could not be read.</param>
    /// <returns>The number; <see cref="Frame.Absent"/> when it is none.</returns>
    internal static long ParseNumber(string? text)
    {
        var isHex = text?.StartsWith("0x", StringComparison.Ordinal) == true;
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
        return long.TryParse(isHex ? text.AsSpan(2) : text, style, CultureInfo.InvariantCulture, out var number)
            ? number
            : Frame.Absent;
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
        private readonly SlowValue[] _numbers = Array.ConvertAll(
            Numbers, number => new SlowValue(Metrics.LinkAttribute, name, number.Attribute));

        private readonly SlowValue _up = new(Metrics.LinkAttribute, name, "up");
        private readonly SlowValue _wentUp = new(Metrics.LinkTransitions, name, "up");
        private readonly SlowValue _wentDown = new(Metrics.LinkTransitions, name, "down");
        private SlowValue? _info;

        public void Read(ReadBuffer buffer, List<SlowValue> values)
        {
            var state = folder.Text("operstate", buffer);
            if (state is null)
            {
                return; // A file such as bonding_masters, or an interface that has just gone.
            }

            for (var i = 0; i < _numbers.Length; i++)
            {
                _numbers[i].Value = ParseNumber(folder.Text(Numbers[i].File, buffer));
            }

            _up.Value = state == "up" ? 1 : 0;
            _wentUp.Value = ParseNumber(folder.Text("carrier_up_count", buffer));
            _wentDown.Value = ParseNumber(folder.Text("carrier_down_count", buffer));
            values.AddRange(_numbers);
            values.Add(_up);
            values.Add(_wentUp);
            values.Add(_wentDown);
            values.Add(Info(
                name,
                folder.Text("address", buffer) ?? "",
                folder.Text("broadcast", buffer) ?? "",
                folder.Text("duplex", buffer) ?? "",
                folder.Text("ifalias", buffer) ?? "",
                state));
        }

        /// <summary>The words as labels of a series that is always 1; other words are another series.</summary>
        private SlowValue Info(params string[] labels)
        {
            if (_info is null || !_info.Labels.SequenceEqual(labels))
            {
                _info = new SlowValue(Metrics.LinkInfo, labels) { Value = 1 };
            }

            return _info;
        }
    }
}
