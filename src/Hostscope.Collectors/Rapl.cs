using Hostscope.Collectors.Proc;
using Hostscope.Model;

namespace Hostscope.Collectors;

/// <summary>
/// Energy used by the processor and its parts, from the counters of RAPL in /sys/class/powercap. Read on the sampling
/// thread: it takes microseconds, and a counter must be read when its frame says.
/// </summary>
/// <remarks>
/// Documentation/power/powercap/powercap.rst, in millionths of a joule. The counter wraps at max_energy_range_uj, after
/// about an hour; the power is then absent once. Since Linux 5.10 only root may read it:
/// <code>
/// /sys/class/powercap/intel-rapl:0/name         package-0
/// /sys/class/powercap/intel-rapl:0/energy_uj    118438283
/// /sys/class/powercap/intel-rapl:0:1/name       dram
/// /sys/class/powercap/intel-rapl:0:1/energy_uj  20431883
/// </code>
/// </remarks>
internal sealed class Rapl : ICollector
{
    private static readonly CollectResult NotHere = CollectResult.Unavailable(
        "The processor has no energy counters that its kernel knows (RAPL), as is usual in a virtual machine.");

    private static readonly CollectResult NotOurs = CollectResult.Unavailable(
        "The energy counters (/sys/class/powercap, energy_uj) may be read by root only.",
        "Run as root, or give the user read access: chmod g+r, or a udev rule.");

    private readonly CollectorContext _context;
    private readonly SysFolder _folder;
    private readonly NameTable<Zone> _zones;
    private readonly Action<Zone> _read;
    private int _given;
    private int _refused;

    public Rapl(CollectorContext context)
    {
        _context = context;
        _folder = new SysFolder(context.Files, $"{context.Roots.Sys}/class/powercap");
        _zones = new(name => new Zone(_folder, name, context));
        _read = Read;
    }

    /// <inheritdoc/>
    public string Name => "rapl";

    /// <inheritdoc/>
    public CollectResult Collect()
    {
        if (!_folder.Exists)
        {
            return NotHere;
        }

        _given = _refused = 0;
        _ = _folder.Visit("intel-rapl:"u8, _zones, _read);
        return _given > 0 ? CollectResult.Ok : _refused > 0 ? NotOurs : NotHere;
    }

    private void Read(Zone zone)
    {
        var read = zone.File.Read(_context.Buffer, out var microjoules);
        _refused += read.Status == ReadStatus.Denied ? 1 : 0;
        if (microjoules >= 0)
        {
            _given++;
            zone.Energy.Set(microjoules);
        }
    }

    private sealed class Zone
    {
        public Zone(SysFolder powercap, string id, CollectorContext context)
        {
            var folder = powercap.Folder(id);
            File = folder.Number("energy_uj");
            var name = folder.Text("name", context.Buffer) ?? id;

            // intel-rapl:0:1 is a part of intel-rapl:0, and every package has one of the same name.
            var parent = id.LastIndexOf(':') is var colon && id.IndexOf(':', StringComparison.Ordinal) != colon
                ? powercap.Folder(id[..colon]).Text("name", context.Buffer)
                : null;
            Energy = context.Builder.Define(Metrics.Energy, id, parent is null ? name : $"{parent}/{name}");
        }

        public SysNumber File { get; }

        public SeriesCell Energy { get; }
    }
}
